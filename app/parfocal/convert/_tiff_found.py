"""Find what a TIFF file holds: its series, their axes, and what OME-XML or ImageJ say of them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from parfocal.convert._axes import axes_of
from parfocal.convert._description import UNKNOWN_SIZE, Found, FoundArray, FoundImage, Zyx
from parfocal.convert._errors import ConvertError
from parfocal.convert._imagej import imagej_time_step, imagej_voxel
from parfocal.convert._ome_xml import OmeImage, read_ome_xml
from parfocal.convert._source import Wishes
from parfocal.convert._stage_rows import stage_origin
from parfocal.store import ChannelInfo

__all__ = ["find_tiff", "series_axes"]

# What tifffile calls an axis that nobody named
UNNAMED = "QIRPVHLAEFM"
MOST_COLOURS = 4
WITHOUT_Z = " without z"


def find_tiff(path: Path, file: Any, wishes: Wishes) -> Found:
    """Every series is a field; a series without two axes of pixels is told among the refused."""
    guessed: list[str] = []
    refused: list[tuple[str, str]] = []
    told = read_ome_xml(file.ome_metadata) if file.is_ome and file.ome_metadata else ()
    images = []
    for number, series in enumerate(file.series):
        try:
            axes = series_axes(series, wishes.axes, f"series {number} of {path}", guessed)
        except ConvertError as problem:
            refused.append((f"series {number}", str(problem)))
            continue
        ome = told[number] if number < len(told) else None
        images.append(_image(path, file, number, series, axes, ome, wishes, guessed))
    kind = "OME-TIFF" if told else "ImageJ TIFF" if file.is_imagej else "TIFF"
    legacy: dict[str, Any] = {}
    if told:
        legacy["ome_xml"] = file.ome_metadata
    if file.is_imagej and file.imagej_metadata:
        legacy["imagej"] = {str(key): _plain(value) for key, value in file.imagej_metadata.items()}
    name = path.name.split(".")[0] or path.name
    return Found(
        kind,
        name,
        tuple(images),
        legacy=legacy,
        guessed=tuple(dict.fromkeys(guessed)),
        refused=tuple(refused),
        calibration=wishes.stage_axes if any(one.place_um for one in told) else None,
    )


def series_axes(series: Any, wished: str | None, what: str, guessed: list[str]) -> str:
    """Letters of tczyx, one for each axis of the series; S (colours of a pixel) is a channel."""
    letters = [letter.lower() for letter in series.axes]
    if wished is not None:
        return axes_of(series.shape, wished, what)[0]
    if "s" in letters and "c" not in letters:
        letters[letters.index("s")] = "c"
    for place, letter in enumerate(letters):
        if letter.upper() in UNNAMED:
            free = next((one for one in "ztc" if one not in letters), None)
            if free is None:
                raise ConvertError(f"{what} has the axes {series.axes}: too many without a name")
            letters[place] = free
            guessed.append(f"an axis of {what} that nobody named was taken as {free}")
    axes = "".join(letters)
    if not {"y", "x"} <= set(axes) <= set("tczyx") or len(set(axes)) != len(axes):
        raise ConvertError(f"{what} has the axes {series.axes}; only t, c, z, y, x are known")
    return axes


def _image(
    path: Path,
    file: Any,
    number: int,
    series: Any,
    axes: str,
    ome: OmeImage | None,
    wishes: Wishes,
    guessed: list[str],
) -> FoundImage:
    voxel, source = _voxel(file, series, ome, wishes)
    unknown: tuple[str, ...] = ()
    if source == "default":
        unknown = ("z", "y", "x")
        guessed.append(UNKNOWN_SIZE)
    elif source.endswith(WITHOUT_Z):
        unknown = ("z",)
        source = source.removesuffix(WITHOUT_Z)
        if "z" in axes:
            guessed.append("nobody says how far the planes are apart: 1 µm was taken")
    level = FoundArray(str(number), axes, tuple(series.shape), series.dtype.str, voxel)
    count = level.canonical[1]
    named = ome.channels if ome is not None and len(ome.channels) == count else ()
    channels = tuple(
        ChannelInfo(one.name or f"channel {n}", one.color) for n, one in enumerate(named)
    ) or tuple(_usual_channels(series, count))
    return FoundImage(
        path=f"series {number}",
        name=(ome.name if ome is not None and ome.name else series.name) or path.name,
        levels=(level,),
        channels=channels,
        voxel_um=voxel,
        voxel_source=source,
        guessed_axes=unknown,
        origin_um=_origin(ome, level, voxel, wishes),
        time_step_s=_time_step(file, ome),
    )


def _usual_channels(series: Any, count: int) -> Iterator[ChannelInfo]:
    colours = ("red", "FF0000"), ("green", "00FF00"), ("blue", "0000FF"), ("alpha", "FFFFFF")
    is_rgb = "S" in series.axes and count <= MOST_COLOURS
    for number in range(count):
        if is_rgb:
            yield ChannelInfo(*colours[number])
        else:
            yield ChannelInfo(f"channel {number}")


def _origin(ome: OmeImage | None, level: FoundArray, voxel: Zyx, wishes: Wishes) -> Zyx:
    """A field lies where its first pixel does."""
    if ome is None or ome.place_um is None:
        return 0.0, 0.0, 0.0
    z, y, x = ome.place_um
    row = {"x": x, "y": y, "z": z, "theta": 0.0, "f": 0.0}
    _, _, _, height, width = level.canonical
    return stage_origin(row, (height, width), voxel, wishes.stage_axes)


def _voxel(file: Any, series: Any, ome: OmeImage | None, wishes: Wishes) -> tuple[Zyx, str]:
    if wishes.voxel_um is not None:
        return wishes.voxel_um, "asked for"
    if ome is not None and any(size for size in ome.voxel_um):
        z, y, x = ome.voxel_um
        lateral = y or x or 1.0
        return _known(z, y or lateral, x or lateral, "ome_xml")
    if file.is_imagej:
        size = imagej_voxel(file.imagej_metadata or {}, *_resolution(series))
        if size is not None:
            return _known(*size, "imagej")
    return (1.0, 1.0, 1.0), "default"


def _known(z: float | None, y: float, x: float, source: str) -> tuple[Zyx, str]:
    if z:
        return (z, y, x), source
    return (1.0, y, x), f"{source}{WITHOUT_Z}"


def _resolution(series: Any) -> tuple[float, float]:
    """Pixels a unit, across and down; 0 where nobody says."""
    found = []
    for name in ("XResolution", "YResolution"):
        tag = series.keyframe.tags.get(name)
        over, under = tag.value if tag is not None else (0, 1)
        found.append(over / under if under else 0.0)
    return found[0], found[1]


def _time_step(file: Any, ome: OmeImage | None) -> float | None:
    if ome is not None:
        return ome.time_step_s
    return imagej_time_step(file.imagej_metadata or {}) if file.is_imagej else None


def _plain(value: Any) -> Any:
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value[:100]]
    return str(value)[:1000]
