"""Find what a store of an older layout holds: pixels with positions, levels, results, history."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from parfocal.convert._axes import axes_of
from parfocal.convert._description import (
    UNKNOWN_SIZE,
    Found,
    FoundArray,
    FoundCarried,
    FoundImage,
    Zyx,
)
from parfocal.convert._errors import ConvertError
from parfocal.convert._older_layout import (
    BASES,
    arrays_below,
    groups_below,
    image_places,
    is_array,
    new_links,
    pyramid_of,
)
from parfocal.convert._older_told import NAMESPACE, Told, read_told
from parfocal.convert._source import Open, Wishes
from parfocal.convert._stage_rows import placed, read_calibration, stage_origin
from parfocal.store import (
    ChannelInfo,
    StageAxisMap,
    StageRow,
    StoreError,
    read_attributes,
    resolve_voxel_size,
)

__all__ = ["find_older", "is_older", "with_older"]

CACHE = f"{NAMESPACE}/runtime_cache"
RESULTS_AT_ROOT = "results"
RESULTS = (f"{NAMESPACE}/results", RESULTS_AT_ROOT, f"{CACHE}/results")
NEW_RESULTS = "parfocal/results/legacy"


def is_older(root: Path) -> bool:
    """Whether its pixels lie as `data`, with positions or with a pyramid beside them."""
    base = _base(root)
    if base is None:
        return False
    if base != "data" or pyramid_of(root, base) or _has_results(root):
        return True
    return _dimensions(root / base) == 6


def find_older(root: Path, wishes: Wishes, opened: Open) -> Found:
    """One image, from which `Positions` makes a field for each position."""
    base = _base(root) or "data"
    told = read_told(root)
    array = opened(base)
    axes, guess = axes_of(array.shape, wishes.axes, str(root / base))
    guessed = [guess] if guess and len(array.shape) != 6 else []
    voxel, source = _voxel(root, base, wishes)
    if source == "default":
        guessed.append(UNKNOWN_SIZE)
    warnings: list[str] = []
    first = FoundArray(base, axes, array.shape, array.dtype.str, voxel)
    levels = (first, *_levels(root, first, opened, told, warnings))
    positions = array.shape[axes.index("p")] if "p" in axes else 1
    calibration = _calibration(told, wishes)
    rows = _rows(told.rows, positions, warnings)
    plane = first.canonical[3], first.canonical[4]
    places = tuple((row.field, stage_origin(row, plane, voxel, calibration)) for row in rows)
    name = root.name.removesuffix(".zarr").removesuffix(".ome") or "images"
    _, own = read_attributes(root / base)
    image = FoundImage(
        path=base,
        name=name,
        levels=levels,
        channels=tuple(ChannelInfo(one) for one in told.channels(root, first.canonical[1])),
        voxel_um=voxel,
        voxel_source=source,
        guessed_axes=("z", "y", "x") if source == "default" else (),
        attributes={"legacy": own} if own else {},
        positions=places,
        origin_um=places[0][1] if places and positions == 1 else (0.0, 0.0, 0.0),
    )
    layout = f"{base} + {Path(base).parent / 'data_pyramid'}" if len(levels) > 1 else base
    found = Found(
        kind="older store",
        name=name,
        images=(image,),
        guessed=tuple(guessed),
        warnings=tuple(warnings),
        stage_rows=rows,
        calibration=calibration,
        experiment=told.experiment,
    )
    return _with_rest(root, found, opened, told, f"{layout} ({axes})", [positions])


def with_older(root: Path, found: Found, opened: Open, wishes: Wishes) -> Found:
    """Images that NGFF names, and what lies beside them: the older namespace, results, the rest."""
    layout = f"images + {NAMESPACE}"
    if not (root / NAMESPACE).is_dir():
        if not _has_results(root):
            return replace(found, warnings=(*found.warnings, *_left_out(root, found, {})))
        layout = "images + results"
    told = read_told(root)
    warnings = []
    if is_array(root / BASES[0]):
        warnings.append(f"{root / BASES[0]} is left out: it is the cache from which the images are")
    rows = _rows(told.rows, len(found.images), [])
    images = found.images
    if rows and wishes.stage_axes is not None:
        images = (
            tuple(
                placed(image, row, wishes.stage_axes)
                for image, row in zip(images, rows, strict=False)
            )
            + images[len(rows) :]
        )
    found = replace(
        found,
        images=images,
        stage_rows=tuple(
            replace(row, field=image.name) for row, image in zip(rows, found.images, strict=False)
        ),
        calibration=_calibration(told, wishes if rows else Wishes()),
        experiment=told.experiment,
        warnings=(*found.warnings, *warnings),
    )
    return _with_rest(root, found, opened, told, layout, [1] * len(found.images))


def _with_rest(
    root: Path, found: Found, opened: Open, told: Told, layout: str, counts: list[int]
) -> Found:
    """Results, and what every group says of itself; paths in copied attributes are the new ones."""
    levels = {level.key for image in found.images for level in image.levels}
    names = {key: new for key, new in _new_names(root) if key not in levels}
    places: dict[str, list[str]] = {key: [new] for key, new in names.items()}
    for key, new in names.items():  # the groups that hold them
        old_group, new_group = key.rpartition("/")[0], new.rpartition("/")[0]
        while old_group.rpartition("/")[2] == new_group.rpartition("/")[2]:
            places.setdefault(old_group, [new_group])
            old_group, new_group = old_group.rpartition("/")[0], new_group.rpartition("/")[0]
    for image, fields in zip(found.images, image_places(found.images, counts), strict=True):
        for number, level in enumerate(image.levels):
            places[level.key] = [f"{field}/{number}" for field in fields]
    places.setdefault("data", places.get(BASES[0], []) or ["data"])
    carried, refused = [], list(found.refused)
    for key, new in names.items():
        try:
            array = opened(key)
        except ConvertError as problem:
            refused.append((key, str(problem)))
            continue
        if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
            refused.append((key, f"its values are of type {array.dtype}"))
            continue
        _, own = read_attributes(root / key)
        dtype = array.dtype.str
        carried.append(FoundCarried(key, new, array.shape, dtype, new_links(own, places)))
    groups = {}
    for group, attributes in groups_below(root):
        if group in places and places[group][0].startswith(NEW_RESULTS):
            groups[places[group][0]] = new_links(attributes, places)
    legacy = {
        **told.attributes,
        "migrated_from_store": root.absolute().as_uri(),
        "legacy_layout": layout,
        "groups": {group or "/": attributes for group, attributes in groups_below(root)},
    }
    warnings = _left_out(root, found, names)
    return replace(
        found,
        legacy={**found.legacy, **legacy},
        carried=tuple(carried),
        groups=groups,
        refused=tuple(refused),
        warnings=(*found.warnings, *warnings),
    )


def _has_results(root: Path) -> bool:
    """Whether it has results as stores had them before the namespace."""
    return next(arrays_below(root, RESULTS_AT_ROOT), None) is not None


def _left_out(root: Path, found: Found, names: Mapping[str, str]) -> list[str]:
    images = found.images
    levels = {level.key for image in images for level in image.levels}
    # of labels that do not come over it is said elsewhere
    labels = tuple(f"{image.path}/labels/".lstrip("/") for image in images)
    known = (f"{CACHE}/source/", *labels)
    return [
        f"the array {root / key} is no image and no result; it is left out"
        for key in arrays_below(root)
        if key not in levels and key not in names and not key.startswith(known)
    ]


def _new_names(root: Path) -> Iterator[tuple[str, str]]:
    """The arrays of results and where they come to lie."""
    taken: set[str] = set()
    for folder in RESULTS:
        for key in arrays_below(root, folder):
            name = f"{NEW_RESULTS}/{key.removeprefix(folder).strip('/')}"
            if name in taken or any(one.startswith(f"{name}/") for one in taken):
                name = f"{NEW_RESULTS}/{key}"
            taken.add(name)
            yield key, name


def _levels(
    root: Path, first: FoundArray, opened: Open, told: Told, warnings: list[str]
) -> Iterator[FoundArray]:
    """The pyramid, as far as it covers the same pixels."""
    whole = resolve_voxel_size(root, first.key)
    for number, key in enumerate(pyramid_of(root, first.key), 1):
        array = opened(key)
        by = told.factors(number)
        if by is None:
            size = resolve_voxel_size(root, key)
            by = size.z / whole.z, size.y / whole.y, size.x / whole.x
        z, y, x = (one * factor for one, factor in zip(first.scale, by, strict=True))
        level = FoundArray(key, first.axes, array.shape, array.dtype.str, (z, y, x))
        if level.dtype != first.dtype or not _covers(level, first):
            warnings.append(f"the level {root / key} does not fit its pixels; it is left out")
            return
        yield level


def _covers(level: FoundArray, first: FoundArray) -> bool:
    around = len(first.axes) - 3
    if first.axes[around:] != "zyx" or len(level.shape) != len(first.shape):
        return False
    if level.shape[:around] != first.shape[:around]:
        return False
    return all(
        abs(mine * size - whole * other) <= max(size, other)
        for mine, size, whole, other in zip(
            level.shape[around:], level.scale, first.shape[around:], first.scale, strict=True
        )
    )


def _rows(rows: list[Mapping[str, float]], count: int, warnings: list[str]) -> tuple[StageRow, ...]:
    if rows and len(rows) != count:
        warnings.append(f"it has {len(rows)} stage rows for {count} positions")
    return tuple(StageRow(f"position {n}", **row) for n, row in enumerate(rows[:count]))


def _calibration(told: Told, wishes: Wishes) -> StageAxisMap | None:
    """A person's word before the store's own."""
    return wishes.stage_axes or read_calibration(told.attributes.get("spatial_calibration"))


def _voxel(root: Path, base: str, wishes: Wishes) -> tuple[Zyx, str]:
    if wishes.voxel_um is not None:
        return wishes.voxel_um, "asked for"
    try:
        size = resolve_voxel_size(root, base)
    except StoreError:
        return (1.0, 1.0, 1.0), "default"
    return (size.z, size.y, size.x), size.source


def _base(root: Path) -> str | None:
    return next((base for base in BASES if is_array(root / base)), None)


def _dimensions(array: Path) -> int:
    import json

    for name in (".zarray", "zarr.json"):
        if (array / name).is_file():
            told = json.loads((array / name).read_text(encoding="utf-8"))
            return len(told.get("shape", ()))
    return 0
