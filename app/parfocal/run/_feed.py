"""Hand the runner its events one by one; due times, pause and cancel are decided here."""

import time
from collections.abc import Iterator, Sequence

from pymmcore_plus.core import SequencedEvent
from useq import MDAEvent

from parfocal.plan import Phase, Policy, Step
from parfocal.run._barriers import Barriers
from parfocal.run._program import Place
from parfocal.run._requests import Requests
from parfocal.run._shared import Shared
from parfocal.run._spans import Spans
from parfocal.run._state import RunState
from parfocal.scope import Microscope

__all__ = ["Feed"]


class Feed:
    """Iterates over the steps of a program, as late as they are due and not a step earlier.

    pymmcore-plus' runner pulls the next event only when the last one was handled. Events go out
    without a start time of their own, and the runner's own pause is never used: it has already
    pulled an event while it waits, and a plan that is replaced meanwhile would miss it.
    """

    def __init__(
        self, shared: Shared, microscope: Microscope, policy: Policy, *, keeps_open: bool = False
    ) -> None:
        self._shared = shared
        self._engine = microscope.engine
        self._keeps_open = keeps_open
        self._requests = Requests(microscope)
        self.barriers = Barriers(shared, policy, microscope.engine.shut)
        self.spans = Spans(shared, microscope)
        self.sleeps_until: float | None = None
        """The due time that is slept for."""

    def events(self) -> Iterator[MDAEvent]:
        """All events, until the last step or a cancel."""
        control, program = self._shared.control, self._shared.program
        self._shared.clock.open()
        while not control.cancelled.is_set():
            place = program.place()
            # a plan that begins with a wait or hold may be replaced before it stands there
            if place.step is None or place.step.event is not None:
                control.begin(RunState.RUNNING)
            if place.step is None:
                if self._is_over(place):
                    return
            elif place.step.event is None:
                self._tie(place, place.step)
                self.barriers.pass_by(place)
            elif self._is_ready(place, place.step):
                self._shared.clock.expect_first(place.schedule.offset(place.step))
                span = self.spans.longest(place)
                self._wait_for_room(span)
                if not self._must_stop_before(place):
                    if place.step.kind == "stimulation":
                        yield from self._give_light(place, place.step)
                    else:
                        yield from self._hand_out(place, span)

    def _is_over(self, place: Place) -> bool:
        if self._keeps_open and not self.barriers.hold_at_the_end(place):
            return False
        return self._shared.program.close(self._shared.control.cancelled)

    def _give_light(self, place: Place, step: Step) -> Iterator[MDAEvent]:
        """Wait for the mask, and hand out the step with it; or leave the step out.

        The picture that the mask is made of was handed on when the events before were handled: it
        is in the loop's queue already, or this would wait for ever.
        """
        shared, reaction = self._shared, self._shared.reaction
        phase = shared.program.item_of(step)
        assert reaction is not None  # wiring makes one for every plan with light
        assert isinstance(phase, Phase)
        due = max(shared.clock.target(place.schedule.offset(step)), shared.progress.began)
        interval = next(
            (part.interval_s for part in place.schedule.parts if part.item == step.item), 0.0
        )
        decision = reaction.decide(step, phase, due, interval, shared.control.cancelled)
        if decision.outcome == "cancelled":
            return
        if not shared.program.take(1, place.revision, shared.control.cancelled):
            reaction.forget(step)
            return
        shared.progress.fed += 1
        if decision.mask is None:
            self._leave_out(step, decision.reason)
            reaction.left_out(step)
            return
        yield self._requests.lit(step, reaction.image_of(decision))

    def _leave_out(self, step: Step, reason: str) -> None:
        assert step.index is not None  # light is snapped
        shared, (t, p, c, z) = self._shared, step.index
        shared.recording.skip(step.index, f"no light: {reason}")
        shared.progress.unlit += 1
        shared.progress.skipped += 1
        shared.events.note("no light", t=t, p=p, c=c, z=z, reason=reason)

    def _hand_out(self, place: Place, span: Sequence[Step]) -> Iterator[MDAEvent]:
        program, control = self._shared.program, self._shared.control
        requests = [self._requests.tagged(step) for step in span]
        # event_iterator joins them into hardware sequences; for one event it only costs time
        items = self._engine.event_iterator(requests) if len(requests) > 1 else iter(requests)
        last_event: int | None = None
        for item in items:
            parts = item.events if isinstance(item, SequencedEvent) else (item,)
            tags = [part.metadata["parfocal"] for part in parts]
            # hardware that cannot sequence gets a span's events one by one: pause between them
            if last_event is not None and tags[0].event != last_event and control.pause_requested:
                self.barriers.pause()
            last_event = tags[-1].event
            if not program.take(len(parts), place.revision, control.cancelled):
                return
            self._shared.progress.fed += sum(tag.kind != "autofocus" for tag in tags)
            yield item

    def _is_ready(self, place: Place, step: Step) -> bool:
        """Whether the step is due now. If not: sleep or pause, and have the feed look again."""
        control, clock = self._shared.control, self._shared.clock
        if place.is_boundary() and control.pause_requested:
            self.barriers.pause()
            return False
        self._tie(place, step)
        seconds = clock.until(place.schedule.offset(step))
        if seconds <= 0:
            return True
        self.sleeps_until = time.perf_counter() + seconds
        program = self._shared.program
        boundary = place.is_boundary()
        control.sleep(
            seconds,
            unless=lambda: (
                (boundary and control.pause_requested) or program.revision != place.revision
            ),
        )
        self.sleeps_until = None
        return False

    def _tie(self, place: Place, step: Step) -> None:
        """Steps that continue a plan count from when they are reached; so do those of a barrier
        that was passed by replacing it."""
        if step.anchor != self._shared.clock.anchor:
            self._shared.clock.tie(step.anchor, time.perf_counter(), place.anchor.due)

    def _must_stop_before(self, place: Place) -> bool:
        """Whether a pause or cancel came while the span waited for room."""
        control = self._shared.control
        if control.cancelled.is_set():
            return True
        return control.pause_requested and place.is_boundary()

    def _wait_for_room(self, span: Sequence[Step]) -> None:
        indices = [step.index for step in span if step.index is not None]
        if indices:
            self._shared.recording.wait_for_room(indices, self._shared.control.cancelled)
