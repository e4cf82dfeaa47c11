"""Read the voxel size that an acquisition wrote down as XML: OME-XML, and BDV's SpimData."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from parfocal.store._legacy_scale import short
from parfocal.store._length_units import micrometres
from parfocal.store._spacing import Spacing, spacing

Place = Path | str


def ome_xml_spacing(source: Place, number: int, where: str, told: list[str]) -> Spacing | None:
    """PhysicalSize of the image with this number, in µm; of the first when it has no such image.

    Without a PhysicalSizeZ a stack has no size, and a single slice has one without z.
    """
    first: Spacing | None = None
    for count, pixels in enumerate(_elements(source, "Pixels", where, told)):
        if count > 0 and count != number:
            continue
        sizes = [_physical(pixels, axis) for axis in "ZYX"]
        flat = pixels.get("PhysicalSizeZ") is None and _number(pixels.get("SizeZ", "1")) == 1
        found = spacing(None if flat else sizes[0] or 0.0, sizes[1], sizes[2])
        if found is None and pixels.get("PhysicalSizeX") is not None:
            told.append(f"{where}: the PhysicalSize of image {count} is no voxel size")
        first = first or found
        if count == number:
            return found or first
    return first


def bdv_spacing(source: Place, number: int, where: str, told: list[str]) -> Spacing | None:
    """voxelSize of the view setup with this number, in µm; of the first when there is no such."""
    first: Spacing | None = None
    for setup in _elements(source, "ViewSetup", where, told):
        holder = setup.find("{*}voxelSize")
        if holder is None:
            continue
        unit = (holder.findtext("{*}unit") or "").strip()
        factor = micrometres(unit) if unit else 1.0
        numbers = [_number(text) for text in (holder.findtext("{*}size") or "").split()]
        found = None
        if factor is not None and len(numbers) == 3:
            # BDV writes x y z
            x, y, z = (None if value is None else value * factor for value in numbers)
            found = None if z is None else spacing(z, y, x)
        if found is None:
            told.append(f"{where}: the voxelSize {short(numbers)} {unit} is no voxel size")
        elif not unit:
            told.append(f"{where}: its voxelSize has no unit; µm is assumed")
        first = first or found
        if _number(setup.findtext("{*}id") or "") == number and found is not None:
            return found
    return first


def _physical(pixels: ElementTree.Element, axis: str) -> float | None:
    factor = micrometres(pixels.get(f"PhysicalSize{axis}Unit", "µm"))
    size = _number(pixels.get(f"PhysicalSize{axis}", ""))
    return None if size is None or factor is None else size * factor


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _elements(
    source: Place, name: str, where: str, told: list[str]
) -> Iterator[ElementTree.Element]:
    """Every element of that name, whatever its namespace, as the text is read.

    A plate's OME-XML can be hundreds of MB, so what has been read is dropped on the way.
    """
    try:
        with _opened(source) as stream:
            for _, element in ElementTree.iterparse(stream):
                kind = element.tag.rpartition("}")[2]
                if kind == name:
                    yield element
                if kind in ("Image", "TiffData", "Plane", "StructuredAnnotations", name):
                    element.clear()
    except (ElementTree.ParseError, LookupError, ValueError) as problem:
        told.append(f"{where} is no XML: {problem}")
    except OSError as problem:
        told.append(f"{where} cannot be read: {problem.strerror}")


def _opened(source: Place) -> IO[bytes]:
    if isinstance(source, Path):
        return source.open("rb")
    return BytesIO(source.encode("utf-8", "replace"))
