"""Hand the runner its events one by one; due times, pause and cancel are decided here."""

from collections.abc import Iterator, Sequence
from typing import Any

from pymmcore_plus.core import SequencedEvent
from useq import MDAEvent

from parfocal.plan import Policy, Schedule, Step
from parfocal.run._meters import Clock, Progress
from parfocal.run._state import Control, RunState
from parfocal.scope import FrameTag, TappingEngine
from parfocal.store import Recording

__all__ = ["Feed"]

# A pause takes effect at the end of a span, so a span may not last longer than a person waits.
LONGEST_SPAN_S = 1.0
# Spans of 400/100/50/20/5 frames gave 728/703/681/622/468 frames/s: beyond this nothing is gained.
LONGEST_SPAN = 400


class Feed:
    """Iterates over the steps of a schedule, as late as they are due and not a step earlier.

    pymmcore-plus' runner pulls the next event only when the last one was handled. Events go out
    without a start time of their own, and the runner's own pause is never used: it has already
    pulled an event while it waits.
    """

    def __init__(
        self,
        schedule: Schedule,
        policy: Policy,
        *,
        engine: TappingEngine,
        recording: Recording,
        control: Control,
        clock: Clock,
        progress: Progress,
        camera_buffer: int,
        exposure_ms: float,
    ) -> None:
        self._steps = schedule.steps
        self._policy = policy
        self._engine = engine
        self._recording = recording
        self._control = control
        self._clock = clock
        self._progress = progress
        self._camera_buffer = camera_buffer
        self.exposure_ms = exposure_ms
        """What the camera is set to, for steps that do not say."""
        self.waits_for: float | None = None

    def events(self) -> Iterator[MDAEvent]:
        """All events, until the last step or a cancel."""
        self._clock.open()
        self._control.go(RunState.RUNNING)
        position = 0
        while position < len(self._steps):
            if not self._is_ready(position):
                return
            span = self._span(position)
            self._wait_for_room(span)
            if self._must_stop_before(position):
                continue
            position += len(span)
            yield from self._hand_out(span)

    def _hand_out(self, span: Sequence[Step]) -> Iterator[MDAEvent]:
        requests = [_tagged(step) for step in span]
        # event_iterator joins them into hardware sequences; for one event it only costs time
        items = self._engine.event_iterator(requests) if len(requests) > 1 else iter(requests)
        last_event: int | None = None
        for item in items:
            if self._control.cancelled.is_set():
                return
            parts = item.events if isinstance(item, SequencedEvent) else (item,)
            tag = parts[0].metadata["parfocal"]
            # hardware that cannot sequence gets a span's events one by one: pause between them
            if last_event is not None and tag.event != last_event:
                self._pause_here()
                if self._control.cancelled.is_set():
                    return
            last_event = parts[-1].metadata["parfocal"].event
            self._progress.fed += sum(
                part.metadata["parfocal"].kind != "autofocus" for part in parts
            )
            yield item

    def _is_ready(self, position: int) -> bool:
        """Wait for the step's due time, paused as long as asked; False when cancelled."""
        due = self._steps[position].due
        while not self._control.cancelled.is_set():
            if self._is_boundary(position) and self._control.pause_requested:
                self._pause_here()
                continue
            seconds = self._clock.until(due)
            if seconds <= 0:
                self.waits_for = None
                return True
            self.waits_for = self._clock.target(due)
            self._control.sleep(seconds)
        self.waits_for = None
        return False

    def _pause_here(self) -> None:
        self.waits_for = None
        self._clock.hold(shifts=self._policy == "shift")
        self._clock.release(self._control.stay_while_paused())

    def _must_stop_before(self, position: int) -> bool:
        """Whether a pause or cancel came while the span waited for room."""
        if self._control.cancelled.is_set():
            return True
        return self._control.pause_requested and self._is_boundary(position)

    def _is_boundary(self, position: int) -> bool:
        return position == 0 or self._steps[position].event != self._steps[position - 1].event

    def _wait_for_room(self, span: Sequence[Step]) -> None:
        indices = [step.index for step in span if step.index is not None]
        if indices:
            self._recording.wait_for_room(indices, self._control.cancelled)

    def _span(self, position: int) -> Sequence[Step]:
        """The longest run of steps from here that may go out as one.

        All of them are due already, they fit the buffers of camera and recording, and a pause
        need not wait longer than a second for their end.
        """
        steps = self._steps
        if steps[position].index is None:
            return steps[position : position + 1]
        most = min(LONGEST_SPAN, self._camera_buffer)
        end = position
        exposed = 0.0
        for step in steps[position : position + most]:
            exposed += (step.request.exposure or self.exposure_ms) / 1000
            alone = end == position
            if step.index is None or (not alone and exposed > LONGEST_SPAN_S):
                break
            if not alone and self._clock.until(step.due) > 0:
                break
            if not alone and self._control.pause_requested and self._is_boundary(end):
                break
            end += 1
        indices = [step.index for step in steps[position:end] if step.index is not None]
        end = position + max(1, min(len(indices), self._recording.span_limit(indices)))
        return steps[position : self._last_boundary(position, end)]

    def _last_boundary(self, start: int, end: int) -> int:
        """Cut back to whole events.

        With events of 5 planes and spans of 8, a pause that waits until a span's end is an
        event's end too would wait for 40 frames.
        """
        if end == len(self._steps) or self._is_boundary(end):
            return end
        for position in range(end - 1, start, -1):
            if self._is_boundary(position):
                return position
        return end


def _tagged(step: Step) -> MDAEvent:
    # an autofocus makes no frame; its tag says where it stands, and its index is not used
    index = step.index if step.index is not None else (0, 0, 0, 0)
    assert step.event is not None  # preflight refuses waits and holds, which have none
    tag = FrameTag(index, step.kind, step.event, step.ordinal)
    update: dict[str, Any] = {"metadata": {"parfocal": tag}}
    if "t" in step.request.index and step.index is not None:
        update["index"] = {**step.request.index, "t": step.index.t}
    return step.request.model_copy(update=update)
