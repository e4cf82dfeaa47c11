"""Run an experiment on a microscope into a recording; pause, resume, cancel, and ask how it is."""

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pymmcore_plus.mda import MDARunner

from parfocal import counted
from parfocal.plan import Experiment, Item, Schedule, compile_schedule
from parfocal.react import ReactError
from parfocal.run._errors import Keeping, describe
from parfocal.run._fanout import FanOut
from parfocal.run._feed import Feed
from parfocal.run._heart import Heart
from parfocal.run._program import Program
from parfocal.run._reaction import Reaction
from parfocal.run._recorded import hardware_now
from parfocal.run._refusal import RunRefused
from parfocal.run._report import Report
from parfocal.run._revisions import Revisions
from parfocal.run._shared import Shared
from parfocal.run._sink import Sink
from parfocal.run._standpoint import Standpoint
from parfocal.run._state import Control, RunState
from parfocal.run._status import RunError, RunStatus
from parfocal.run._trouble import Trouble
from parfocal.run._watch import Watch
from parfocal.scope import Microscope, MicroscopeError, MicroscopeState
from parfocal.store import Recording, StoreError

__all__ = ["Run"]

_generations = itertools.count(1)


class Run:
    """One run, once. `execute()` runs it in the calling thread, `start()` in one of its own.

    Every other method may be called from any thread at any time. With `keep_open` the run holds
    when its plan is done: `continue_with` then adds to the same store, `release` closes it.
    `live` says where viewers find the newest frames, for programs that look in from outside.
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
        keep_open: bool = False,
        live: Callable[[], Mapping[str, Any] | None] = lambda: None,
        reaction: Reaction | None = None,
    ) -> None:
        here = Standpoint.of(microscope)
        schedule = schedule or compile_schedule(
            experiment, field_of_view_um=here.view_um, stage_um=here.stage_um
        )
        self.store = store or recording.path
        self.generation = next(_generations)
        self._keep_open = keep_open
        self._microscope = microscope
        self._recording = recording
        self._control = Control(self._announce)
        self._shared = Shared(Program(experiment, schedule), recording, self._control, reaction)
        self._progress = self._shared.progress
        self._errors = self._shared.errors
        self._reaction = reaction
        if reaction is not None:
            reaction.report_to(self._errors.add, self.replace_remaining)
        self._revisions = Revisions(self._shared, here)
        self._trouble = Trouble(experiment.on_trouble, self._errors, self._shared.events)
        self._fanout = FanOut(self._shared, sinks, self._trouble)
        self._watch = Watch(self._shared)
        self._report = Report(
            self._shared, sinks, self._watch, generation=self.generation, store=self.store
        )
        self._heart = Heart(self.status, lambda: recording.path, self.generation, live=live)
        self._fatal: RunError | None = None
        self._beside_the_cancel = ""
        self._callbacks: list[Callable[[RunStatus], None]] = []
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._connection = threading.Lock()
        self._connected = False
        self._failing = True

    # ------------------------------------------------------------------ what it does

    @property
    def plan(self) -> Experiment:
        """The plan as it stands, with every revision."""
        return self._shared.program.experiment

    @property
    def experiment(self) -> Experiment:
        """The same as `plan`."""
        return self.plan

    @property
    def schedule(self) -> Schedule:
        """The schedule as it stands; another one after each revision (`RunStatus.revision`)."""
        return self._shared.program.schedule

    @property
    def pause_requested(self) -> bool:
        """Whether a pause was asked for, taken effect or not."""
        return self._control.pause_requested

    def status(self) -> RunStatus:
        """How it is now: cheap, never blocks, from any thread."""
        return self._report.status(lambda: self._fatal)

    def on_status(self, callback: Callable[[RunStatus], None]) -> None:
        """Call back at each change of state, in whichever thread changed it."""
        self._callbacks.append(callback)

    # ------------------------------------------------------------------ begin and end

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
        self._heart.start()
        # Whatever goes wrong, the frames that came are kept and the run says why it ended; the
        # runner alone would say COMPLETED.
        with Keeping(self._stopped_by), self._microscope_to_itself():
            self._acquire()
        self._shared.program.shut()
        self._finish()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until everything is written; False when `timeout` seconds passed first."""
        if not self._ended.wait(timeout):
            return False
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout)
        return True

    # ------------------------------------------------------------------ what people ask of it

    def pause(self) -> None:
        """Pause at the next event boundary, behind a wait; after `paused` nothing is snapped."""
        self._control.request_pause()

    def resume(self) -> None:
        """Go on, by the plan's policy."""
        self._control.request_resume()

    def release(self) -> bool:
        """Go on from a hold; False when there is none. The clock is tied anew to this moment."""
        return self._control.request_release(RunState.HOLDING)

    def end_wait(self) -> bool:
        """Go on from a wait before its time; False when none counts down. It ties the clock."""
        return self._control.request_release(RunState.WAITING)

    def cancel(self, reason: str = "") -> None:
        """Stop within a second, keep what was recorded."""
        if not self._control.request_cancel(reason or "stopped by the operator"):
            return
        if self._reaction is not None:
            self._reaction.cancel()
        if self._control.state is RunState.CANCELLED:
            self._ended.set()  # it had not begun
        else:
            # the engine must not have gone to another run in between: it would stop that one
            with self._connection:
                if self._connected:
                    self._microscope.engine.stop_now()

    def continue_with(self, items: Iterable[Item]) -> None:
        """Do these items too, in the same store, as soon as the plan so far is done.

        They have a clock of their own, which starts when they are reached; a run that holds at the
        end of its plan (`keep_open`) goes on with them at once.
        """
        self._revisions.change("continue", items)

    def replace_remaining(self, items: Iterable[Item]) -> None:
        """Do these items instead of everything that was not begun; none: that was all.

        A wait or hold that goes on is replaced too.
        """
        self._revisions.change("replace", items)

    def extend(self, items: Iterable[Item]) -> None:
        """Do these items after the plan so far, on its clock, as if they had been in it."""
        self._revisions.change("extend", items)

    # ------------------------------------------------------------------ parts

    def _announce(self) -> None:
        state, reason = self._control.snapshot()
        self._shared.events.note("state", state=state, reason=reason)
        self._heart.beat()
        if not self._callbacks:
            return
        status = self.status()
        for callback in tuple(self._callbacks):
            with Keeping(partial(self._errors.add, "status callback")):
                callback(status)

    def _stopped_by(self, error: Exception) -> None:
        """What ended the acquisition. A microscope that does not even answer to a cancel is said
        beside it: the run was stopped, and the operator has to know why the stage stands still.
        """
        if self._control.state is RunState.CANCELLING and isinstance(error, MicroscopeError):
            self._errors.add("microscope", error)
            self._beside_the_cancel = f"; {error}"
        else:
            self._fail("microscope", error)

    def _fail(self, source: str, error: Exception) -> None:
        """Keep the first error that ends the run: those after it follow from it."""
        source = "store" if isinstance(error, StoreError) else source
        source = "react" if isinstance(error, ReactError) else source
        if self._fatal is None:
            self._fatal = describe(source, error)
        self._shared.events.note("failed", source=source, error=str(error))

    def _acquire(self) -> None:
        """Drive pymmcore-plus' runner; this thread is the engine thread until it returns."""
        feed = Feed(self._shared, self._microscope, self.plan.policy, keeps_open=self._keep_open)
        self._report.feed = feed
        # A runner of our own: the core's is in reach of every widget, and a pause set there would
        # hold an event that a cancel could not reach. Its signals would also queue each frame to
        # the main thread.
        runner = MDARunner()
        runner.set_engine(self._microscope.engine)
        runner.run(feed.events())

    @contextlib.contextmanager
    def _microscope_to_itself(self) -> Iterator[None]:
        """Connect to the engine's taps; refused while another run has them.

        Live mode ends before it, and camera, channel, shutter and stage are put back after it.
        """
        problems: list[str] = []
        try:
            with self._microscope.for_a_run(self._stays_put) as told, self._taps():
                problems = told
                yield
        finally:
            for problem in problems:
                self._errors.add("microscope", MicroscopeError(problem))

    def _stays_put(self) -> bool:
        """The stage goes back to where it was only after a run that nobody and nothing stopped."""
        ended_well = self._control.state is not RunState.CANCELLING and not self._failing
        return not ended_well or self._trouble.timed_out

    @contextlib.contextmanager
    def _taps(self) -> Iterator[None]:
        """Have the engine call this run, and nobody when it has ended."""
        engine, rule = self._microscope.engine, self.plan.on_trouble
        deadline_s = engine.deadline_s
        engine.cancelled = self._control.cancelled
        engine.on_frame = self._fanout.on_frame
        engine.on_missing = self._fanout.on_missing
        engine.on_trouble = self._trouble.decide
        if "deadline" in rule.model_fields_set:  # or else that of the microscope's profile
            engine.deadline_s = rule.deadline
        self._connected = True
        try:
            yield
            self._failing = False
        finally:
            with self._connection:
                self._connected = False
            self._fanout.closed = True
            engine.cancelled = threading.Event()  # or the next one to use it would get no frame
            engine.on_frame = engine.on_missing = engine.on_trouble = None
            engine.deadline_s = deadline_s

    def _finish(self) -> None:
        """Close the store and say how the run ended; nobody else decides that."""
        # the state and not the token: an engine that was told to stop by somebody else sets that
        if self._fatal is None and self._control.state is not RunState.CANCELLING:
            self._check_all_came()
        reason = None if self._fatal is None else self._fatal.sentence
        self._control.go(RunState.FINISHING, reason)
        closed = False
        self._finish_reacting(drains=reason is None)
        # hardware that failed may not answer, and the store does not wait for it
        answers = self._fatal is None and self._microscope.state is MicroscopeState.OPEN
        hardware = hardware_now(self._microscope) if answers else {}
        with Keeping(partial(self._fail, "store")):
            if reason is None and self._control.settle():
                self._recording.close("completed", self._what_is_missing(), hardware=hardware)
            else:
                ended = "failed" if reason else "cancelled"
                self._recording.close(ended, reason or self._control.reason, hardware=hardware)
            closed = True
        if self._reaction is not None and closed:
            with Keeping(partial(self._errors.add, "results")):
                self._reaction.finish()
        self._shared.clock.finish()
        if self._fatal is not None:
            self._control.go(RunState.FAILED, self._fatal.sentence)
        elif not self._control.go(RunState.COMPLETED, self._what_is_missing()):
            self._control.go(RunState.CANCELLED, self._control.reason + self._beside_the_cancel)
        self._watch.stop()
        self._heart.stop(whole=closed)
        self._ended.set()

    def _finish_reacting(self, *, drains: bool) -> None:
        """Analyse what waits, unless the run was stopped, and write it into the open store."""
        if (reaction := self._reaction) is None:
            return
        with Keeping(partial(self._errors.add, "results")):
            if drains:
                reaction.drain(self._control.cancelled)
            reaction.close(self._shared.program.left(), "the run ended before")

    def _what_is_missing(self) -> str:
        """Completed and yet not whole: say so in the one line that everybody reads."""
        unlit, skipped = self._progress.unlit, self._progress.skipped - self._progress.unlit
        said = [f"{counted(unlit, 'stimulation')} left out for want of a mask"] if unlit else []
        if skipped:
            why = self._trouble.told or "were not delivered by the camera"
            said.append(f"{skipped} of {self.schedule.frames} frames {why}")
        return "; ".join(said)

    def _check_all_came(self) -> None:
        """Frames that neither came nor were reported missing: the run cannot be complete."""
        progress = self._progress
        lost = self.schedule.frames - progress.acquired - progress.skipped
        sentence = f"{lost} of {self.schedule.frames} frames never came from the camera"
        if progress.acquired == 0 and progress.skipped:
            lost, sentence = progress.skipped, f"no frame came: {self._what_is_missing()}"
        if lost > 0:
            self._fail("microscope", MicroscopeError(sentence))
