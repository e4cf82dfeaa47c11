"""An engine that says what fails: send it events, and no stage, camera or channel fails unsaid.

MDAEngine logs such a failure and goes on, so that a stage that did not move gives frames of the
wrong place and a run that says COMPLETED. Here each command is carried out in the hardware thread,
so that none is waited for without end.
"""

import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal, Protocol, TypeAlias, TypeVar, cast

from numpy.typing import NDArray
from pymmcore_plus import CMMCorePlus
from pymmcore_plus.core import SequencedEvent
from pymmcore_plus.mda import MDAEngine
from pymmcore_plus.metadata import FrameMetaV1, SummaryMetaV1
from useq import HardwareAutofocus, MDAEvent, MDASequence, PropertyTuple

from parfocal.scope import _commands as commands
from parfocal.scope._camera_sequence import CameraSequence
from parfocal.scope._errors import MicroscopeError, Unwanted, commanding
from parfocal.scope._frame_facts import FrameNumbers, sequence_facts, snap_facts
from parfocal.scope._hardware import Hardware
from parfocal.scope._limits import Limits, refuse
from parfocal.scope._settling import settle

__all__ = ["DEADLINE_S", "Payload", "Payloads", "Signal", "SimulatedCamera", "SpeakingEngine"]

DEADLINE_S = 30.0

Answer = TypeVar("Answer")
Signal: TypeAlias = Literal["cancel", "pause"] | None
Payload: TypeAlias = tuple[NDArray[Any], MDAEvent, FrameMetaV1]
Payloads: TypeAlias = Generator[Payload | None, Signal, None]


class SimulatedCamera(Protocol):
    """A camera that is told what comes next, so that its picture depends on the plan alone."""

    def foretell(self, event: MDAEvent | None) -> None:
        """Say which event is exposed next; None when the exposures of the last one are over."""

    def interrupt(self) -> None:
        """End the exposure in progress."""

    def begin(self) -> None:
        """A run begins, and what was done to the sample before it is forgotten."""


class SpeakingEngine(MDAEngine):
    """Sets the hardware and takes pictures, in the hardware thread, and raises what goes wrong."""

    def __init__(
        self, core: CMMCorePlus, hardware: Hardware, simulated: SimulatedCamera | None = None
    ) -> None:
        # restoring is ours: MDAEngine refuses where the focus direction is unknown, as in the
        # demo, and says so with a RuntimeWarning
        super().__init__(core, restore_initial_state=False)
        self.cancelled = threading.Event()
        self.deadline_s = DEADLINE_S
        """How long a stage may move and a camera may be late, beyond its exposure."""
        self.limits = Limits()
        self.frame_numbers = FrameNumbers()
        self._hardware = hardware
        self._simulated = simulated
        self._camera = ""
        self._frame_shape: tuple[int, int] = (0, 0)
        self._kept_open = False

    def shut(self) -> None:
        """Close a shutter that was kept open for an event that does not follow yet; in the
        engine's thread. The next event that wants it open opens it again."""
        if self._kept_open and not (self.cancelled.is_set() or self._hardware.stuck_in):
            self._ask(self._close_kept_open, "close the shutter")

    def stop_now(self) -> None:
        """End the exposure or sequence in progress; may be called from any thread.

        The sequence itself is stopped by the engine's thread, at most a poll later: UniMMCore
        drops its acquisition thread without a lock, and stopping from here races with that.
        """
        self.cancelled.set()
        self._interrupt()

    # ------------------------------------------------------------------ exposures

    def exec_single_event(self, event: MDAEvent) -> Payloads:
        core = self.mmcore
        exposure = event.exposure if event.exposure is not None else core.getExposure()
        taken = self._ask(
            partial(self._snap, event, exposure),
            f"take an exposure of {exposure:g} ms",
            exposure / 1000,
        )
        if taken is None or self.cancelled.is_set():
            return  # the exposure may have been cut short: there is no picture to hand on
        image, started = taken
        facts = snap_facts(event, self._camera, exposure, started)
        yield image, event, cast("FrameMetaV1", facts)

    def exec_sequenced_event(self, event: SequencedEvent) -> Payloads:
        core, planned = self.mmcore, event.events
        origin = event.metadata.get("runner_t0")
        exposure = event.exposure if event.exposure is not None else core.getExposure()
        sequence = CameraSequence(
            core,
            self._hardware,
            planned=len(planned),
            exposure_ms=exposure,
            deadline_s=self.deadline_s,
            numbers=self.frame_numbers,
            cancelled=self.cancelled,
            interrupt=self._interrupt,
        )
        sequence.start()
        position = 0
        try:
            self.post_sequence_started(event)
            for popped in sequence.frames():
                for _ in range(popped.position - position):
                    yield None
                exposed = planned[popped.position]
                position = popped.position + 1
                facts = sequence_facts(
                    exposed, self._camera, exposure, sequence.started, origin, popped.tags
                )
                signal = yield popped.image, exposed, cast("FrameMetaV1", facts)
                if signal == "cancel":
                    self.stop_now()
            sequence.check_overflow(position)
            if self.cancelled.is_set():
                return
            if position == 0:
                raise MicroscopeError(
                    f"Camera {self._camera!r} gave none of the {len(planned)} frames of a "
                    "sequence; look for its fault in the log."
                )
            for _ in range(len(planned) - position):
                yield None
        finally:
            sequence.end()

    # ------------------------------------------------------------------ in the hardware thread

    def _ask(self, work: Callable[[], Answer], what: str, takes_s: float = 0.0) -> Answer:
        return self._hardware.call(
            work,
            what,
            # the deadline itself is kept by whoever waits in there, and can say more
            patience_s=self.deadline_s + 1,
            takes_s=takes_s,
            cancelled=self.cancelled,
            queues=True,
        )

    def _wanted(self) -> bool:
        return not self.cancelled.is_set() and not self._hardware.abandoned

    def _check_wanted(self) -> None:
        """Between two commands: an operator who pressed stop expects nothing to move any more."""
        if not self._wanted():
            raise Unwanted("The event was cancelled.")

    def _interrupt(self) -> None:
        if self._simulated is not None:
            self._simulated.interrupt()

    def _prepare(self, sequence: MDASequence) -> SummaryMetaV1 | None:
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
            self._kept_open = self._af_succeeded = False
            summary = super().setup_sequence(sequence)
            self._frame_shape = core.getImageHeight(), core.getImageWidth()
        return summary

    def _with_known_channels(self, events: Iterable[MDAEvent]) -> Iterator[MDAEvent]:
        for event in events:
            if event.channel is not None:
                commands.check_channel(self.mmcore, event.channel.group, event.channel.config)
            yield event

    def _set_up(self, event: MDAEvent) -> None:
        core = self.mmcore
        with commanding("The microscope", "get ready for the next exposure"):
            if isinstance(event, SequencedEvent):
                self.setup_sequenced_event(event)
            else:
                self.setup_single_event(event)
            arrived = settle(core, words(event), deadline_s=self.deadline_s, wanted=self._wanted)
            if not arrived:
                commands.stop_stages(core)
                raise Unwanted("The event was cancelled.")
            focuses = isinstance(event.action, HardwareAutofocus)
            if self._af_was_engaged and self._af_succeeded and not focuses:
                # the autofocus let go of it, and there is nobody else who takes it up again
                core.enableContinuousFocus(True)
            if event.roi is not None:
                self._frame_shape = core.getImageHeight(), core.getImageWidth()

    def setup_single_event(self, event: MDAEvent) -> None:
        core = self.mmcore
        self._set_event_xy_position(event)
        if event.z_pos is not None:
            self._set_event_z(event)
        self._set_event_channel(event)
        self._check_wanted()
        if event.exposure is not None:
            commands.set_exposure(core, event.exposure, self.limits)
        if event.properties is not None:
            self._set_event_properties(event.properties)
        self._set_event_roi(event)
        if event.keep_shutter_open and self._autoshutter_was_set and core.getAutoShutter():
            self._check_wanted()
            with commanding(f"Shutter {core.getShutterDevice()!r}", "stay open"):
                core.setAutoShutter(False)
                core.setShutterOpen(True)
                self._kept_open = True

    def setup_sequenced_event(self, event: SequencedEvent) -> None:
        correction = self._z_correction.get(event.index.get("p"), 0.0)
        if correction and event.z_sequence:  # MDAEngine forgets what the autofocus found here
            heights = tuple(height + correction for height in event.z_sequence)
            event = event.model_copy(update={"z_sequence": heights})
        commands.check_sequence(event, self.limits)
        if event.exposure is not None and not event.exposure_sequence:
            refuse(f"Camera {self._camera!r}", self.limits.against_exposure(event.exposure))
        with commanding("The microscope", f"load a sequence of {len(event.events)} exposures"):
            super().setup_sequenced_event(event)

    def _snap(self, event: MDAEvent, exposure: float) -> tuple[NDArray[Any], float] | None:
        core = self.mmcore
        started = time.perf_counter()
        with commanding(f"Camera {self._camera!r}", f"take an exposure of {exposure:g} ms"):
            with self._lit(event):
                core.snapImage()
            if not self._wanted():
                return None
            image = core.getImage()
        if self._autoshutter_was_set and not event.keep_shutter_open and not core.getAutoShutter():
            self._close_kept_open()
        return image, started

    def _close_kept_open(self) -> None:
        core = self.mmcore
        with commanding(f"Shutter {core.getShutterDevice()!r}", "close"):
            core.setShutterOpen(False)
            core.setAutoShutter(True)
        self._kept_open = False

    @contextmanager
    def _lit(self, event: MDAEvent) -> Iterator[None]:
        """The projector shows the event's image for this exposure, and no moment longer."""
        if event.slm_image is None:
            yield
            return
        try:
            self._set_event_slm_image(event)
            yield
        finally:
            commands.darken_projector(self.mmcore, event.slm_image.device)

    def _settle_after(self, event: MDAEvent) -> None:
        with commanding("The microscope", "settle after an exposure"):
            super().teardown_event(event)

    def _focus(self, action: HardwareAutofocus) -> float:
        core = self.mmcore
        device = core.getAutoFocusDevice()
        if not device:
            raise MicroscopeError(
                "The plan asks for an autofocus, but this microscope has none; remove it."
            )
        offset = action.autofocus_motor_offset
        at = "" if offset is None else f" at offset {offset:g}"
        with commanding(f"Autofocus {device!r}", f"find the focus{at}"):
            return float(self._execute_autofocus(action))
        raise AssertionError("commanding swallows nothing")

    # ------------------------------------------------------------------ commands that speak up

    def _set_event_xy_position(self, event: MDAEvent) -> None:
        self._check_wanted()
        commands.move_xy(self.mmcore, event, self.limits)

    def _set_event_z(self, event: MDAEvent) -> None:
        assert event.z_pos is not None
        self._check_wanted()
        correction = self._z_correction.get(event.index.get("p"), 0.0)
        commands.move_z(self.mmcore, event.z_pos + correction, self.limits)

    def _set_event_channel(self, event: MDAEvent) -> None:
        self._check_wanted()
        if event.channel is not None:
            commands.set_channel(self.mmcore, event.channel.group, event.channel.config)

    def _set_event_properties(self, properties: Sequence[PropertyTuple]) -> None:
        self._check_wanted()
        commands.set_properties(self.mmcore, [(p[0], p[1], p[2]) for p in properties], self.limits)

    def _set_event_roi(self, event: MDAEvent) -> None:
        self._check_wanted()
        commands.set_region(self.mmcore, event)

    def _set_event_slm_image(self, event: MDAEvent) -> None:
        self._check_wanted()
        if event.slm_image is not None:
            commands.show_projector_image(self.mmcore, event.slm_image)


def words(event: MDAEvent) -> str:
    """What an event asks of the stages, in words."""
    axes = (("x", event.x_pos), ("y", event.y_pos), ("z", event.z_pos))
    places = ", ".join(f"{axis} {value:g}" for axis, value in axes if value is not None)
    return f"arrive at {places} µm" if places else "get ready for the next exposure"
