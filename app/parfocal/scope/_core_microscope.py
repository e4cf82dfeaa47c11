"""A microscope with MMCore behind it: wrap an opened core here, and it leaves cleanly."""

import atexit
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pymmcore
from numpy.typing import NDArray
from pymmcore_plus import CMMCorePlus

from parfocal.plan import Schedule
from parfocal.scope._engine import SimulatedCamera, TappingEngine
from parfocal.scope._errors import MicroscopeError, commanding
from parfocal.scope._frame_facts import FrameNumbers
from parfocal.scope._hardware import Hardware
from parfocal.scope._hardware_state import HardwareState, put_back, remembered
from parfocal.scope._hooks import call_hooks, found_hooks
from parfocal.scope._imaging import Imaging, exposure_limits
from parfocal.scope._limits import Limits, limits_findings
from parfocal.scope._live import LiveView
from parfocal.scope._microscope import CameraFacts, MicroscopeState, StagePosition
from parfocal.scope._profile import Profile
from parfocal.scope._projector import Projector
from parfocal.scope._settings import Settings
from parfocal.scope._stages import Stages

__all__ = ["CoreMicroscope", "leave"]

_log = logging.getLogger(__name__)

# how long closing waits for devices that do not answer
CLOSING_S = 5.0
CLOSING_STUCK_S = 0.5


class CoreMicroscope:
    """One core, its engine, and the way out. Each profile has its own; there is no global one."""

    def __init__(
        self,
        profile: Profile,
        core: CMMCorePlus,
        simulated: SimulatedCamera | None = None,
        hardware: Hardware | None = None,
    ) -> None:
        self.profile = profile
        self.name = profile.name
        self.core = core
        self._hooks = found_hooks(profile.hooks, profile.name)
        self._hardware = hardware or Hardware(profile.name)
        self._simulated = simulated
        self._projector: Projector | None = None
        self._in_run = threading.Lock()
        self._closed = False
        patience = profile.deadline_s
        asked = core, self._hardware
        self.live = LiveView(*asked, patience)
        self.stages = Stages(*asked, lambda: self.limits, patience)
        self.imaging = Imaging(profile.name, *asked, self.live, lambda: self.limits, patience)
        self.settings = Settings(*asked, self.live, lambda: self.limits, patience)
        self.engine = TappingEngine(core, self._hardware, simulated)
        self.engine.deadline_s = patience
        core.mda.set_engine(self.engine)
        # read once: a camera's limits and its numbering do not change, its choice may
        self._camera_limits: dict[str, Limits] = {}
        with ExitStack() as undo:
            undo.callback(self._hardware.close, CLOSING_STUCK_S)
            self._know_the_camera()
            undo.pop_all()
        atexit.register(self._leave)

    @property
    def state(self) -> MicroscopeState:
        """Whether it can be used. One that does not answer is opened anew, with a new core."""
        if self._closed:
            return MicroscopeState.CLOSED
        if self._hardware.stuck_in:
            return MicroscopeState.NOT_ANSWERING
        return MicroscopeState.OPEN

    @property
    def limits(self) -> Limits:
        """Those of the profile, and the exposures that the chosen camera allows."""
        return self._camera_limits.get(self.core.getCameraDevice(), self.profile.limits)

    @property
    def projector(self) -> Projector | None:
        """Its DMD or SLM; None where it has none."""
        device = self.core.getSLMDevice()
        if not device:
            return None
        if self._projector is None or self._projector.device != device:
            asked = self.core, self._hardware, self.imaging, self.live
            self._projector = Projector(*asked, self.profile)
        return self._projector

    def camera(self) -> CameraFacts:
        """What a recording has to know about the camera."""
        return self.imaging.facts()

    def channel_groups(self) -> dict[str, tuple[str, ...]]:
        """Every group of presets, since any can serve as channels; the channel group first."""
        return self.settings.groups()

    def stage(self) -> StagePosition:
        """Ask the stage where it is; call it from a thread that may wait for an exposure."""
        return self.stages.position()

    def snap(self) -> NDArray[Any]:
        """Take one picture; live mode ends."""
        return self.imaging.snap()

    def halt(self) -> None:
        """Stop every stage at once, from any thread."""
        self.stages.halt()

    def sequence_limit(self, exposure_ms: float, frame_bytes: int) -> int:
        """How many frames may go out as one hardware sequence."""
        return self.imaging.sequence_limit(exposure_ms, frame_bytes)

    def limits_findings(self, schedule: Schedule) -> tuple[str, ...]:
        """Everything in a plan that this microscope may not be asked for, before it starts."""
        return limits_findings(schedule, self.limits)

    # ------------------------------------------------------------------ around a run

    def remember(self) -> HardwareState:
        """How everything is set now, for `restore`."""
        return self._hardware.call(
            lambda: remembered(self.core, self.limits),
            "say how it is set",
            patience_s=self.profile.deadline_s,
        )

    def restore(self, state: HardwareState) -> tuple[str, ...]:
        """Set everything back to that; what could not be is told in sentences, nothing raised."""
        patience = self.profile.deadline_s
        try:
            return self._hardware.call(
                lambda: put_back(self.core, state, patience),
                "go back to how it was before the run",
                patience_s=3 * patience,
            )
        except MicroscopeError as error:
            return (str(error),)

    @contextmanager
    def for_a_run(self, stays_put: Callable[[], bool] = lambda: False) -> Iterator[list[str]]:
        """Have the microscope for one run: live mode ends before it, and after it everything is
        set back. What went wrong with that stands in the list afterwards.

        `stays_put` is asked at the end: the stage is not moved then. Whoever pressed stop expects
        nothing to move any more, and a stage that did not arrive would be waited for once more.
        """
        if not self._in_run.acquire(blocking=False):
            raise MicroscopeError(f"Microscope {self.name!r} is already in a run.")
        problems: list[str] = []
        try:
            self.live.stop()
            if self._projector is not None:
                self._projector.darken()
            if self._simulated is not None:
                self._simulated.begin()
            before = self.remember()
            self._hardware.call(
                self._know_the_camera,
                "say its exposure limits",
                patience_s=self.profile.deadline_s,
            )
            problems += call_hooks(self._hooks, "run_starts", self)
            try:
                yield problems
            finally:
                problems += self.restore(before.without_place() if stays_put() else before)
                problems += call_hooks(self._hooks, "run_ended", self)
        finally:
            self._in_run.release()

    def opened(self) -> tuple[str, ...]:
        """Call the hooks of a microscope that was opened."""
        return call_hooks(self._hooks, "opened", self)

    def close(self) -> None:
        """Let go of the hardware. Calling it again does nothing.

        A device that does not answer is left behind; the next opening has a core of its own.
        """
        if self._closed:
            return
        call_hooks(self._hooks, "closing", self)
        try:
            self.live.stop()
            if self._projector is not None:
                self._projector.darken()
        except MicroscopeError as error:
            _log.warning("%s", error)
        atexit.unregister(self._leave)
        self._leave()

    # ------------------------------------------------------------------ parts

    def _know_the_camera(self) -> None:
        core = self.core
        camera = core.getCameraDevice()
        if not camera:
            return
        if camera not in self._camera_limits:
            with commanding(f"Camera {camera!r}", "say its exposure limits"):
                own = exposure_limits(core, camera)
                self._camera_limits[camera] = self.profile.limits.with_exposure(own)
        settings = self.profile.camera(camera)
        self.engine.limits = self._camera_limits[camera]
        self.engine.frame_numbers = (
            FrameNumbers()
            if settings is None
            else FrameNumbers(settings.frame_number or "", settings.first_frame_number)
        )

    def _leave(self) -> None:
        self._closed = True
        if self._simulated is not None:
            self._simulated.interrupt()
        if self._hardware.close(CLOSING_S):
            leave(self.core, self._simulated)
            return
        # in a thread of its own: unloading waits for the lock of a device that never gives it back
        leaving = threading.Thread(
            target=leave, args=(self.core, self._simulated), name="parfocal-leaving", daemon=True
        )
        leaving.start()
        leaving.join(CLOSING_STUCK_S)
        if leaving.is_alive():
            _log.warning(
                "microscope %r did not answer when it was closed and was left behind; if it "
                "cannot be opened again, restart the program",
                self.name,
            )


def leave(core: CMMCorePlus, simulated: SimulatedCamera | None = None) -> None:
    """Leave in the only order that lets the interpreter exit.

    MMCore's callback thread otherwise aborts the process at exit: 25 of 30 runs that only loaded
    a configuration, and 27 of 30 with `unloadAllDevices()` alone. CMMCorePlus forbids its own
    `registerCallback`, hence the base class' one.
    """
    if simulated is not None:
        simulated.interrupt()
    pymmcore.CMMCore.registerCallback(core, None)
    core.unloadAllDevices()
