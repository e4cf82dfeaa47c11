"""A look on its way through the loop, and what the looks of one field became."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.react._dispenser import Dispenser
from parfocal.react._lineage import Lineage
from parfocal.react._phases import Look

__all__ = ["Field", "Task"]


@dataclass(slots=True)
class Task:
    """One look under way: the pixels that are kept, and None where they are read again."""

    look: Look
    pixels: dict[str, NDArray[Any] | None] = field(default_factory=dict)
    whole_s: float | None = None
    """When its last frame came (`time.perf_counter()`)."""
    over: bool = False
    """Whether it was counted: done, failed or given up, whichever came first."""


class Field:
    """What the looks of one field became, by timepoint."""

    def __init__(self) -> None:
        self.masks: Dispenser[NDArray[np.bool_]] = Dispenser()
        self.lineages: Dispenser[Lineage] = Dispenser()
