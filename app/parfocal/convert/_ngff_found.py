"""Find what an OME-Zarr store of any version holds: images, wells, labels, and all that it says."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from parfocal.convert._description import (
    CANONICAL,
    UNKNOWN_SIZE,
    Found,
    FoundArray,
    FoundImage,
    FoundLabels,
)
from parfocal.convert._errors import ConvertError
from parfocal.convert._source import Open
from parfocal.store import (
    Image,
    StoreError,
    channel_infos,
    find_images,
    micrometres,
    origin_um,
    read_attributes,
    read_image,
    resolve_voxel_size,
    row_name,
    time_step,
)

__all__ = ["find_ngff"]

LABELS = "labels"
MOST_ROWS = 2**10
# What is written anew in the words of NGFF 0.5; everything else is carried as it is
OURS = ("ome", "multiscales", "omero", "image-label", "labels", "plate", "well")


def find_ngff(root: Path, opened: Open) -> Found:
    """Every image of the store; what cannot be carried over is told with the reason."""
    images: list[FoundImage] = []
    refused: list[tuple[str, str]] = []
    warnings: list[str] = []
    wells, plate = _wells(root)
    found = find_images(root)
    for image in found:
        try:
            images.append(_image(root, image, wells, opened, warnings))
        except (ConvertError, StoreError) as problem:
            refused.append((image.path or "/", str(problem)))
    version = found[0].version if found else "?"
    unsaid = any(one.guessed_axes for one in images)
    return Found(
        kind=f"OME-Zarr {version}",
        name=_name(root),
        images=tuple(images),
        plate=plate,
        legacy=dict(_all_attributes(root, found)),
        guessed=(*((UNKNOWN_SIZE,) if unsaid else ()), *_unsaid_times(found)),
        warnings=tuple(warnings),
        refused=tuple(refused),
    )


def _image(
    root: Path, image: Image, wells: Mapping[str, str], opened: Open, warnings: list[str]
) -> FoundImage:
    group = root / image.path
    axes = "".join(axis.name for axis in image.axes)
    _refuse_axes(group, [axis.name for axis in image.axes])
    levels = tuple(_levels(root, image, axes, opened, warnings))
    voxel = resolve_voxel_size(root, image.path or None)
    if voxel.source == "default":
        warnings += voxel.notes
    count = levels[0].canonical[1]
    return FoundImage(
        path=image.path,
        name=image.name or image.path or root.name.partition(".")[0],
        levels=levels,
        channels=channel_infos(group, count),
        voxel_um=(voxel.z, voxel.y, voxel.x),
        voxel_source=voxel.source,
        voxel_conflicts=voxel.conflicts,
        guessed_axes=("z", "y", "x") if voxel.source == "default" else (),
        origin_um=origin_um(image),
        time_step_s=time_step(image),
        well=wells.get(image.path.rpartition("/")[0]),
        method=_method(group),
        labels=tuple(_labels(root, image, levels, opened, warnings)),
        attributes=_others(group),
    )


def _unsaid_times(images: list[Image]) -> Iterator[str]:
    """A time step without a unit, once for all images."""
    for image in images:
        bare = any(axis.name == "t" and not axis.unit for axis in image.axes)
        if bare and image.levels and time_step(image) is not None:
            yield "the time step has no unit: seconds were taken"
            return


def _levels(
    root: Path, image: Image, axes: str, opened: Open, warnings: list[str]
) -> Iterator[FoundArray]:
    if not image.levels:
        raise ConvertError(f"the image {root / image.path} names no array")
    factors = {
        axis.name: (micrometres(axis.unit) if axis.unit else 1.0) or 0.0 for axis in image.axes
    }
    for number, level in enumerate(image.levels):
        key = f"{image.path}/{level.path}" if image.path else level.path
        if level.shape is None:
            if number == 0:
                raise ConvertError(f"the array {root / key} is not there")
            warnings.append(f"the level {root / key} is listed and not there; it is left out")
            continue
        array = opened(key)
        if len(array.shape) != len(axes):
            raise ConvertError(f"the array {root / key} has {len(array.shape)} axes, not {axes}")
        voxel = resolve_voxel_size(root, key)
        start = dict(zip(axes, level.translation or (), strict=False))
        z, y, x = (start.get(axis, 0.0) * factors.get(axis, 1.0) for axis in "zyx")
        yield FoundArray(
            key, axes, array.shape, array.dtype.str, (voxel.z, voxel.y, voxel.x), (z, y, x)
        )


def _labels(
    root: Path, image: Image, of: tuple[FoundArray, ...], opened: Open, warnings: list[str]
) -> Iterator[FoundLabels]:
    """Those that are listed, and those that only lie there.

    Validators want labels to have as many levels as their image. Where they have others only the
    finest comes over, and the store makes the coarser ones.
    """
    folder = root / image.path / LABELS
    if not folder.is_dir():
        return
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    for name in names:
        path = f"{image.path}/{LABELS}/{name}" if image.path else f"{LABELS}/{name}"
        try:
            labels = read_image(root, path)
        except (AttributeError, KeyError, TypeError, ValueError):
            warnings.append(f"the labels {root / path} are left out: their metadata makes no sense")
            continue
        if labels is None:
            continue
        axes = "".join(axis.name for axis in labels.axes)
        try:
            _refuse_axes(root / path, [axis.name for axis in labels.axes])
            levels = tuple(_levels(root, labels, axes, opened, warnings))
        except (ConvertError, StoreError) as problem:
            warnings.append(f"the labels {root / path} are left out: {problem}")
            continue
        if levels[0].dtype[1] not in "iub":
            warnings.append(f"the labels {root / path} are {levels[0].dtype} and no whole numbers")
            continue
        if _planes(levels[0]) != _planes(of[0]):
            warnings.append(f"the labels {root / path} have another size than their image")
            continue
        if [_planes(one) for one in levels] != [_planes(one) for one in of]:
            levels = levels[:1]
        _, attributes = read_attributes(root / path)
        ome = attributes.get("ome", attributes)
        told = ome.get("image-label") if isinstance(ome, dict) else None
        said = told if isinstance(told, dict) else {}
        kept = {key: value for key, value in said.items() if key not in ("version", "source")}
        yield FoundLabels(name, levels, kept, _others(root / path))


def _planes(array: FoundArray) -> tuple[int, ...]:
    t, _, z, y, x = array.canonical
    return t, z, y, x


def _wells(root: Path) -> tuple[dict[str, str], tuple[int, int] | None]:
    """The canonical name of each well of a plate by its path, and the plate's size."""
    _, attributes = read_attributes(root)
    ome = attributes.get("ome", attributes)
    plate = ome.get("plate") if isinstance(ome, dict) else None
    if not isinstance(plate, dict):
        return {}, None
    rows, columns = plate.get("rows", []), plate.get("columns", [])
    if not isinstance(rows, list) or not isinstance(columns, list):
        raise ConvertError(f"the plate {root} does not say which rows and columns it has")
    names, most = {}, (len(rows), len(columns))
    for well in plate.get("wells", []):
        path = str(well["path"])
        row, column = _place(well, path, rows, columns)
        if not 0 <= row < MOST_ROWS or not 0 <= column < MOST_ROWS:
            raise ConvertError(f"the plate {root} says that its well {path} is at {row}, {column}")
        names[path] = f"{row_name(row)}/{column + 1}"
        most = max(most[0], row + 1), max(most[1], column + 1)
    return names, most


def _place(
    well: Mapping[str, Any], path: str, rows: list[Any], columns: list[Any]
) -> tuple[int, int]:
    if isinstance(well.get("rowIndex"), int) and isinstance(well.get("columnIndex"), int):
        return well["rowIndex"], well["columnIndex"]
    row, _, column = path.partition("/")
    try:
        names = [str(each["name"]) for each in rows], [str(each["name"]) for each in columns]
        return names[0].index(row), names[1].index(column)
    except (KeyError, TypeError, ValueError) as problem:
        raise ConvertError(f"the plate does not say where its well {path} is") from problem


def _refuse_axes(group: Path, names: list[str]) -> None:
    if not {"y", "x"} <= set(names) <= set(CANONICAL) or len(set(names)) != len(names):
        raise ConvertError(f"{group} has the axes {', '.join(names)}; only t, c, z, y, x are known")


def _method(group: Path) -> dict[str, Any]:
    """How its levels were made, where it says so."""
    _, attributes = read_attributes(group)
    ome = attributes.get("ome", attributes)
    scales = ome.get("multiscales") if isinstance(ome, dict) else None
    first = scales[0] if isinstance(scales, list) and scales else {}
    return {key: first[key] for key in ("type", "metadata") if first.get(key)}


def _others(group: Path) -> dict[str, Any]:
    _, attributes = read_attributes(group)
    return {key: value for key, value in attributes.items() if key not in OURS}


def _all_attributes(root: Path, images: list[Image]) -> Iterator[tuple[str, Any]]:
    """What every group says, untouched, by its path."""
    paths = {""}
    for image in images:
        parts = image.path.split("/") if image.path else []
        paths |= {"/".join(parts[:n]) for n in range(1, len(parts) + 1)}
    for path in sorted(paths):
        if any((root / path / name).is_file() for name in ("zarr.json", ".zattrs")):
            _, attributes = read_attributes(root / path)
            if attributes:
                yield path or "/", attributes


def _name(root: Path) -> str:
    return root.name.removesuffix(".zarr").removesuffix(".ome") or "images"
