"""Say which frames of a run the viewers get, and give them fewer on a busy computer.

A viewer without a graphics card takes a processor for as many pictures as it is given. Where the
run itself needs most of the processors, that is one too many: with two of them, 150 frames of
2048² took 5 % longer. Niceness does not help enough: the camera's thread sleeps between two
frames, and finds its processor taken, and its cache full of someone's picture, each time it wakes.
"""

import math
import os
import random
import time
from collections.abc import Callable

# napari shows at most 41 planes of 2048² a second; what is published beyond is only copied
MOST_PER_SECOND = 60.0
# enough to see that all is well while the processors are wanted for the data
BUSY_PER_SECOND = 10.0
# Processors that the run leaves: with fewer than the first it is busy, with the second no more. One
# is for a viewer's pictures, the half for the moments in which camera and encoders want more.
_TOO_FEW_LEFT, _ENOUGH_LEFT = 1.5, 1.75
# A stack taken in one burst is not yet a busy computer, and its last plane is wanted at once.
_LOOK_S = 0.25


class LivePace:
    """Each channel's own turns: with one for all, two channels at 120 frames/s would always show
    the same one."""

    def __init__(
        self,
        channels: int,
        clock: Callable[[], float] = time.perf_counter,
        used: Callable[[], float] = time.process_time,
        processors: int | None = None,
    ) -> None:
        self._clock = clock
        self._used = used
        self._processors = processors or _processors()
        self._next = [-math.inf] * channels
        self._looked = clock(), used()
        self._dice = random.Random(0)
        self.busy = False

    def is_turn(self, channel: int) -> bool:
        """Whether to publish a frame of this channel now; its next turn follows from that."""
        now = self._clock()
        self._look(now)
        if now < self._next[channel]:
            return False
        most = BUSY_PER_SECOND if self.busy else MOST_PER_SECOND
        pause = len(self._next) / most
        # shaken: of fields that take turns as regularly, else always the same one would be shown
        self._next[channel] = now + pause * self._dice.uniform(0.5, 1.5)
        return True

    def _look(self, now: float) -> None:
        then, used_then = self._looked
        if now - then < _LOOK_S:
            return
        used = self._used()
        self._looked = now, used
        left = self._processors - (used - used_then) / (now - then)
        self.busy = left < (_ENOUGH_LEFT if self.busy else _TOO_FEW_LEFT)


def _processors() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
