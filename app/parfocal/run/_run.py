"""Run an experiment on a microscope into a recording; pause, resume, cancel, and ask how it is."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from pymmcore_plus.mda import MDARunner

from parfocal.plan import Experiment, Schedule
from parfocal.run._fanout import FanOut
from parfocal.run._feed import Feed
from parfocal.run._meters import Clock, ErrorLog, Keeping, LagMeter, Progress, describe
from parfocal.run._preflight import RunRefused, schedule_for
from parfocal.run._report import Report
from parfocal.run._sink import Sink
from parfocal.run._state import Control, RunState
from parfocal.run._status import RunError, RunStatus
from parfocal.run._watch import Watch
from parfocal.scope import Microscope, MicroscopeError
from parfocal.store import Recording, StoreError

__all__ = ["Run"]

_busy: set[int] = set()
_busy_lock = threading.Lock()


class Run:
    """One run, once. `execute()` runs it in the calling thread, `start()` in one of its own.

    Every other method may be called from any thread at any time.
    """

    def __init__(
        self,
        experiment: Experiment,
        microscope: Microscope,
        recording: Recording,
        sinks: Sequence[Sink] = (),
        *,
        schedule: Schedule | None = None,
        store: Path | None = None,
    ) -> None:
        self.experiment = experiment
        self.schedule = schedule or schedule_for(experiment, microscope)
        self.store = store or recording.path
        self._microscope = microscope
        self._recording = recording
        self._control = Control(self._announce)
        self._clock = Clock()
        self._progress = Progress()
        self._lag = LagMeter()
        self._errors = ErrorLog()
        self._fatal: RunError | None = None
        self._callbacks: list[Callable[[RunStatus], None]] = []
        self._fanout = FanOut(
            self.schedule,
            recording,
            sinks,
            control=self._control,
            clock=self._clock,
            progress=self._progress,
            lag=self._lag,
            errors=self._errors,
        )
        self._watch = Watch(
            recording.path,
            raw_bytes=lambda: self._progress.raw_bytes,
            disk_bytes=lambda: recording.status().disk_bytes,
        )
        self._report = Report(
            experiment,
            self.schedule,
            store=self.store,
            recording=recording,
            sinks=sinks,
            control=self._control,
            clock=self._clock,
            progress=self._progress,
            lag=self._lag,
            watch=self._watch,
        )
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._connection = threading.Lock()
        self._connected = False

    @property
    def pause_requested(self) -> bool:
        """Whether a pause was asked for, taken effect or not."""
        return self._control.pause_requested

    def start(self) -> None:
        """Run in a thread of its own and return at once."""
        if self._thread is not None:
            raise RunRefused(f"the run into {self.store} was already started")
        self._thread = threading.Thread(target=self.execute, name="parfocal-run", daemon=True)
        self._thread.start()

    def execute(self) -> None:
        """Run in the calling thread and return when everything is written."""
        if not self._control.go(RunState.PREPARING):
            if self._control.state is RunState.CANCELLED:
                return
            raise RunRefused(f"the run into {self.store} was already started")
        self._watch.start()
        # Whatever goes wrong, the frames that came are kept and the run says why it ended; the
        # runner alone would say COMPLETED.
        with Keeping(partial(self._fail, "microscope")), self._microscope_to_itself():
            self._acquire()
        self._finish()

    def pause(self) -> None:
        """Pause at the next event boundary; after `paused` nothing is snapped."""
        self._control.request_pause()

    def resume(self) -> None:
        """Go on, by the plan's policy."""
        self._control.request_resume()

    def cancel(self, reason: str = "") -> None:
        """Stop within a second, keep what was recorded."""
        if not self._control.request_cancel(reason or "stopped by the operator"):
            return
        if self._control.state is RunState.CANCELLED:
            self._ended.set()  # it had not begun
        else:
            # the engine must not have gone to another run in between: it would stop that one
            with self._connection:
                if self._connected:
                    self._microscope.engine.stop_now()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until everything is written; False when `timeout` seconds passed first."""
        if not self._ended.wait(timeout):
            return False
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout)
        return True

    def status(self) -> RunStatus:
        """How it is now: cheap, never blocks, from any thread."""
        return self._report.status(self._errors.all(), self._fatal)

    def on_status(self, callback: Callable[[RunStatus], None]) -> None:
        """Call back at each change of state, in whichever thread changed it."""
        self._callbacks.append(callback)

    def _announce(self) -> None:
        if not self._callbacks:
            return
        status = self.status()
        for callback in tuple(self._callbacks):
            with Keeping(partial(self._errors.add, "status callback")):
                callback(status)

    def _fail(self, source: str, error: Exception) -> None:
        """Keep the first error that ends the run: those after it follow from it."""
        if self._fatal is None:
            self._fatal = describe("store" if isinstance(error, StoreError) else source, error)

    def _acquire(self) -> None:
        """Drive pymmcore-plus' runner; this thread is the engine thread until it returns."""
        core = self._microscope.core
        camera = self._microscope.camera()
        frame_bytes = max(1, camera.width * camera.height * core.getBytesPerPixel())
        feed = Feed(
            self.schedule,
            self.experiment.policy,
            engine=self._microscope.engine,
            recording=self._recording,
            control=self._control,
            clock=self._clock,
            progress=self._progress,
            # not getBufferTotalCapacity(): before the first sequence it tells of another image size
            camera_buffer=max(1, core.getCircularBufferMemoryFootprint() * 2**20 // frame_bytes),
            exposure_ms=core.getExposure(),
        )
        self._report.feed = feed
        # A runner of our own: the core's is in reach of every widget, and a pause set there would
        # hold an event that a cancel could not reach. Its signals would also queue each frame to
        # the main thread.
        runner = MDARunner()
        runner.set_engine(self._microscope.engine)
        runner.run(feed.events())

    @contextlib.contextmanager
    def _microscope_to_itself(self) -> Iterator[None]:
        """Connect to the engine's taps; refused while another run has them."""
        engine = self._microscope.engine
        with _busy_lock:
            if id(engine) in _busy:
                raise RunRefused(f"microscope {self._microscope.name!r} is still in another run")
            _busy.add(id(engine))
        engine.cancelled = self._control.cancelled
        engine.on_frame = self._fanout.on_frame
        engine.on_missing = self._fanout.on_missing
        self._connected = True
        try:
            yield
        finally:
            with self._connection:
                self._connected = False
            self._fanout.closed = True
            engine.cancelled = threading.Event()  # or the next one to use it would get no frame
            engine.on_frame = engine.on_missing = None
            with _busy_lock:
                _busy.discard(id(engine))

    def _finish(self) -> None:
        """Close the store and say how the run ended; nobody else decides that."""
        # the state and not the token: an engine that was told to stop by somebody else sets that
        if self._fatal is None and self._control.state is not RunState.CANCELLING:
            self._check_all_came()
        reason = None if self._fatal is None else self._fatal.sentence
        self._control.go(RunState.FINISHING, reason)
        with Keeping(partial(self._fail, "store")):
            if reason is None and self._control.state is RunState.FINISHING:
                self._recording.close("completed", self._what_is_missing())
            else:
                self._recording.close("interrupted", reason or self._control.reason)
        self._clock.finish()
        self._watch.stop()
        if self._fatal is not None:
            self._control.go(RunState.FAILED, self._fatal.sentence)
        elif not self._control.go(RunState.COMPLETED, self._what_is_missing()):
            self._control.go(RunState.CANCELLED)
        self._ended.set()

    def _what_is_missing(self) -> str:
        """Completed and yet not whole: say so in the one line that everybody reads."""
        skipped = self._progress.skipped
        if not skipped:
            return ""
        return f"{skipped} of {self.schedule.frames} frames were not delivered by the camera"

    def _check_all_came(self) -> None:
        """Frames that neither came nor were reported missing: the run cannot be complete."""
        lost = self.schedule.frames - self._progress.acquired - self._progress.skipped
        if lost > 0:
            sentence = f"{lost} of {self.schedule.frames} frames never came from the camera"
            self._fail("microscope", MicroscopeError(sentence))
