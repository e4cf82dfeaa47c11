"""Read the stage a few times a second in a thread of its own, and remember what it said."""

import logging
import threading
from typing import TYPE_CHECKING

from parfocal import ParfocalError

if TYPE_CHECKING:
    from parfocal.scope import Microscope, StagePosition

log = logging.getLogger(__name__)
SECONDS_BETWEEN_READS = 0.2


class StagePoller:
    """Polls while nobody holds `hardware`: reading a position during a snap blocks for the snap."""

    def __init__(self, hardware: threading.Lock) -> None:
        self._hardware = hardware
        self._microscope: Microscope | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._problem = ""
        self.position: StagePosition | None = None

    def watch(self, microscope: "Microscope | None") -> None:
        """Read this microscope's stage from now on; None: read nothing."""
        self._microscope = microscope
        self.position = None
        if microscope is not None and self._thread is None and not self._stop.is_set():
            self._thread = threading.Thread(target=self._poll, name="parfocal-stage", daemon=True)
            self._thread.start()

    def stop(self, timeout: float) -> None:
        """End the thread; a stage that does not answer is left to its daemon thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _poll(self) -> None:
        while not self._stop.wait(SECONDS_BETWEEN_READS):
            if not self._hardware.acquire(blocking=False):
                self._look_at_the_move(self._microscope)
                continue
            try:
                self._read(self._microscope)
            except (ParfocalError, RuntimeError) as error:
                self.position = None
                if str(error) != self._problem:  # a stage that is off says so 5 times a second
                    log.warning("the stage cannot be read: %s", error)
                self._problem = str(error)
            finally:
                self._hardware.release()

    def _look_at_the_move(self, microscope: "Microscope | None") -> None:
        passing = None if microscope is None else microscope.stages.passing
        if passing is not None:
            self.position = passing

    def _read(self, microscope: "Microscope | None") -> None:
        # one that does not answer would say so 5 times a second, safe mode has nothing to say
        if microscope is None or microscope.state != "open":
            self.position = None
            return
        self.position = microscope.stage()
        self._problem = ""
