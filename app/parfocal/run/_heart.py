"""Say once a second that a run lives, and keep the computer awake meanwhile."""

import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from parfocal._known_process import KnownProcess, boot
from parfocal.run._awake import KeepAwake, keep_awake
from parfocal.run._breadcrumb import (
    Breadcrumb,
    new_breadcrumb_path,
    state_folder,
    write_breadcrumb,
)
from parfocal.run._status import RunStatus

__all__ = ["Heart"]

BEAT_S = 1.0
# A computer that somebody has just touched does not fall asleep; starting the inhibitor costs
# some milliseconds of a processor that the camera needs.
AWAKE_AFTER_S = 10.0


class Heart:
    """A thread that only reads the status: it beats as long as the process does."""

    def __init__(
        self,
        status: Callable[[], RunStatus],
        store: Callable[[], Path],
        generation: int,
        *,
        live: Callable[[], Mapping[str, Any] | None] = lambda: None,
        folder: Path | None = None,
        awake: KeepAwake = keep_awake,
        awake_after_s: float = AWAKE_AFTER_S,
    ) -> None:
        self._status = status
        self._store = store
        self._live = live
        self._awake = awake
        self._awake_after_s = awake_after_s
        self._stopped = False
        self._due = threading.Event()
        process = KnownProcess.own()
        folder = state_folder() if folder is None else folder
        self._breadcrumb = Breadcrumb(
            store=store(),
            name="",
            state="",
            reason="",
            started=time.time(),
            heartbeat=time.time(),
            pid=process.pid,
            process_started=process.started,
            process_start=process.start,
            boot=boot(),
            host=socket.gethostname(),
            path=new_breadcrumb_path(folder, generation),
        )
        self._thread = threading.Thread(
            target=self._keep_beating, name="parfocal-heart", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def beat(self) -> None:
        """Something changed that must be known when the process is killed now."""
        self._due.set()

    def stop(self, *, whole: bool) -> None:
        """The run has ended. `whole`: its store was closed, and nobody need be asked about it."""
        self._stopped = True
        self._due.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)
        if whole:
            self._breadcrumb.forget()
        else:
            self._write()

    def _keep_beating(self) -> None:
        began = time.monotonic()
        with ExitStack() as stack:
            awake = False
            while True:
                self._due.clear()
                self._write()
                if not awake and time.monotonic() - began >= self._awake_after_s:
                    awake = True
                    stack.enter_context(self._awake(f"recording {self._store().name}"))
                if self._stopped:  # looked at after clearing, or the last word would be missed
                    return
                self._due.wait(BEAT_S)

    def _write(self) -> None:
        status = self._status()
        write_breadcrumb(
            replace(
                self._breadcrumb,
                store=self._store(),
                name=status.name,
                state=str(status.state),
                reason=status.reason,
                heartbeat=time.time(),
                beat=time.monotonic(),
                live=self._live(),
                frames_expected=status.frames_expected,
                frames_acquired=status.frames_acquired,
                frames_stored=status.frames_stored,
            )
        )
