"""Rewrite the scales and places of an image, its levels and its labels for another voxel size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parfocal.store._errors import StoreError
from parfocal.store._layout import EXTRAS
from parfocal.store._length_units import micrometres
from parfocal.store._spacing import TOLERANCE

SPACE = ("z", "y", "x")
Zyx = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Resize:
    """From one voxel size (µm) to another; `middle` says whether y and x of the middle stay.

    A recording knows where the middle of its picture was: there the stage stood. What came from
    elsewhere told where its first voxel is.
    """

    before: Zyx
    now: Zyx
    middle: bool

    def apply(self, document: dict[str, Any], shape: Mapping[str, int]) -> None:
        """Change the multiscales of a group, and what it restates of them."""
        attributes = document["attributes"]
        multiscale = attributes["ome"]["multiscales"][0]
        names = [str(axis["name"]) for axis in multiscale["axes"]]
        units = [micrometres(str(axis.get("unit") or "micrometer")) for axis in multiscale["axes"]]
        first = _transforms(multiscale["datasets"][0])
        origin = list(first.get("translation", [0.0] * len(names)))
        moved = list(origin)
        for at, axis in enumerate(SPACE):
            if axis in names:
                place = names.index(axis)
                moved[place] -= self._shift(at, shape.get(axis, 1)) / (units[place] or 1.0)
        for number, dataset in enumerate(multiscale["datasets"]):
            told = _transforms(dataset)
            for at, axis in enumerate(SPACE):
                if axis not in names:
                    continue
                place = names.index(axis)
                unit = units[place] or 1.0
                ratio = self.now[at] / self.before[at]
                # exactly what was typed, and not its product with a rounded ratio
                exact = number == 0
                told["scale"][place] = (
                    self.now[at] / unit if exact else told["scale"][place] * ratio
                )
                if "translation" in told:
                    offset = told["translation"][place] - origin[place]
                    told["translation"][place] = moved[place] + offset * ratio
        _restate(attributes.get(EXTRAS), self.now, moved, names)

    def _shift(self, at: int, count: int) -> float:
        """By how much the first voxel moves away from the middle, in µm."""
        if at == 0 or not self.middle:
            return 0.0
        return (count - 1) / 2 * (self.now[at] - self.before[at])


def spacing_um(document: Mapping[str, Any]) -> Zyx:
    """The voxel size that a group's multiscales say, 1 along an axis that is not there."""
    multiscale = document["attributes"]["ome"]["multiscales"][0]
    scale = _transforms(multiscale["datasets"][0])["scale"]
    found = {
        str(axis["name"]): number * (micrometres(str(axis.get("unit") or "micrometer")) or 1.0)
        for axis, number in zip(multiscale["axes"], scale, strict=True)
    }
    return found.get("z", 1.0), found.get("y", 1.0), found.get("x", 1.0)


def alike(one: Zyx, other: Zyx) -> bool:
    """Whether two sizes differ by rounding only."""
    return all(abs(a - b) <= TOLERANCE * max(a, b) for a, b in zip(one, other, strict=True))


def _transforms(dataset: Mapping[str, Any]) -> dict[str, list[float]]:
    """The lists themselves, so that a change of them is one of the document."""
    entries = dataset.get("coordinateTransformations", ())
    told = {str(one["type"]): one[str(one["type"])] for one in entries}
    if "scale" not in told:
        raise StoreError(f"its level {dataset.get('path')} has no scale to correct")
    return told


def _restate(ours: Any, now: Zyx, moved: Sequence[float], names: Sequence[str]) -> None:
    if not isinstance(ours, dict):
        return
    if "voxel_size_um_zyx" in ours:
        ours["voxel_size_um_zyx"] = list(now)
    if "origin_um" in ours:
        ours["origin_um"] = [moved[names.index(axis)] if axis in names else 0.0 for axis in SPACE]
