"""Read which voxel sizes a person corrected: what a store said before is no conflict after that."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from parfocal.store._component import Components
from parfocal.store._layout import EXTRAS, STORE_METADATA
from parfocal.store._spacing import Factors, Spacing, spacing_of

CORRECTIONS = "voxel_size_corrections"
CORRECTED = "user_correction"


@dataclass(frozen=True, slots=True)
class Correction:
    """What it was (z, y, x in µm), what it is now, when that was said and why."""

    before: Spacing
    now: Spacing
    at: str
    reason: str

    def times(self, factors: Factors) -> "Correction | None":
        """The same for a level that is so much coarser."""
        before, now = self.before.times(factors), self.now.times(factors)
        if before is None or now is None:
            return None
        return Correction(before, now, self.at, self.reason)

    @property
    def sentence(self) -> str:
        """What a person reads beside the size."""
        return f"corrected by hand on {self.at[:10]} from {self.before}: {self.reason}"


def read_corrections(components: Components, factors: Factors) -> tuple[Correction, ...]:
    """The corrections of a store, the oldest first, for a level that is so much coarser."""
    ours = components.attributes(STORE_METADATA).get(EXTRAS)
    told = ours.get(CORRECTIONS) if isinstance(ours, Mapping) else None
    found = (one.times(factors) for one in _sound(told if isinstance(told, list) else []))
    return tuple(one for one in found if one is not None)


def _sound(told: list[Any]) -> Iterator[Correction]:
    for entry in told:
        if not isinstance(entry, Mapping):
            continue
        sizes = [entry.get("old_um_zyx"), entry.get("new_um_zyx")]
        if not all(isinstance(size, list) and len(size) == 3 for size in sizes):
            continue
        before, now = (spacing_of(size or ()) for size in sizes)
        if before is not None and now is not None:
            yield Correction(before, now, str(entry.get("at")), str(entry.get("reason")))
