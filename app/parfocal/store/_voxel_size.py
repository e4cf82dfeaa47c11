"""Find the size of a voxel, and say where the number is from.

The first source that is finite and above zero wins, and its name is the answer's `source`:

1. `component:PATH` — the component itself: NGFF coordinateTransformations, then older keys; for a
   level that says nothing, the size of the image that lists it, times how much coarser it is
2. `component:ANCESTOR` — what it was made from, the nearest first
3. `store_metadata` — `parfocal/metadata` (older: `clearex/metadata`), then `parfocal/run`
4. `root_attrs`
5. `component_KIND:PATH`, `store_metadata_KIND`, `root_attrs_KIND`, `store_file_KIND` — the
   acquisition's record; KIND is `ome_xml`, `bdv` or `navigate`
6. `default` — 1, 1, 1, which nobody measured: show it as a warning

A person's correction is written where 1 reads it, and `parfocal/metadata` keeps what was there
before, when and why; the source is `user_correction` then.

What a store says as a whole (3 to 5) is about full resolution, and a level's size follows from it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from parfocal.store._acquisition_record import (
    OME_XML_FILE,
    file_spacing,
    record_spacings,
    series_number,
)
from parfocal.store._component import BASE, Components, join, normal
from parfocal.store._errors import StoreError
from parfocal.store._layout import EXTRAS, RUN
from parfocal.store._legacy_scale import legacy_spacings
from parfocal.store._lineage import Lineage, trace
from parfocal.store._ngff import image_paths
from parfocal.store._ngff_scale import level_spacing, multiscales_of
from parfocal.store._results_place import real_place
from parfocal.store._spacing import Factors, Spacing
from parfocal.store._voxel_correction import CORRECTED, Correction, read_corrections

DEFAULT = "default"
STORE_METADATA = (f"{EXTRAS}/metadata", "clearex/metadata")
LEGACY_IMAGES = (BASE, f"clearex/runtime_cache/source/{BASE}")
RESTATED = "voxel_size_resolution_source"
TRANSFORMATIONS = "coordinateTransformations"


@dataclass(frozen=True, slots=True)
class VoxelSize:
    """z, y, x in µm, and the source of the numbers.

    `conflicts` lists every source that was found, this one first, as soon as one disagrees with
    it by more than 0.1 %; `notes` tells what was assumed, skipped and refused on the way.
    """

    z: float
    y: float
    x: float
    source: str
    conflicts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A voxel size, where it is from, and under which key."""

    size: Spacing
    source: str
    key: str
    inherited: bool = False

    def __str__(self) -> str:
        return f"{self.source} ({self.key}): {self.size}"


def resolve_voxel_size(store: Path | str, component: str | None = None) -> VoxelSize:
    """The size of a component's voxels: an image, a level of one, a well, any array.

    Without a component it is the store's first image, and the store's other images take part.
    Nothing is opened for writing.
    """
    root, told = Path(store).absolute(), list[str]()
    components = Components(root, told)
    if not root.is_dir() or not components.holds(""):
        raise StoreError(f"{root} is no Zarr store")
    asked = "" if component is None else real_place(root, normal(component))
    if not components.holds(asked):
        raise StoreError(f"{root} holds no component '{asked}'")
    first, *others = _images(components, asked) or [asked]
    lineage = trace(components, first, told)
    found = list(_all_found(components, first, lineage, told))
    products_of = bool(found) and _restates(components, first, lineage)
    rivals = [one for one in found if not (products_of and one.inherited)]
    corrections = _corrections(components, lineage, found)
    rivals = [one for one in rivals if not _superseded(one, corrections)]
    if component is None:
        rivals += _of_other_images(components, others)
    answer = _answer(rivals or found, told)
    if corrections:
        notes = (*answer.notes, corrections[-1].sentence)
        return replace(answer, source=CORRECTED, notes=notes)
    return _marked(answer, components)


def _corrections(
    components: Components, lineage: Lineage, found: list[Found]
) -> tuple[Correction, ...]:
    """The corrections by hand, while the component still says what the newest one made of it."""
    told = read_corrections(components, lineage.to_base)
    if not told or not found or found[0].inherited:
        return ()
    return told if found[0].size.agrees(told[-1].now) else ()


def _superseded(one: Found, corrections: tuple[Correction, ...]) -> bool:
    """Whether this is what the store said as a whole before it was corrected."""
    return one.inherited and any(one.size.agrees(each.before) for each in corrections)


def _marked(size: VoxelSize, components: Components) -> VoxelSize:
    """With what the run said that it did not know: a plan of one plane has no z step."""
    record = components.attributes(RUN).get(EXTRAS)
    guessed = record.get("voxel_size_guessed") if isinstance(record, Mapping) else None
    if not isinstance(guessed, list) or not guessed:
        return size
    if {"z", "y", "x"} <= set(map(str, guessed)):
        return replace(size, source=DEFAULT)
    axes = ", ".join(map(str, guessed))
    note = f"the size along {axes} is a guess ({DEFAULT}): nobody measured it"
    return replace(size, notes=(*size.notes, note))


def _answer(found: list[Found], told: list[str]) -> VoxelSize:
    notes = list(dict.fromkeys(told))
    if not found:
        return VoxelSize(1.0, 1.0, 1.0, DEFAULT, (), tuple(notes))
    first, *others = found
    conflicts = [str(one) for one in others if not first.size.agrees(one.size)]
    if first.size.z is None:
        notes.append("there is no z axis: the 1 along z stands for nothing")
    z, y, x = first.size.z or 1.0, first.size.y, first.size.x
    both = tuple(dict.fromkeys([str(first), *conflicts])) if conflicts else ()
    return VoxelSize(z, y, x, first.source, both, tuple(notes))


def _all_found(
    components: Components, path: str, lineage: Lineage, told: list[str]
) -> Iterator[Found]:
    yield from _of_components(components, path, lineage, told)
    stored = [components.attributes(place) for place in STORE_METADATA]
    run = components.attributes(RUN)
    root = components.attributes("")
    wide = [*(("store_metadata", one) for one in (*stored, run)), ("root_attrs", root)]
    for source, attributes in wide:
        yield from _of_keys(attributes, source, lineage.to_base, told)
    yield from _of_records(components, lineage, wide, series_number(components, path), told)


def _of_components(
    components: Components, path: str, lineage: Lineage, told: list[str]
) -> Iterator[Found]:
    for one in lineage.relatives:
        source = f"component:{_name(components, path if one.own else one.path)}"
        attributes = components.attributes(one.path)
        size = _ngff(components, one.path, source, told)
        scaled = None if size is None else size.times(one.factors)
        if scaled is not None:
            yield Found(scaled, source, TRANSFORMATIONS, not one.own)
        if one.path:  # the root's own keys have a step of their own
            for key, older in legacy_spacings(attributes, source, told):
                scaled = older.times(one.factors)
                if scaled is not None:
                    yield Found(scaled, source, key, not one.own)


def _of_keys(
    attributes: Mapping[str, Any], source: str, factors: Factors, told: list[str]
) -> Iterator[Found]:
    legacy = attributes.get("legacy")
    for mapping in (attributes, legacy if isinstance(legacy, Mapping) else {}):
        for key, size in legacy_spacings(mapping, source, told):
            scaled = size.times(factors)
            if scaled is not None:
                yield Found(scaled, source, key, True)


def _of_records(
    components: Components,
    lineage: Lineage,
    wide: list[tuple[str, dict[str, Any]]],
    number: int,
    told: list[str],
) -> Iterator[Found]:
    for one in lineage.relatives:
        attributes = components.attributes(one.path) if one.path else {}
        for kind, key, size in record_spacings(attributes, number, one.path, told):
            scaled = size.times(one.to_base)
            if scaled is not None:
                yield Found(scaled, f"component_{kind}:{one.path}", key, True)
    for source, attributes in wide:
        for kind, key, size in record_spacings(attributes, number, source, told):
            scaled = size.times(lineage.to_base)
            if scaled is not None:
                yield Found(scaled, f"{source}_{kind}", key, True)
    written = file_spacing(components, number, told)
    scaled = None if written is None else written.times(lineage.to_base)
    if scaled is not None:
        yield Found(scaled, "store_file_ome_xml", OME_XML_FILE, True)


def _of_other_images(components: Components, paths: list[str]) -> Iterator[Found]:
    """Each size once: a plate whose 384 wells disagree with the first is one conflict."""
    seen: set[Spacing] = set()
    for path in paths:
        source = f"component:{path}"
        size = _ngff(components, path, source, [])
        if size is not None and size not in seen:
            seen.add(size)
            yield Found(size, source, TRANSFORMATIONS)


def _ngff(components: Components, path: str, source: str, told: list[str]) -> Spacing | None:
    """What NGFF says about an image (its full resolution) or about one level of an image."""
    attributes = components.attributes(path)
    for multiscale in multiscales_of(attributes)[:1]:
        return level_spacing(multiscale, 0, source, told)
    listing = components.listing(path)
    if listing is None:
        return None
    return level_spacing(listing.multiscale, listing.number, source, told)


def _restates(components: Components, path: str, lineage: Lineage) -> bool:
    """Whether this is a product that wrote down its own size, knowing that of its ancestors.

    A projection resampled in z differs from its source on purpose; that is no conflict.
    """
    inherits = any(not one.own for one in lineage.relatives)
    attributes = components.attributes(path)
    ours = attributes.get(EXTRAS)
    holders = (attributes, ours if isinstance(ours, Mapping) else {})
    return inherits and any(RESTATED in one for one in holders)


def _images(components: Components, path: str) -> list[str]:
    """The images of a plate, a well or a series; itself when it is none of these."""
    if multiscales_of(components.attributes(path)):
        return [path]
    try:
        below = [normal(join(path, image)) for image in image_paths(components.root / path)]
    except (StoreError, AttributeError, KeyError, TypeError):
        below = []  # a plate's junk; `check` says what is wrong with it
    images = [image for image in below if multiscales_of(components.attributes(image))]
    older = [image for image in LEGACY_IMAGES if not path and components.holds(image)]
    return images or older


def _name(components: Components, path: str) -> str:
    """An image at the root has no path of its own; its full resolution has."""
    return path or components.first_level("") or "."
