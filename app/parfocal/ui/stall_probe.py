"""Measure from outside the event loop how long it stands still, and keep the stack that held it.

Switched on with PARFOCAL_STALLS=1 in the environment (or a threshold in ms); the log then has every
stall whose stack is ours.
"""

import logging
import os
import sys
import threading
import time
import traceback
from collections import deque
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from PyQt6.QtCore import QObject, Qt, QTimer

__all__ = ["Stall", "StallProbe", "probe_from_environment"]

log = logging.getLogger(__name__)

VARIABLE = "PARFOCAL_STALLS"
PACKAGE = str(Path(__file__).parents[1])
STALL_MS = 100.0
BEAT_MS = 10
LOOK_S = 0.02
KEPT = 100
BINS = 10_000  # of 1 ms


class Stall(NamedTuple):
    """The loop stood still for so long; `stack` is what the main thread did, deepest call last.

    `cpu_ms` of it the main thread was at work; the rest it waited for a lock, or for its turn.
    """

    ms: float
    cpu_ms: float
    stack: str
    ours: bool
    """Whether code of this package was at work on top of the loop."""


class StallProbe(QObject):
    """A timer beats in the loop, and a thread beside it looks whether the beats come.

    A loop that waits for the processor stalls too: under full load of two cores 79 to 93 ms were
    seen with nothing of ours on the stack, and such a stall is not `ours`. While C++ code keeps
    Python's lock the thread cannot look: the stall is measured all the same, by the beats.
    """

    def __init__(self, threshold_ms: float = STALL_MS, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.threshold_ms = threshold_ms
        self.worst_ms = 0.0
        self.beats = 0
        self.stalls: deque[Stall] = deque(maxlen=KEPT)
        self._gaps = [0] * (BINS + 1)
        self._last = 0.0
        self._worked = 0.0
        self._depth = 0
        self._seen: tuple[float, str, bool] | None = None
        self._main = threading.get_ident()
        self._ended = threading.Event()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._thread = threading.Thread(target=self._watch, name="parfocal-stalls", daemon=True)

    def start(self) -> None:
        """Begin to measure; called in the main thread."""
        self._last = time.perf_counter()
        self._worked = time.thread_time()
        self._timer.start()
        self._thread.start()

    def stop(self) -> None:
        """Measure no more and end the thread."""
        self._timer.stop()
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def quantile_ms(self, share: float) -> float:
        """How much later than it should a beat came, at most, in this share of all beats."""
        left = share * self.beats
        for ms, count in enumerate(self._gaps):
            left -= count
            if left <= 0:
                return float(ms)
        return float(BINS)

    def _beat(self) -> None:
        now = time.perf_counter()
        late = max(0.0, 1000 * (now - self._last) - BEAT_MS)
        self._last = now
        cpu = time.thread_time()
        worked, self._worked = 1000 * (cpu - self._worked), cpu
        self._depth = _depth(sys._getframe()) - 1
        self.beats += 1
        self._gaps[min(BINS, int(late))] += 1
        self.worst_ms = max(self.worst_ms, late)
        seen, self._seen = self._seen, None
        if late < self.threshold_ms:
            return
        _, stack, ours = seen or (0.0, "the stack was not seen", False)
        self.stalls.append(Stall(late, worked, stack, ours))
        if ours:
            words = "the window stood still for %.0f ms, at work for %.0f ms of them, in\n%s"
            log.warning(words, late, worked, stack)

    def _watch(self) -> None:
        """Look at the main thread when a beat is missing; the first look with our code counts."""
        while not self._ended.wait(LOOK_S):
            last, seen = self._last, self._seen
            if 1000 * (time.perf_counter() - last) - BEAT_MS < self.threshold_ms / 2:
                continue
            if seen is not None and seen[2]:
                continue
            frame = sys._current_frames().get(self._main)
            if frame is None:
                continue
            stack = traceback.extract_stack(frame)[self._depth :]  # above what runs the loop
            ours = any(one.filename.startswith(PACKAGE) for one in stack)
            if self._last == last:
                self._seen = (last, "".join(traceback.format_list(stack)), ours)


def probe_from_environment(parent: QObject | None = None) -> StallProbe | None:
    """A probe if the environment asks for one: PARFOCAL_STALLS=1, or a threshold in ms."""
    asked = os.environ.get(VARIABLE, "")
    if not asked.isdigit() or asked == "0":
        return None
    return StallProbe(STALL_MS if asked == "1" else float(asked), parent)


def _depth(frame: FrameType | None) -> int:
    """How many calls lie above one another."""
    depth = 0
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    return depth
