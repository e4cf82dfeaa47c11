"""Tell what a conversion did, or would do."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parfocal.convert._plan import ConversionPlan

__all__ = ["ConversionReport"]


@dataclass(frozen=True, slots=True)
class ConversionReport:
    """How a conversion ended; of a dry run nothing is verified and nothing is there."""

    store: Path
    kind: str
    arrays: tuple[dict[str, Any], ...]
    bytes: int
    """Decoded pixels."""
    seconds: float
    verified: bool
    dry_run: bool
    resumed: bool
    warnings: tuple[str, ...]
    guessed: tuple[str, ...]
    previous: Path | None = None
    """The store that was replaced."""

    @classmethod
    def of(
        cls,
        store: Path,
        plan: ConversionPlan,
        seconds: float,
        *,
        dry_run: bool = False,
        resumed: bool = False,
        warnings: tuple[str, ...] = (),
        previous: Path | None = None,
    ) -> "ConversionReport":
        """Of a plan that was done, or would be."""
        found = plan.found
        left = tuple(f"{key} cannot be carried over: {why}" for key, why in found.refused)
        return cls(
            store,
            found.kind,
            tuple(plan.as_json()),
            plan.raw_bytes,
            seconds,
            not dry_run,
            dry_run,
            resumed,
            (*found.warnings, *left, *warnings),
            found.guessed,
            previous,
        )

    def as_json(self) -> dict[str, Any]:
        """With the keys of the command line."""
        return {
            "store": str(self.store),
            "kind": self.kind,
            "arrays": list(self.arrays),
            "bytes": self.bytes,
            "seconds": round(self.seconds, 3),
            "verified": self.verified,
            "dry_run": self.dry_run,
            "resumed": self.resumed,
            "warnings": list(self.warnings),
            "guessed": list(self.guessed),
            "previous": None if self.previous is None else str(self.previous),
        }
