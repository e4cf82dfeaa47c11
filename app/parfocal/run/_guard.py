"""Look at a run once a second from a thread of its own, and tell its troubles; it only reads."""

import logging
import threading
import time
from collections.abc import Callable

from parfocal.plan import Phase
from parfocal.run._run import Run
from parfocal.run._state import RunState
from parfocal.run._watchdog import Alarm, Memory, Patience, Sight, look

__all__ = ["Guard"]

EVERY_S = 1.0
OVERHEAD_S = 1.0
"""For filter, stage and shutter before an exposure."""
MASK_S = 60.0

_log = logging.getLogger(__name__)


class Guard:
    """`tell` is called in the guard's thread. Whatever goes wrong here costs an alarm, no frame."""

    def __init__(
        self,
        run: Run,
        disk_bytes: Callable[[], int],
        tell: Callable[[Alarm], object],
        *,
        patience: Patience | None = None,
        every_s: float = EVERY_S,
    ) -> None:
        self._run = run
        self._disk_bytes = disk_bytes
        self._tell = tell
        self._patience = patience
        self._every_s = every_s
        self._revision = -1
        self._gap_s = 0.0
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="parfocal-guard", daemon=True)

    def start(self) -> None:
        """Look from now on, until the run has ended."""
        self._thread.start()

    def close(self) -> None:
        """The run has ended, or never began: look once more, and leave."""
        self._left.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2.0)

    def _watch(self) -> None:
        memory = Memory()
        while True:
            left = self._left.wait(self._every_s)
            sight = self._sight()
            memory, alarms = look(memory, sight, self._patience)
            for alarm in alarms:
                _log.warning("%s: %s", alarm.trouble, alarm.words)
                self._tell(alarm)
            if left or sight.state.is_terminal:
                return

    def _sight(self) -> Sight:
        status = self._run.status()
        if status.revision != self._revision:
            self._revision, self._gap_s = status.revision, self._longest_gap()
        return Sight(
            at_s=time.monotonic(),
            state=RunState(status.state),
            acquired=status.frames_acquired,
            stored=status.frames_stored,
            expected=status.frames_expected,
            sleeps=status.wait_remaining_s is not None,
            gap_s=self._gap_s,
            blocked_s=status.blocked_s,
            disk_bytes=self._disk_bytes(),
            free_bytes=status.free_bytes,
            reason=status.reason,
        )

    def _longest_gap(self) -> float:
        """By the plan: an exposure and what it takes to get there, or a mask that is waited for."""
        channels = self._run.schedule.channels
        longest = max((channel.exposure_ms or 0.0 for channel in channels), default=0.0)
        masks = [
            _mask_s(item)
            for item in self._run.plan.items
            if isinstance(item, Phase) and item.stimulate is not None
        ]
        return max(longest / 1000 + OVERHEAD_S, *masks, 0.0)


def _mask_s(phase: Phase) -> float:
    """How long the light of a phase waits for its mask: its deadline, or one interval."""
    if phase.stimulate is not None and phase.stimulate.deadline is not None:
        return phase.stimulate.deadline
    interval = getattr(phase.sequence.time_plan, "interval", None)
    return MASK_S if interval is None else float(interval.total_seconds())
