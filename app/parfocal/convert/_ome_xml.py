"""Read what OME-XML says of each image: sizes, channels, times and places, in µm and seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from parfocal.convert._description import Zyx
from parfocal.store import ChannelInfo, micrometres

__all__ = ["OmeImage", "read_ome_xml"]

SECONDS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "min": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, slots=True)
class OmeImage:
    """One Image element; what it does not say is None."""

    name: str
    voxel_um: tuple[float | None, float | None, float | None]
    time_step_s: float | None
    channels: tuple[ChannelInfo, ...]
    place_um: Zyx | None
    """Where the stage stood for its first plane: z, y, x."""


def read_ome_xml(text: str) -> tuple[OmeImage, ...]:
    """Every image, in the order of the file; none when it is no OME-XML."""
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        return ()
    return tuple(_image(element) for element in root.iter() if _tag(element) == "Image")


def _image(image: ElementTree.Element) -> OmeImage:
    pixels = next((one for one in image if _tag(one) == "Pixels"), None)
    name = image.get("Name") or image.get("ID") or ""
    if pixels is None:
        return OmeImage(name, (None, None, None), None, (), None)
    size_z, size_y, size_x = (_length(pixels.attrib, f"PhysicalSize{axis}") for axis in "ZYX")
    planes = [one for one in pixels if _tag(one) == "Plane"]
    return OmeImage(
        name,
        (size_z, size_y, size_x),
        _time(pixels.attrib),
        tuple(_channel(one) for one in pixels if _tag(one) == "Channel"),
        _place(planes[0].attrib) if planes else None,
    )


def _channel(element: ElementTree.Element) -> ChannelInfo:
    color = element.get("Color")
    try:
        rgba = None if color is None else int(color) & 0xFFFFFFFF
    except ValueError:
        rgba = None
    # white is what writers put when nobody chose
    chosen = None if rgba is None or rgba >> 8 == 0xFFFFFF else f"{rgba >> 8:06X}"
    return ChannelInfo(element.get("Name") or element.get("ID") or "", chosen)


def _place(plane: Mapping[str, str]) -> Zyx | None:
    z, y, x = (_length(plane, f"Position{axis}") for axis in "ZYX")
    if y is None and x is None:
        return None
    return z or 0.0, y or 0.0, x or 0.0


def _time(pixels: Mapping[str, str]) -> float | None:
    step = _number(pixels.get("TimeIncrement"))
    factor = SECONDS.get(pixels.get("TimeIncrementUnit", "s"))
    return None if not step or factor is None or step < 0 else step * factor


def _length(holder: Mapping[str, str], name: str) -> float | None:
    """A length in µm; one in pixels or in the reference frame is none."""
    value = _number(holder.get(name))
    factor = micrometres(holder.get(f"{name}Unit", "µm"))
    return None if value is None or factor is None else value * factor


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]
