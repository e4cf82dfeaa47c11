"""Read planes for the viewers beside the network's own thread, which never waits for a disk."""

import queue
import threading
from collections.abc import Callable

_THREADS = 2
_MOST_WAITING = 64

Answer = list[bytes]
Work = Callable[[], Answer]


class Readings:
    """A few threads, a bounded queue before them, and the answers behind them."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._asked: queue.Queue[tuple[bytes, Work]] = queue.Queue(_MOST_WAITING)
        self._answers: queue.SimpleQueue[tuple[bytes, Answer]] = queue.SimpleQueue()
        self._ended = False

    def start(self) -> None:
        """Begin to read."""
        for number in range(_THREADS):
            # nobody waits for these: a disk that does not answer must not hold up the end
            threading.Thread(
                target=self._keep_reading, name=f"rig-reading-{number}", daemon=True
            ).start()

    def ask(self, who: bytes, work: Work) -> bool:
        """Have something read for a viewer; False when too much is waiting already."""
        try:
            self._asked.put_nowait((who, work))
        except queue.Full:
            return False
        return True

    def take(self) -> list[tuple[bytes, Answer]]:
        """The answers that are there, and for whom."""
        return [self._answers.get() for _ in range(self._answers.qsize())]

    def close(self) -> None:
        """Read nothing more."""
        self._ended = True

    def _keep_reading(self) -> None:
        while not self._ended:
            try:
                who, work = self._asked.get(timeout=0.2)
            except queue.Empty:
                continue
            self._answers.put((who, work()))
            self._wake()
