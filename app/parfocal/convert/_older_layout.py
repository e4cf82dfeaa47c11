"""Know the layouts that stores had before the canonical one, and where their parts come to lie."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from parfocal.convert._description import FoundImage
from parfocal.store import read_attributes

__all__ = ["BASES", "arrays_below", "groups_below", "image_places", "new_links", "pyramid_of"]

BASES = ("clearex/runtime_cache/source/data", "data")
"""The pixels of a whole acquisition, t, p, c, z, y, x; the newer of the two layouts first."""
PYRAMID = "data_pyramid"
LINK_WORDS = ("component", "components", "derived_from")


def pyramid_of(root: Path, base: str) -> list[str]:
    """The coarser levels beside the pixels, in order."""
    folder = root / Path(base).parent / PYRAMID
    if not folder.is_dir():
        return []
    numbers = sorted(
        int(entry.name.removeprefix("level_"))
        for entry in folder.iterdir()
        if entry.name.removeprefix("level_").isdecimal() and is_array(entry)
    )
    return [f"{base.removesuffix('data')}{PYRAMID}/level_{n}" for n in numbers if n > 0]


def is_array(folder: Path) -> bool:
    """Whether this is an array of Zarr v2 or v3."""
    if (folder / ".zarray").is_file():
        return True
    file = folder / "zarr.json"
    return file.is_file() and '"array"' in file.read_text(encoding="utf-8", errors="replace")


def arrays_below(root: Path, path: str = "") -> Iterator[str]:
    """The paths of all arrays; what lies in an array is none."""
    for folder, inside in _walk(root, path):
        if inside:
            yield folder


def groups_below(root: Path, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every group that says something, and what."""
    for folder, inside in _walk(root, path):
        marks = ("zarr.json", ".zattrs")
        if not inside and any((root / folder / name).is_file() for name in marks):
            _, attributes = read_attributes(root / folder)
            if attributes:
                yield folder, attributes


def _walk(root: Path, path: str) -> Iterator[tuple[str, bool]]:
    waiting = [path] if (root / path).is_dir() else []
    while waiting:
        folder = waiting.pop()
        inside = is_array(root / folder)
        yield folder, inside
        if not inside:
            with os.scandir(root / folder) as entries:
                names = sorted(entry.name for entry in entries if entry.is_dir())
            waiting += [f"{folder}/{name}" if folder else name for name in reversed(names)]


def image_places(images: Sequence[FoundImage], counts: Sequence[int]) -> list[list[str]]:
    """Where in the new store each image's fields come to lie; an image may be several."""
    taken: Counter[str] = Counter()
    places = []
    for image, count in zip(images, counts, strict=True):
        well = image.well or "A/1"
        places.append([f"{well}/{taken[well] + n}" for n in range(count)])
        taken[well] += count
    return places


def new_links(attributes: Mapping[str, Any], places: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Attributes whose paths of the older store are those of the new one."""
    return {
        key: _rewritten(value, places)
        if key.rpartition("_")[2] in LINK_WORDS or key in LINK_WORDS
        else _inside(value, places)
        for key, value in attributes.items()
    }


def _inside(value: Any, places: Mapping[str, Sequence[str]]) -> Any:
    if isinstance(value, Mapping):
        return new_links(value, places)
    if isinstance(value, list):
        return [_inside(one, places) for one in value]
    return value


def _rewritten(value: Any, places: Mapping[str, Sequence[str]]) -> Any:
    """One path, or all of those that a path has become."""
    if isinstance(value, list):
        found = [_rewritten(one, places) for one in value]
        return [path for one in found for path in (one if isinstance(one, list) else [one])]
    if not isinstance(value, str):
        return _inside(value, places)
    path = value.strip("/")
    known = places.get(path)
    if known is None:
        above = next((one for one in _above(path) if len(places.get(one, ())) == 1), None)
        return value if above is None else f"{places[above][0]}{path[len(above) :]}"
    return known[0] if len(known) == 1 else list(known)


def _above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
