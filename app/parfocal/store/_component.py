"""Read a store's components: their attributes, their z, y, x shape, and whose level they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from parfocal.store._errors import StoreError
from parfocal.store._files import read_json
from parfocal.store._layout import is_store
from parfocal.store._legacy_scale import recorded_factors
from parfocal.store._ngff import read_attributes
from parfocal.store._ngff_scale import axis_names, level_paths, multiscales_of
from parfocal.store._spacing import ONES, Factors

PYRAMID = "data_pyramid"
BASE = "data"
TRAILING = ("t", "p", "c", "z", "y", "x")


@dataclass(frozen=True, slots=True)
class Listing:
    """The image that lists a level, and which of its levels it is."""

    image: str
    multiscale: Mapping[str, Any]
    number: int


class Components:
    """The components of one store, their attributes read once; what cannot be read is told."""

    def __init__(self, root: Path, told: list[str]) -> None:
        self.root = root
        self._told = told
        self._attributes: dict[str, dict[str, Any]] = {}

    def holds(self, path: str) -> bool:
        """Whether there is a group or array at this path."""
        try:
            return is_store(self.root / path)
        except OSError:  # a name that is too long for the disk
            return False

    def attributes(self, path: str) -> dict[str, Any]:
        """The attributes of a group or array; none where there is nothing."""
        if path not in self._attributes:
            self._attributes[path] = {}
            if self.holds(path):
                try:
                    self._attributes[path] = read_attributes(self.root / path)[1]
                except StoreError as problem:
                    self._told.append(str(problem))
        return self._attributes[path]

    def listing(self, path: str) -> Listing | None:
        """The image of which this is a level; its path may have several parts (`scale0/image`)."""
        parts = PurePosixPath(path).parts
        for depth in range(len(parts) - 1, -1, -1):
            image, rest = "/".join(parts[:depth]), "/".join(parts[depth:])
            for multiscale in multiscales_of(self.attributes(image)):
                levels = [level.strip("/") for level in level_paths(multiscale)]
                if rest in levels:
                    return Listing(image, multiscale, levels.index(rest))
        return None

    def first_level(self, path: str) -> str | None:
        """The full resolution of the image at this path."""
        for multiscale in multiscales_of(self.attributes(path))[:1]:
            levels = level_paths(multiscale)
            if levels and levels[0] and self.holds(join(path, levels[0])):
                return join(path, levels[0])
        return None

    def pyramid_base(self, path: str) -> str | None:
        """What an older store's `data_pyramid/level_2` was made from: the `data` beside it."""
        place = PurePosixPath(path)
        if place.parent.name != PYRAMID or not place.name.startswith("level_"):
            return None
        base = str(place.parent.parent / BASE)
        return base if self.holds(base) else None

    def coarseness(self, path: str) -> Factors | None:
        """How much coarser than its base a level is; 1 for what is no level; None: unknown."""
        recorded = recorded_factors(self.attributes(path))
        if recorded is not None:
            return recorded
        listing = self.listing(path)
        if listing is not None:
            base = join(listing.image, level_paths(listing.multiscale)[0])
            return ONES if listing.number == 0 else self.ratio(base, path)
        if not self.is_level(path):
            return ONES
        base_of_old = self.pyramid_base(path)
        return None if base_of_old is None else self.ratio(base_of_old, path)

    def is_level(self, path: str) -> bool:
        """Whether this is a coarser resolution of something else."""
        if recorded_factors(self.attributes(path)) is not None:
            return True
        listing = self.listing(path)
        return listing.number > 0 if listing is not None else PYRAMID in PurePosixPath(path).parts

    def ratio(self, base: str, level: str) -> Factors | None:
        """How many voxels of `base` one of `level` covers, from their shapes."""
        whole, part = self.shape(base), self.shape(level)
        if whole is None or part is None:
            return None
        z, y, x = (_ratio(n, m) for n, m in zip(whole, part, strict=True))
        return z, y, x

    def shape(self, path: str) -> tuple[int, int, int] | None:
        """z, y, x of an array, or of an image's full resolution; an absent axis has length 1."""
        document = self._array(path)
        shape = _shape(document.get("shape"))
        if shape is None:
            first = self.first_level(path)
            return None if first is None else self.shape(first)
        listing = self.listing(path)
        names = axis_names(listing.multiscale) if listing is not None else []
        if len(names) != len(shape):
            names = _dimension_names(document, self.attributes(path))
        if len(names) != len(shape):
            names = list(TRAILING[-len(shape) :])
        lengths = dict(zip(names, shape, strict=False))
        return lengths.get("z", 1), lengths.get("y", 1), lengths.get("x", 1)

    def _array(self, path: str) -> dict[str, Any]:
        for name in ("zarr.json", ".zarray"):
            file = self.root / path / name
            if file.is_file():
                try:
                    return read_json(file)
                except StoreError as problem:
                    self._told.append(str(problem))
        return {}


def normal(path: str) -> str:
    """A component's path as this room writes it; a StoreError when it leaves the store."""
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]
    # `C:` and `s3:` would lead elsewhere; a colon within a name is one
    if ".." in parts or "\0" in path or (parts and parts[0].endswith(":")):
        raise StoreError(f"'{path}' is no component of a store: it leads out of it")
    return "/".join(parts)


def join(*parts: str) -> str:
    """Parts of a component's path as one."""
    return "/".join(part.strip("/") for part in parts if part.strip("/"))


def _ratio(base: int, level: int) -> float:
    """Levels are made by whole factors, so 21 → 11 and 21 → 10 are both 2, and 3 → 2 is 2."""
    whole = round(base / level)
    if whole >= 1 and level in (base // whole, -(-base // whole)):
        return float(whole)
    return base / level


def _shape(value: Any) -> list[int] | None:
    """Lengths that an array can have; JSON knows integers of any size, a disk does not."""
    if not isinstance(value, list) or not value:
        return None
    return value if all(type(one) is int and 0 < one < 2**63 for one in value) else None


def _dimension_names(document: Mapping[str, Any], attributes: Mapping[str, Any]) -> list[str]:
    names = document.get("dimension_names") or attributes.get("_ARRAY_DIMENSIONS")
    return [str(name) for name in names] if isinstance(names, list) else []
