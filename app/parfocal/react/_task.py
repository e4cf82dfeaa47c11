"""A look on its way through the loop, and what the looks of one field became."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.react._dispenser import Dispenser
from parfocal.react._lineage import Lineage
from parfocal.react._phases import Look

__all__ = ["Field", "Task", "fit"]


@dataclass(slots=True)
class Task:
    """One look under way: the pixels that are kept, and None where they are read again."""

    look: Look
    pixels: dict[str, NDArray[Any] | None] = field(default_factory=dict)
    whole_s: float | None = None
    """When its last frame came (`time.perf_counter()`)."""
    over: bool = False
    """Whether it was counted: done, failed or given up, whichever came first."""
    waits: bool = False
    waited_s: float = 0.0

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Be held up by another look: that is no time of its own."""
        began, self.waits = time.perf_counter(), True
        try:
            yield
        finally:
            # first the time, then the word: who looks in between must not find it overdue
            self.waited_s += time.perf_counter() - began
            self.waits = False

    def patience(self, own_s: float) -> float:
        """How long it may take in all when it may take so long by itself.

        One that hangs would take those with it that wait for it: their times end together.
        """
        return math.inf if self.waits else own_s + self.waited_s


def fit(
    gathering: dict[tuple[int, int], Task], look_of: Callable[[int, int], Look | None]
) -> tuple[list[Task], list[Task]]:
    """Fit what is gathered to a plan that was replaced between two channels of a picture.

    Those that have all that they get now, and those that can be nothing any more; both are taken
    out.
    """
    whole, lost = [], []
    for place, task in list(gathering.items()):
        look = look_of(*place)
        known = task.look.planes
        # the middle of a stack that was cut short is a plane that was passed by
        if look is None or any(known[name] != at for name, at in look.planes.items()):
            lost.append(gathering.pop(place))
            continue
        task.look = look
        if task.pixels.keys() >= look.planes.keys():
            whole.append(gathering.pop(place))
    return whole, lost


class Field:
    """What the looks of one field became, by timepoint."""

    def __init__(self) -> None:
        self.masks: Dispenser[NDArray[np.bool_]] = Dispenser()
        self.lineages: Dispenser[Lineage] = Dispenser()
