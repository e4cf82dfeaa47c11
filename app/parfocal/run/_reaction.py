"""What a run has beside it to react to what it sees: the loop, its lights, its results."""

from collections.abc import Callable, Iterable
from threading import Event
from typing import TYPE_CHECKING, Any, TypeAlias

from parfocal.plan import Experiment, Index, Item, Phase, Schedule, Step
from parfocal.react import Cells, Decision, Lights, Loop, LoopCounts, Prepared, Results, Seen
from parfocal.scope import Frame, FrameTag, Microscope
from parfocal.store import Recording

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Decide", "Reaction"]

LIGHT = "stimulation"
Decide: TypeAlias = Callable[[Seen, Cells | None], Iterable[Item] | None]


class Reaction:
    """Made before the run: a pipeline that cannot work is refused then.

    Frames and masks come and go in the engine's thread; only `decide` and `drain` wait there.
    What is found is given to the function `decide(seen, cells)`, in the thread that found it: items
    that it gives back take the place of all that has not begun, None leaves the plan as it is.
    """

    def __init__(
        self,
        experiment: Experiment,
        schedule: Schedule,
        microscope: Microscope,
        recording: Callable[[], Recording],
        decide: Decide | None = None,
    ) -> None:
        camera = microscope.camera()
        shape = camera.height, camera.width
        self._microscope = microscope
        self._recording = recording
        self._tell: Callable[[str, BaseException], None] = lambda _source, _error: None
        self._replace: Callable[[Iterable[Item]], None] = lambda _items: None
        self._plan_decision = decide
        self._results = Results(
            lambda: recording().path,
            lambda p, c: recording().image_path(p, c),
            lambda error: self._tell("results", error),
        )
        self._loop = Loop(
            shape=shape,
            pixel_um=camera.pixel_size_um if camera.pixel_size_um > 0 else 1.0,
            pixels_of=lambda index: recording().get(index),
            results=self._results,
            on_error=lambda source, error: self._tell(source, error),
            on_cells=None if decide is None else self._decide_on,
        )
        self._lights = Lights(self._loop, self._results, shape)
        self.adopt(self.prepare(experiment, schedule))

    def prepare(self, experiment: Experiment, schedule: Schedule) -> Prepared:
        """Make and load the pipelines of a plan, or raise; nothing changes before `adopt`."""
        return self._loop.prepare(experiment, schedule)

    def adopt(self, prepared: Prepared) -> None:
        """React to what this plan says from now on."""
        self._loop.adopt(prepared)

    def report_to(
        self,
        tell: Callable[[str, BaseException], None],
        replace: Callable[[Iterable[Item]], None],
    ) -> None:
        """Whom to tell of errors that end no run, and who replaces what remains of the plan."""
        self._tell, self._replace = tell, replace

    def counts(self) -> LoopCounts:
        """How it goes."""
        return self._loop.counts()

    def light(self) -> tuple[tuple[int, str], ...]:
        """The event of each stimulation that came to an end, counted from 0, and how it ended."""
        return self._lights.outcomes

    # ------------------------------------------------------------------ frames and light

    def offer(self, frame: Frame) -> None:
        """A frame came and is stored; never waits."""
        if frame.kind == LIGHT:
            self._lights.came(Index(*frame.index), frame.metadata)
        else:
            # the buffer of a sequence is the camera's, that of a snap nobody's but ours
            keep = not frame.metadata.get("hardware_triggered", False)
            self._loop.offer(Index(*frame.index), frame.pixels, keep=keep)

    def missed(self, tag: FrameTag, why: str) -> None:
        """A frame will not come."""
        if tag.kind == LIGHT:
            self._lights.missed(Index(*tag.index), why)
        else:
            self._loop.miss(Index(*tag.index), why)

    def decide(
        self, step: Step, phase: Phase, due: float, interval_s: float, cancelled: Event
    ) -> Decision:
        """Whether light is given, and through which mask; waits for it until its deadline."""
        return self._lights.decide(step, phase, due, interval_s, cancelled)

    def left_out(self, step: Step) -> None:
        """A step that was decided on gives no light, and makes no frame."""
        assert step.index is not None
        self._lights.left_out(step.index)

    def forget(self, step: Step) -> None:
        """A step that was decided on is not in the plan any more."""
        assert step.index is not None
        self._lights.forget(step.index)

    def image_of(self, decision: Decision) -> "NDArray[Any]":
        """What the projector has to show."""
        projector = self._microscope.projector
        assert projector is not None  # preflight refused the plan otherwise
        assert decision.mask is not None
        return projector.image_of(decision.mask)

    def _decide_on(self, seen: Seen, cells: Cells | None) -> None:
        assert self._plan_decision is not None  # or the loop would not call
        items = self._plan_decision(seen, cells)
        if items is not None:
            self._replace(items)

    # ------------------------------------------------------------------ the end

    def cancel(self) -> None:
        """Wake who waits for a mask; nothing more is analysed."""
        self._loop.cancel()

    def drain(self, cancelled: Event) -> None:
        """Analyse what waits, deferred frames too; a cancel ends it."""
        self._loop.drain(cancelled)

    def close(self, left: Iterable[tuple[Step, Item]], why: str) -> None:
        """Write what was found, before the store is closed; `left` was never handed out."""
        self._loop.close()
        lights = (
            (step, item) for step, item in left if step.kind == LIGHT and isinstance(item, Phase)
        )
        self._lights.settle(lights, why)
        self._results.close()

    def finish(self) -> None:
        """The same once the store is closed: labels get their length, and the store its record."""
        self._results.finish(self._loop.in_words())
