"""One line of the preflight list."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What it is about, how bad it is, the sentence, and what can be offered to fix it in place.

    `fix` is a word that a window knows what to do with: `rename`, `choose-folder`, `edit-plan`,
    `edit-channel:DAPI`, `edit-phase:baseline`, `edit-positions`, `edit-pipeline:baseline`,
    `edit-power:DAPI`, `edit-limits`, `reopen-microscope`, `open-microscope`, `calibrate-pixels`,
    `calibrate-projector`, `set-memory`, or nothing.
    """

    rule: str
    severity: Literal["error", "warning"]
    message: str
    fix: str = ""
