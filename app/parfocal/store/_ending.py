"""Wait for the end of a recording to be written, but not forever for a disk that has stalled."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread

from parfocal.store._errors import StoreError
from parfocal.store._files import sync_to_disk

PROBE_S = 2.0
STALLED_S = 25.0  # with the wait before a probe, a run on a stalled disk ends within 30 s


class Ending:
    """Does `end` in a thread of its own, which goes on when nobody waits for it any more.

    A slow disk is waited for: only one that does not take a small file is given up. When it comes
    back, what was in the buffers is written after all, if the program still runs.
    """

    def __init__(self, end: Callable[[], None], store: Path) -> None:
        self._end = end
        self._store = store
        self._done = False
        self._problem: StoreError | None = None
        self._thread = Thread(target=self._run, name="parfocal ending", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Until the end is written; raises what went wrong with it."""
        self._thread.join(PROBE_S)
        while self._thread.is_alive():
            if not _answers(self._store):
                raise StoreError(
                    f"{self._store} cannot be written: its disk has not answered for "
                    f"{PROBE_S + STALLED_S:.0f} s; what is still in memory is written if it "
                    "comes back before the program is closed"
                )
            self._thread.join(PROBE_S)
        if self._problem is not None:
            raise self._problem
        if not self._done:
            raise StoreError(f"{self._store}: its end could not be written; the log says why")

    def _run(self) -> None:
        try:
            self._end()
            self._done = True
        except StoreError as problem:
            self._problem = problem


def _answers(store: Path) -> bool:
    """Whether the disk takes a small file in time; one that refuses it answers too."""
    probe = Thread(target=_write_a_small_file, args=(store,), name="parfocal probe", daemon=True)
    probe.start()
    probe.join(STALLED_S)
    return not probe.is_alive()


def _write_a_small_file(store: Path) -> None:
    file = store.with_name(f".{store.name}.probe")
    with suppress(OSError):
        try:
            file.write_bytes(b"?")
            sync_to_disk(file)
        finally:
            file.unlink(missing_ok=True)
