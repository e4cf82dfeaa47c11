"""Decide how many steps may go out as one, so that the hardware can take them as a sequence."""

from collections.abc import Sequence

from parfocal.plan import Phase, Step
from parfocal.run._program import Place
from parfocal.run._shared import Shared
from parfocal.scope import Microscope

__all__ = ["Spans"]

# A pause takes effect at the end of a span, so a span may not last longer than a person waits.
LONGEST_SPAN_S = 1.0
# Spans of 400/100/50/20/5 frames gave 728/703/681/622/468 frames/s: beyond this nothing is gained.
LONGEST_SPAN = 400


class Spans:
    """Spans fit the buffers of camera and recording, and last a second at most."""

    def __init__(self, shared: Shared, microscope: Microscope) -> None:
        self._shared = shared
        core = microscope.core
        camera = microscope.camera()
        frame_bytes = max(1, camera.width * camera.height * core.getBytesPerPixel())
        # not getBufferTotalCapacity(): before the first sequence it tells of another image size
        self.camera_buffer = max(1, core.getCircularBufferMemoryFootprint() * 2**20 // frame_bytes)
        self.exposure_ms = core.getExposure()
        """What the camera is set to, for steps that do not say."""

    def longest(self, place: Place) -> Sequence[Step]:
        """The longest run of steps from here that may go out as one.

        All of them are due already, they fit the buffers of camera and recording, and a pause
        need not wait longer than a second for their end.
        """
        steps, start = place.schedule.steps, place.done
        if not self._may_be_joined(steps[start]):
            return steps[start : start + 1]
        end = start + 1
        exposed = self._exposure_s(steps[start])
        for step in steps[end : start + min(LONGEST_SPAN, self.camera_buffer)]:
            exposed += self._exposure_s(step)
            if exposed > LONGEST_SPAN_S or not self._follows(step, steps[start], place):
                break
            end += 1
        indices = [step.index for step in steps[start:end] if step.index is not None]
        end = start + max(1, min(len(indices), self._shared.recording.span_limit(indices)))
        return steps[start : self._last_boundary(place, end)]

    def _may_be_joined(self, step: Step) -> bool:
        return step.index is not None and step.kind != "stimulation"

    def _follows(self, step: Step, first: Step, place: Place) -> bool:
        """Whether this step may be in one span with the first one."""
        if not self._may_be_joined(step) or step.item != first.item:
            return False
        if step.event != first.event and self._reacts(first):
            return False
        if self._shared.clock.until(place.schedule.offset(step)) > 0:
            return False
        return not self._shared.control.pause_requested or not place.is_boundary(step.ordinal)

    def _reacts(self, step: Step) -> bool:
        """Whether what is seen decides what is done next: then events go out one by one."""
        item = self._shared.program.item_of(step)
        return isinstance(item, Phase) and item.stimulate is not None

    def _exposure_s(self, step: Step) -> float:
        return (step.request.exposure or self.exposure_ms) / 1000

    def _last_boundary(self, place: Place, end: int) -> int:
        """Cut back to whole events.

        With events of 5 planes and spans of 8, a pause that waits until a span's end is an
        event's end too would wait for 40 frames.
        """
        if place.is_boundary(end):
            return end
        for position in range(end - 1, place.done, -1):
            if place.is_boundary(position):
                return position
        return end
