"""Open the microscope, start, pause and stop runs, and read their status from the GUI thread.

Nothing here blocks the caller. The microscope lives in one `EngineThread`: it is opened there (the
import of pymmcore-plus too, about a second), `Run.execute()` runs there, and it is closed there.
Pause, resume and cancel are direct thread-safe calls on the run: a queued slot would wait for the
end of the very run that it should stop. Signals only say "look again"; everything that they
announce can also be polled, so that a panel is right when no signal was ever delivered.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PyQt6.QtCore import QObject, pyqtSignal

from parfocal import ParfocalError
from parfocal.ui._engine_thread import EngineThread
from parfocal.ui._new_folder import folder_for_a_store
from parfocal.ui._stage_poller import StagePoller
from parfocal.ui.latest_frames import LatestFrames

if TYPE_CHECKING:
    from parfocal.plan import Experiment
    from parfocal.run import Run, RunStatus
    from parfocal.scope import Microscope, StagePosition
    from parfocal.wiring import Session

__all__ = ["AcquisitionController", "ControllerError"]

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

# Threads stuck in a C++ call that never returned. Qt aborts the process when it destroys a running
# QThread, so the object is kept until the process ends.
_abandoned: list[EngineThread] = []


class ControllerError(ParfocalError):
    """The controller cannot do this now; the sentence says why."""


class AcquisitionController(QObject):
    """The window's one hand on microscope and run."""

    microscope_opened = pyqtSignal(object)  # the Microscope
    microscope_failed = pyqtSignal(str)  # a sentence
    microscope_closed = pyqtSignal()
    # before a run, another microscope or the end is queued: what live view queues now comes first
    camera_wanted = pyqtSignal()
    run_started = pyqtSignal(object)  # the Run: bind anew, drop what belonged to the last one
    run_refused = pyqtSignal(str)  # a sentence: nothing was started
    run_finished = pyqtSignal(object)  # its last RunStatus

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = EngineThread()
        self._microscope: Microscope | None = None
        self._opening: threading.Event | None = None  # set: the operator changed his mind
        self._starting = False
        self._cancel_reason: str | None = None
        self._current: Future[None] | None = None
        self._hardware = threading.Lock()
        self._poller = StagePoller(self._hardware)
        self._shut_down = False
        self.microscope_problem = ""
        self.asked_profile = ""
        """The profile, or the configuration's path, that was asked for last; to open it again."""
        self.opening_words = ""
        """What is being done to open the microscope, in words."""
        self.run_problem = ""
        self.session: Session | None = None
        self.run: Run | None = None
        self.latest_frames = LatestFrames()
        self.field_size_um = (0.0, 0.0)
        """Width and height that the camera sees, as of the last run's start; 0 is not known."""
        self.pixel_um = 0.0
        """How large a pixel of it is."""
        self.start_proposal: Callable[[], object] | None = None
        """Starts what Design has on its desk: Design sets it, the Run action calls it."""
        self.proposed_plan: Callable[[], Experiment] | None = None
        """What Design has on its desk, for changing a run in mid-run: Design sets it."""
        self.memory_bytes = 2**30
        """How much memory the next recording's buffers may take: Design sets it."""
        self.keeps_store_open = False
        """Whether the next run holds at the end of its plan, so that more can be added to it."""

    # -- microscope

    @property
    def microscope(self) -> "Microscope | None":
        """The open microscope; None while it is being opened, and when that failed."""
        return self._microscope

    @property
    def opening(self) -> bool:
        """Whether a microscope is being opened now."""
        return self._opening is not None

    def open_microscope(self, profile: str | None = None) -> None:
        """Open `profile` (None: the demo microscope) in the engine thread, closing the last one."""
        if self.busy:
            self.microscope_failed.emit("Stop the run before you change the microscope.")
            return
        self.camera_wanted.emit()
        self.cancel_opening()
        self._opening = cancelled = threading.Event()
        self.microscope_problem = ""
        self.asked_profile = profile or "demo"
        self.opening_words = ""
        future = self._submit(lambda: self._open(profile, cancelled))
        future.add_done_callback(lambda done: self._opened(done, cancelled))

    def reopen_microscope(self) -> None:
        """Open the one that was asked for last once more, as after a device that never answered."""
        self.open_microscope(self.asked_profile or None)

    @property
    def microscope_answers(self) -> bool:
        """False while the open microscope is stuck in a call and has to be opened anew."""
        return self._microscope is None or self._microscope.state != "not answering"

    def cancel_opening(self) -> None:
        """Open it no further: takes effect before the next device, and leaves nothing open."""
        if self._opening is not None:
            self._opening.set()

    def close_microscope(self) -> None:
        """Let go of the microscope, so that another program can have it."""
        if self.busy:
            self.microscope_failed.emit("Stop the run before you close the microscope.")
            return
        self.camera_wanted.emit()
        self.microscope_problem = ""
        self._submit(self._close)

    def stage(self) -> "StagePosition | None":
        """Where the stage was a moment ago; frozen during a run, when reading it would block."""
        return self._poller.position

    def in_engine(self, call: Callable[[], Answer]) -> "Future[Answer]":
        """Run `call` (a snap, a move) in the engine thread; refused while a run is live."""
        if self.busy:
            return _refused("The microscope is busy with a run.")

        def hold_hardware_and_call() -> Answer:
            with self._hardware:
                return call()

        return self._submit(hold_hardware_and_call)

    # -- run

    @property
    def busy(self) -> bool:
        """Whether a run is being prepared, is going, or is being finished."""
        return self._starting

    @property
    def can_pause(self) -> bool:
        """Whether there is a run that can be paused or resumed."""
        return self.busy and self.run is not None

    def start(self, experiment: "Experiment", output: Path, *, overwrite: bool = False) -> None:
        """Prepare and run `experiment` into the store `output`; a refusal is signalled.

        With `keeps_store_open` set it holds at the end of its plan, until it is released.
        """
        if self.busy:
            self._refuse("A run is going on; stop it before you start another.")
            return
        self.camera_wanted.emit()
        self._starting = True
        self._cancel_reason = None
        self.run_problem = ""
        keep_open = self.keeps_store_open
        self._current = self._submit(
            lambda: self._execute(experiment, output, overwrite=overwrite, keep_open=keep_open)
        )
        self._current.add_done_callback(self._ended)

    def pause(self) -> None:
        """Pause at the next event boundary."""
        if self.run is not None and self.busy:
            self.run.pause()

    def resume(self) -> None:
        """Go on after a pause."""
        if self.run is not None and self.busy:
            self.run.resume()

    def release(self) -> None:
        """Go on from a hold."""
        if self.run is not None and self.busy:
            self.run.release()

    def cancel(self, reason: str = "stopped by the operator") -> None:
        """Stop the run, also one that is still being prepared."""
        if not self.busy:
            return
        self._cancel_reason = reason
        if self.run is not None:
            self.run.cancel(reason)

    def status(self) -> "RunStatus | None":
        """The status of the run that is going on, else of the last one, else None."""
        return None if self.run is None else self.run.status()

    # -- end

    def shutdown(self, timeout: float = 10.0) -> bool:
        """Cancel, wait, close the microscope, end the threads.

        False: a device did not answer in time and its thread was left behind. Leave with
        `os._exit` then, since Python would wait for the device at its own exit.
        """
        if self._shut_down:
            return True
        self.camera_wanted.emit()
        self._shut_down = True
        deadline = time.monotonic() + timeout
        self.cancel_opening()
        self.cancel("the program was closed")
        self._poller.stop(timeout)
        if not self._engine.isRunning():
            return True
        self._engine.submit(self._close)
        self._engine.finish()
        if self._engine.wait(max(1, round(1000 * (deadline - time.monotonic())))):
            return True
        log.error("the microscope did not answer within %.0f s of closing", timeout)
        _abandoned.append(self._engine)
        return False

    # -- in the engine thread

    def _open(self, profile: str | None, cancelled: threading.Event) -> "Microscope":
        from parfocal.scope import OpeningCancelled, open_microscope

        self._close()
        if cancelled.is_set():
            raise OpeningCancelled("Opening the microscope was cancelled before it began.")

        def tell(words: str) -> None:
            self.opening_words = words

        microscope = open_microscope(profile, progress=tell, cancelled=cancelled)
        if cancelled.is_set():  # its last device came up after that
            microscope.close()
            raise OpeningCancelled("Opening the microscope was cancelled; nothing was left open.")
        self._microscope = microscope
        self._poller.watch(microscope)
        return microscope

    def _close(self) -> None:
        microscope, self._microscope = self._microscope, None
        if microscope is None:
            return
        self._poller.watch(None)
        with self._hardware:
            microscope.close()
        self.microscope_closed.emit()

    def _execute(
        self, experiment: "Experiment", output: Path, *, overwrite: bool, keep_open: bool
    ) -> None:
        from parfocal.wiring import Alarms, prepare_run

        if self._microscope is None:
            raise ControllerError("No microscope is open; open one in the Microscope workspace.")
        latest = LatestFrames()
        with self._hardware, folder_for_a_store(output.parent):
            camera = self._microscope.camera()
            self.pixel_um = scale = camera.pixel_size_um
            self.field_size_um = (camera.width * scale, camera.height * scale)
            session = prepare_run(
                experiment,
                self._microscope,
                output,
                overwrite=overwrite,
                extra_sinks=(latest,),
                keep_open=keep_open,
                budget_bytes=self.memory_bytes,
                alarms=Alarms(),
            )
            try:
                self.session, self.latest_frames = session, latest
                self.run = session.run
                if self._cancel_reason is not None:
                    session.run.cancel(self._cancel_reason)
                self.run_started.emit(session.run)
                session.run.execute()
            finally:
                session.close()

    # -- what became of it; called in the engine thread

    def _opened(self, future: "Future[Microscope]", cancelled: threading.Event) -> None:
        from parfocal.scope import OpeningCancelled

        if self._opening is not cancelled:  # another one was asked for meanwhile
            return
        self._opening = None
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            self.microscope_opened.emit(future.result())
            return
        self.microscope_problem = _sentence(error, "the microscope could not be opened")
        if isinstance(error, OpeningCancelled):  # nobody did anything wrong
            self.microscope_closed.emit()
        else:
            self.microscope_failed.emit(self.microscope_problem)

    def _ended(self, future: "Future[None]") -> None:
        self._starting = False
        error = None if future.cancelled() else future.exception()
        if error is not None:
            self._refuse(_sentence(error, "the run could not be started"))
            return
        self.run_finished.emit(self.status())

    def _refuse(self, sentence: str) -> None:
        self.run_problem = sentence
        self.run_refused.emit(sentence)

    def _submit(self, call: Callable[[], Any]) -> "Future[Any]":
        if self._shut_down:
            return _refused("The program is being closed.")
        if not self._engine.isRunning():
            self._engine.start()
        return self._engine.submit(call)


def _refused(sentence: str) -> "Future[Any]":
    future: Future[Any] = Future()
    future.set_exception(ControllerError(sentence))
    return future


def _sentence(error: BaseException, what: str) -> str:
    if isinstance(error, ParfocalError):
        return str(error)
    log.error("%s", what, exc_info=error)
    return f"{what[0].upper()}{what[1:]}: {error} (the log has the details)"
