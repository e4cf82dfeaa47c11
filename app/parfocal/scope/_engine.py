"""The engine that taps frames: give it callbacks, and every frame or missing frame reaches them.

The tap is a direct call in the engine's thread and not pymmcore-plus' frameReady: with a
QApplication loaded that signal is queued to the main thread, and a waiting main thread gets none.
"""

import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any, Literal, Protocol, TypeAlias, cast

from numpy.typing import NDArray
from pymmcore_plus import CMMCorePlus, Metadata
from pymmcore_plus.core import SequencedEvent
from pymmcore_plus.mda import MDAEngine
from pymmcore_plus.metadata import FrameMetaV1, SummaryMetaV1
from useq import MDAEvent, MDASequence, PropertyTuple

from parfocal.scope import _commands as commands
from parfocal.scope._errors import MicroscopeError, commanding
from parfocal.scope._frame import Frame, FrameTag
from parfocal.scope._frame_facts import camera_counter, lost_before, sequence_facts, snap_facts

__all__ = ["SimulatedCamera", "TappingEngine"]

POLL_S = 0.001


Signal: TypeAlias = Literal["cancel", "pause"] | None
Payload: TypeAlias = tuple[NDArray[Any], MDAEvent, FrameMetaV1]
Payloads: TypeAlias = Generator[Payload | None, Signal, None]


class SimulatedCamera(Protocol):
    """A camera that is told what comes next, so that its picture depends on the plan alone."""

    def foretell(self, event: MDAEvent | None) -> None:
        """Say which event is exposed next; None when the exposures of the last one are over."""

    def interrupt(self) -> None:
        """End the exposure in progress."""


class TappingEngine(MDAEngine):
    """pymmcore-plus' engine that hands frames over in its own thread and swallows nothing.

    `cancelled` may be replaced by the run's own event before it starts; nobody clears it here.
    After it is set no frame is handed on.
    """

    def __init__(self, core: CMMCorePlus, simulated: SimulatedCamera | None = None) -> None:
        # restoring is ours: MDAEngine refuses where the focus direction is unknown, as in the
        # demo, and says so with a RuntimeWarning
        super().__init__(core, restore_initial_state=False)
        self.on_frame: Callable[[Frame], None] | None = None
        self.on_missing: Callable[[FrameTag], None] | None = None
        self.on_event_start: Callable[[MDAEvent], None] | None = None
        self.cancelled = threading.Event()
        self._simulated = simulated
        self._camera = ""

    def stop_now(self) -> None:
        """End the exposure or sequence in progress; may be called from any thread.

        The sequence itself is stopped by the engine's thread, at most a poll later: UniMMCore
        drops its acquisition thread without a lock, and stopping from here races with that.
        """
        self.cancelled.set()
        if self._simulated is not None:
            self._simulated.interrupt()

    # ------------------------------------------------------------------ the runner's protocol

    def setup_sequence(self, sequence: MDASequence) -> SummaryMetaV1 | None:
        core = self.mmcore
        self._camera = core.getCameraDevice()
        if not self._camera:
            raise MicroscopeError("This microscope has no camera; choose one in its configuration.")
        if core.getNumberOfCameraChannels() > 1 or core.getNumberOfComponents() > 1:
            raise MicroscopeError(
                f"Camera {self._camera!r} gives several images or colours at once; "
                "choose a single monochrome camera."
            )
        with commanding("The microscope", "prepare for the run"):
            return super().setup_sequence(sequence)

    def event_iterator(self, events: Iterable[MDAEvent]) -> Iterator[MDAEvent]:
        """Merge events into hardware sequences; an unknown channel is refused before that."""
        return super().event_iterator(self._with_known_channels(events))

    def _with_known_channels(self, events: Iterable[MDAEvent]) -> Iterator[MDAEvent]:
        for event in events:
            if event.channel is not None:
                commands.check_channel(self.mmcore, event.channel.group, event.channel.config)
            yield event

    def setup_event(self, event: MDAEvent) -> None:
        with commanding("The microscope", "get ready for the next exposure"):
            super().setup_event(event)

    def teardown_event(self, event: MDAEvent) -> None:
        with commanding("The microscope", "settle after an exposure"):
            super().teardown_event(event)

    def exec_event(self, event: MDAEvent) -> Payloads:
        """Run the event's exposures and hand each frame over before the runner sees it."""
        if self._simulated is not None:
            self._simulated.foretell(event)
        if self.cancelled.is_set():
            return
        if self.on_event_start is not None:
            self.on_event_start(event)
        planned = event.events if isinstance(event, SequencedEvent) else (event,)
        payloads = super().exec_event(event)
        assert isinstance(payloads, Generator)
        try:
            yield from self._tap(payloads, planned)
        finally:
            payloads.close()  # a callback that raised leaves a sequence running otherwise
            if self._simulated is not None:
                self._simulated.foretell(None)

    def _tap(self, payloads: Generator[Any, Any, None], planned: Sequence[MDAEvent]) -> Payloads:
        # `send` and not `for`: a plain loop loses the runner's "cancel", and a sequence of 400
        # frames then ran to its end (3.8 s instead of 0.04 s)
        signal: Signal = None
        for position in range(len(planned) + 1):
            try:
                payload = next(payloads) if position == 0 else payloads.send(signal)
            except StopIteration:
                return
            if payload is None:
                tag = planned[position].metadata.get("parfocal")
                if tag is not None and self.on_missing is not None:
                    self.on_missing(tag)
            else:
                image, exposed, metadata = payload
                tag = exposed.metadata.get("parfocal")
                if tag is not None and self.on_frame is not None:
                    self.on_frame(Frame(tag, image, metadata))
            signal = yield payload

    # ------------------------------------------------------------------ single exposures

    def setup_single_event(self, event: MDAEvent) -> None:
        core = self.mmcore
        self._set_event_xy_position(event)
        if event.z_pos is not None:
            self._set_event_z(event)
        if event.slm_image is not None:
            self._set_event_slm_image(event)
        self._set_event_channel(event)
        if event.exposure is not None:
            commands.set_exposure(core, event.exposure)
        if event.properties is not None:
            self._set_event_properties(event.properties)
        self._set_event_roi(event)
        if event.keep_shutter_open and self._autoshutter_was_set and core.getAutoShutter():
            with commanding(f"Shutter {core.getShutterDevice()!r}", "stay open"):
                core.setAutoShutter(False)
                core.setShutterOpen(True)

    def exec_single_event(self, event: MDAEvent) -> Payloads:
        core = self.mmcore
        exposure = event.exposure if event.exposure is not None else core.getExposure()
        started = time.perf_counter()
        with commanding(f"Camera {self._camera!r}", f"take an exposure of {exposure:g} ms"):
            core.snapImage()
            if self.cancelled.is_set():
                return  # the exposure may have been cut short: there is no picture to hand on
            image = core.getImage()
        if self._autoshutter_was_set and not event.keep_shutter_open and not core.getAutoShutter():
            with commanding(f"Shutter {core.getShutterDevice()!r}", "close"):
                core.setShutterOpen(False)
        facts = snap_facts(event, self._camera, exposure, started)
        yield image, event, cast("FrameMetaV1", facts)

    # ------------------------------------------------------------------ hardware sequences

    def setup_sequenced_event(self, event: SequencedEvent) -> None:
        with commanding("The microscope", f"load a sequence of {len(event.events)} exposures"):
            super().setup_sequenced_event(event)

    def exec_sequenced_event(self, event: SequencedEvent) -> Payloads:
        core = self.mmcore
        camera = f"Camera {self._camera!r}"
        planned = event.events
        origin = event.metadata.get("runner_t0")
        with commanding(camera, f"start a sequence of {len(planned)} exposures"):
            exposure = event.exposure if event.exposure is not None else core.getExposure()
            started = time.perf_counter()
            core.startSequenceAcquisition(len(planned), 0, True)
        self.post_sequence_started(event)
        position, counter = 0, None
        try:
            while position < len(planned):
                popped = self._next_in_sequence(position, len(planned), exposure)
                if popped is None:
                    break
                image, tags = popped
                lost = lost_before(tags, counter)
                counter = camera_counter(tags)
                for _ in range(min(lost, len(planned) - position)):
                    position += 1
                    yield None
                if position == len(planned):
                    break
                exposed = planned[position]
                facts = sequence_facts(exposed, self._camera, exposure, started, origin, tags)
                position += 1
                signal = yield image, exposed, cast("FrameMetaV1", facts)
                if signal == "cancel":
                    self.stop_now()
            if core.isBufferOverflowed():
                raise MicroscopeError(
                    f"{camera} was faster than its frames could be taken, and the image buffer "
                    f"of {core.getCircularBufferMemoryFootprint()} MB ran over at frame {position}."
                )
            if not self.cancelled.is_set():
                if position == 0:
                    raise MicroscopeError(
                        f"{camera} gave none of the {len(planned)} frames of a sequence; "
                        "look for its fault in the log."
                    )
                for _ in range(len(planned) - position):
                    yield None
        finally:
            self._end_sequence()

    def _next_in_sequence(
        self, taken: int, planned: int, exposure_ms: float
    ) -> tuple[NDArray[Any], Metadata] | None:
        """Wait for the next frame; None when the camera gives no more or the run was cancelled."""
        core = self.mmcore
        patience = max(self.timeout_base, exposure_ms / 1000 * self.timeout_multiplier)
        if taken == 0 and self.timeout_first_frame is not None:
            patience = max(patience, self.timeout_first_frame)
        deadline = time.monotonic() + patience
        with commanding(f"Camera {self._camera!r}", f"give frame {taken + 1} of {planned}"):
            while not self.cancelled.is_set():
                # asked before the count: a camera may deliver its last frame in between
                running = core.isSequenceRunning()
                if core.getRemainingImageCount():
                    tags = Metadata()
                    return core.popNextImageMD(tags), tags
                if not running:
                    return None
                if time.monotonic() > deadline:
                    raise MicroscopeError(
                        f"Camera {self._camera!r} gave {taken} of {planned} frames and then none "
                        f"for {patience:.0f} s; check its trigger and its cable."
                    )
                time.sleep(POLL_S)
        return None

    def _end_sequence(self) -> None:
        core = self.mmcore
        if core.isSequenceRunning():
            if self._simulated is not None:
                self._simulated.interrupt()
            with commanding(f"Camera {self._camera!r}", "stop its sequence"):
                core.stopSequenceAcquisition()

    # ------------------------------------------------------------------ commands that speak up

    def _set_event_xy_position(self, event: MDAEvent) -> None:
        commands.move_xy(self.mmcore, event)

    def _set_event_z(self, event: MDAEvent) -> None:
        assert event.z_pos is not None
        correction = self._z_correction.get(event.index.get("p"), 0.0)
        commands.move_z(self.mmcore, event.z_pos + correction)

    def _set_event_channel(self, event: MDAEvent) -> None:
        if event.channel is not None:
            commands.set_channel(self.mmcore, event.channel.group, event.channel.config)

    def _set_event_properties(self, properties: Sequence[PropertyTuple]) -> None:
        commands.set_properties(self.mmcore, [(p[0], p[1], p[2]) for p in properties])

    def _set_event_roi(self, event: MDAEvent) -> None:
        commands.set_region(self.mmcore, event)

    def _set_event_slm_image(self, event: MDAEvent) -> None:
        if event.slm_image is not None:
            commands.show_projector_image(self.mmcore, event.slm_image)
