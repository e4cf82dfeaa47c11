"""Let the threads that compress give way to the camera's, where each thread has a priority."""

import os
import sys
from contextlib import suppress
from pathlib import Path

# A viewer gives way to these in turn: its pictures are a courtesy, and the shards are the data
NICENESS = 10
THREADS = Path("/proc/self/task")
POOL = "ts_pool_worker"


class GivingWay:
    """Tells TensorStore's threads, which it starts and ends as it likes.

    A camera's driver needs a processor for a moment, and at once. With two processors, the
    engine's thread on one and an encoder on the other, it got its turn up to 20 ms late: 200
    frames of 1024² took 345 ms to acquire, and take 310 since the encoders give way. What a camera
    leaves is theirs; when they fall behind, the buffers fill, and the camera is held back.
    The thread that hands out the shards keeps its priority: it is Python, and nobody may be slow
    while the camera's thread waits for the interpreter.
    """

    def __init__(self) -> None:
        self._told: set[str] = set()

    def tell(self) -> None:
        """Tell the threads that are new since the last time."""
        if sys.platform != "linux":
            return
        with suppress(OSError):  # it is a courtesy: no recording ends for a system without /proc
            there = {thread.name for thread in THREADS.iterdir()}
            for number in there - self._told:
                _give_way(number)
            self._told = there


def _give_way(number: str) -> None:
    with suppress(OSError):  # it has ended meanwhile
        if (THREADS / number / "comm").read_text().startswith(POOL):
            os.setpriority(os.PRIO_PROCESS, int(number), NICENESS)
