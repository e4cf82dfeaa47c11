"""One hardware sequence of the camera: start it, take its frames as they come, end it.

Frames are placed by their numbers: one that was lost leaves a gap and shifts no other.
"""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from numpy.typing import NDArray
from pymmcore_plus import CMMCorePlus, Metadata

from parfocal.scope._errors import MicroscopeError, MicroscopeTimeout, commanding
from parfocal.scope._frame_facts import FrameNumbers
from parfocal.scope._hardware import Hardware

__all__ = ["CameraSequence", "Popped"]

POLL_S = 0.001
# the camera itself is asked seldom whether it still runs: it may be slow to answer
ASK_S = 0.01
# UniMMCore gives a Python camera 2 s to end its stream
STOPPING_S = 5.0


class Popped(NamedTuple):
    """A frame as MMCore's buffer gave it, and which exposure of the sequence it is of."""

    position: int
    image: NDArray[Any]
    tags: Metadata


class CameraSequence:
    """`planned` exposures of one camera. Its frames are popped in the caller's thread: MMCore's
    buffer answers at once, whatever the camera does."""

    def __init__(
        self,
        core: CMMCorePlus,
        hardware: Hardware,
        *,
        planned: int,
        exposure_ms: float,
        deadline_s: float,
        numbers: FrameNumbers,
        cancelled: threading.Event,
        interrupt: Callable[[], None],
    ) -> None:
        self._core = core
        self._hardware = hardware
        self._planned = planned
        self._exposure_s = exposure_ms / 1000
        self._deadline_s = deadline_s
        self._numbers = numbers
        self._cancelled = cancelled
        self._interrupt = interrupt
        self._camera = f"Camera {core.getCameraDevice()!r}"
        self.started = 0.0

    def start(self) -> None:
        def start() -> None:
            with commanding(self._camera, f"start a sequence of {self._planned} exposures"):
                self.started = time.perf_counter()
                self._core.startSequenceAcquisition(self._planned, 0, True)

        self._ask(start, "start a sequence")

    def frames(self) -> Iterator[Popped]:
        """Every frame that comes, in order; ends early when the camera does or on a cancel."""
        position = 0
        while position < self._planned and (popped := self._next(position)) is not None:
            # a number that goes back is no place to go to: frames come in order
            position = max(position, popped.position)
            if position >= self._planned:
                return
            yield popped._replace(position=position)
            position += 1

    def end(self) -> None:
        """Stop the camera if it still runs."""

        def end() -> None:
            if self._core.isSequenceRunning():
                self._interrupt()
                with commanding(self._camera, "stop its sequence"):
                    self._core.stopSequenceAcquisition()

        if not self._hardware.stuck_in:
            self._ask(end, "stop a sequence", STOPPING_S)

    def _next(self, taken: int) -> Popped | None:
        core = self._core
        deadline = time.monotonic() + self._exposure_s + self._deadline_s
        ask = time.monotonic() + ASK_S
        with commanding(self._camera, f"give frame {taken + 1} of {self._planned}"):
            while not self._cancelled.is_set():
                if core.getRemainingImageCount():
                    return self._pop()
                now = time.monotonic()
                if now > ask:
                    ask = now + ASK_S
                    # counted again after that: a camera may deliver its last frame in between
                    if not self._ask(core.isSequenceRunning, "say whether its sequence runs"):
                        return self._pop() if core.getRemainingImageCount() else None
                if now > deadline:
                    raise MicroscopeTimeout(
                        f"{self._camera} gave {taken} of {self._planned} frames and then none "
                        f"for {self._exposure_s + self._deadline_s:g} s; check its trigger and "
                        "its cable."
                    )
                time.sleep(POLL_S)
        return None

    def _pop(self) -> Popped:
        tags = Metadata()
        image = self._core.popNextImageMD(tags)
        return Popped(self._numbers.position(tags), image, tags)

    def check_overflow(self, taken: int) -> None:
        """Say that the buffer ran over: what came after that is lost."""
        if self._core.isBufferOverflowed():
            raise MicroscopeError(
                f"{self._camera} was faster than its frames could be taken, and the image buffer "
                f"of {self._core.getCircularBufferMemoryFootprint()} MB ran over at frame {taken}."
            )

    def _ask(self, work: Callable[[], Any], what: str, at_least_s: float = 0.0) -> Any:
        return self._hardware.call(
            work,
            what,
            patience_s=max(self._deadline_s, at_least_s),
            takes_s=self._exposure_s,
            cancelled=self._cancelled,
        )
