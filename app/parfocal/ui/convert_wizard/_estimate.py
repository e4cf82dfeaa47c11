"""Guess how long a conversion takes, from those that were done on this computer. No widgets."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from parfocal.convert import BatchSnapshot, Inspection, ItemState

__all__ = ["Rates"]

ASSUMED = {"repack": 400e6, "transcode": 150e6}
"""Bytes of pixels a second, as long as nothing was converted here."""
ENOUGH = 20e6  # of less the start is all that was measured


@dataclass(frozen=True, slots=True)
class Rates:
    """Bytes a second, by what is done to them."""

    repack: float = ASSUMED["repack"]
    transcode: float = ASSUMED["transcode"]
    measured: bool = False

    @classmethod
    def of(cls, batches: Iterable[BatchSnapshot]) -> "Rates":
        """Of conversions that went through in one piece, the newest ones."""
        seen: dict[str, list[float]] = {"repack": [], "transcode": []}
        for batch in batches:
            for item in batch.progress.items:
                whole = item.state is ItemState.DONE and not item.resumed and item.seconds > 0
                if whole and item.total_bytes > ENOUGH and len(item.actions) == 1:
                    (action,) = item.actions
                    seen.setdefault(action, []).append(item.total_bytes / item.seconds)
        found = {action: median(rates[:9]) for action, rates in seen.items() if rates}
        return cls(
            found.get("repack", ASSUMED["repack"]),
            found.get("transcode", ASSUMED["transcode"]),
            bool(found),
        )

    def seconds(self, found: Inspection) -> float:
        """How long this one would take."""
        total = 0.0
        for array in found.arrays:
            if array["action"] in ("repack", "transcode"):
                total += array["bytes"] / float(getattr(self, array["action"]))
        return total
