"""Follow a component to what it was made from, and keep how much coarser it became on the way."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from parfocal.store._component import Components, join, normal
from parfocal.store._errors import StoreError
from parfocal.store._layout import EXTRAS
from parfocal.store._legacy_scale import own_mappings, short
from parfocal.store._results_place import real_place
from parfocal.store._spacing import ONES, Factors

MOST_ANCESTORS = 32
# `source_component` is what older stores wrote
LINKS = ("derived_from", "source_component")


@dataclass(frozen=True, slots=True)
class Relative:
    """A component on the way: one voxel of the asked one is `factors` of its voxels."""

    path: str
    factors: Factors
    to_base: Factors  # the same for the full resolution of which it may be a level
    generation: int  # 0: itself, the image that lists it as a level, or its full resolution
    trail: tuple[str, ...]

    @property
    def own(self) -> bool:
        """Whether what this says is the component's own word."""
        return self.generation == 0


@dataclass(frozen=True, slots=True)
class Lineage:
    """A component, then what it was made from, the nearest first."""

    relatives: tuple[Relative, ...]
    to_base: Factors


def trace(components: Components, path: str, told: list[str]) -> Lineage:
    """Walk the ancestry, nearest first; cycles, dangling and endless ones are told and left."""
    waiting = deque([_relative(components, path, ONES, 0, ())])
    seen = {path}
    ancestors = 0
    walked: list[Relative] = []
    while waiting:
        one = waiting.popleft()
        walked.append(one)
        for link, implied in _links(components, one, told):
            if link in seen:
                if link in one.trail and not implied:
                    told.append(f"the ancestry of {one.path or '/'} comes back to {link or '/'}")
                continue
            if not components.holds(link):
                told.append(f"{one.path or '/'} was made from {link}, which is not in the store")
                continue
            if not implied and ancestors == MOST_ANCESTORS:
                told.append(f"more than {MOST_ANCESTORS} ancestors: {link} is not looked at")
                continue
            ancestors += not implied
            seen.add(link)
            factors = _times(one.factors, _step(components, one.path, link, told))
            same = implied and link != components.pyramid_base(one.path)
            generation = one.generation if same else one.generation + 1
            waiting.append(_relative(components, link, factors, generation, one.trail))
    # what a store says as a whole is about the acquisition, so about the farthest of them
    farthest = max(walked, key=lambda one: one.generation)
    return Lineage(tuple(walked), farthest.to_base)


def _relative(
    components: Components, path: str, factors: Factors, generation: int, trail: tuple[str, ...]
) -> Relative:
    coarser = components.coarseness(path) or ONES
    return Relative(path, factors, _times(factors, coarser), generation, (*trail, path))


def _links(components: Components, one: Relative, told: list[str]) -> Iterator[tuple[str, bool]]:
    """Where to look next, and whether the store's layout implies it (nobody had to write it)."""
    path = one.path
    listing = components.listing(path)
    first = components.first_level(path)
    base = components.pyramid_base(path)
    if listing is not None:
        yield listing.image, True
    if first is not None:
        yield first, True
    stated = list(_stated(components, path, told))
    # a results collection may say it once, above its images
    above = PurePosixPath(path).parent if path and listing is None else PurePosixPath()
    while not stated and above.parts:
        stated = list(_stated(components, str(above), told))
        above = above.parent
    yield from ((link, False) for link in stated)
    if base is not None and base not in stated:
        yield base, True


def _stated(components: Components, path: str, told: list[str]) -> Iterator[str]:
    attributes = components.attributes(path)
    for mapping in () if _is_collection(components) else own_mappings(attributes):
        for key in LINKS:
            value = mapping.get(key)
            for entry in value if isinstance(value, list) else [value]:
                if entry is None or entry == "":
                    continue
                link = _inside(entry)
                if link is None:
                    told.append(f"{path or '/'}: {key} {short(entry)} is no path in the store")
                else:
                    yield real_place(components.root, link)
    label = _labelled_image(path, attributes)
    if label is not None:
        yield label


def _is_collection(components: Components) -> bool:
    """A result opened as a store: its links are about the store around it, which is not seen."""
    ours = components.attributes("").get(EXTRAS)
    return isinstance(ours, Mapping) and "analysis" in ours


def _inside(entry: Any) -> str | None:
    """A link as a component's path; a URI, or a path that leads out of the store, is none."""
    if not isinstance(entry, str):
        return None
    try:
        return normal(entry) or None
    except StoreError:
        return None


def _labelled_image(path: str, attributes: Mapping[str, Any]) -> str | None:
    """NGFF labels say which image they belong to, relative to themselves."""
    ome = attributes.get("ome", attributes)
    label = ome.get("image-label") if isinstance(ome, Mapping) else None
    source = label.get("source") if isinstance(label, Mapping) else None
    image = source.get("image") if isinstance(source, Mapping) else None
    if not isinstance(label, Mapping):
        return None
    parts = list(PurePosixPath(path).parts)
    for part in PurePosixPath(image if isinstance(image, str) else "../../").parts:
        if part == ".." and parts:
            parts.pop()
        elif part == "..":
            return None
        else:
            parts.append(part)
    return join(*parts)


def _step(components: Components, path: str, towards: str, told: list[str]) -> Factors:
    """How many voxels of its relative one voxel of a level covers; a product's are the same."""
    if not components.is_level(path):
        return ONES
    mine, theirs = components.coarseness(path), components.coarseness(towards)
    if mine is not None and theirs is not None:
        return mine[0] / theirs[0], mine[1] / theirs[1], mine[2] / theirs[2]
    ratio = components.ratio(towards, path)
    if ratio is None:
        told.append(f"{path}: how much coarser than {towards} it is cannot be told")
    return ratio or ONES


def _times(one: Factors, other: Factors) -> Factors:
    return one[0] * other[0], one[1] * other[1], one[2] * other[2]
