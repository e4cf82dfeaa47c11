"""A microscope with MMCore behind it: wrap an opened core here, and it leaves cleanly."""

import atexit
from collections.abc import Callable

import pymmcore
from pymmcore_plus import CMMCorePlus

from parfocal.scope._engine import SimulatedCamera, TappingEngine
from parfocal.scope._errors import MicroscopeError, commanding
from parfocal.scope._microscope import CameraFacts, StagePosition

__all__ = ["CoreMicroscope"]


class CoreMicroscope:
    """One core, its engine, and the way out. Each profile has its own; there is no global one."""

    def __init__(
        self, name: str, core: CMMCorePlus, simulated: SimulatedCamera | None = None
    ) -> None:
        self.name = name
        self.core = core
        self.engine = TappingEngine(core, simulated)
        core.mda.set_engine(self.engine)
        self._leave: Callable[[], None] | None = lambda: leave(core, simulated)
        atexit.register(self._leave)

    def camera(self) -> CameraFacts:
        core = self.core
        name = core.getCameraDevice()
        if not name:
            raise MicroscopeError(
                f"Microscope {self.name!r} has no camera; choose one in its configuration."
            )
        with commanding(f"Camera {name!r}", "say what its images are like"):
            return CameraFacts(
                name=name,
                width=core.getImageWidth(),
                height=core.getImageHeight(),
                dtype=f"uint{8 * core.getBytesPerPixel()}",
                bit_depth=core.getImageBitDepth(),
                pixel_size_um=core.getPixelSizeUm(),
            )

    def channel_groups(self) -> dict[str, tuple[str, ...]]:
        """Every group of presets, since any can serve as channels; the channel group first."""
        core = self.core
        groups = sorted(
            core.getAvailableConfigGroups(), key=lambda group: group != core.getChannelGroup()
        )
        return {group: tuple(core.getAvailableConfigs(group)) for group in groups}

    def stage(self) -> StagePosition:
        """Ask the stage where it is; call it from a thread that may wait for an exposure."""
        core = self.core
        with commanding("The stage", "say where it is"):
            x, y = core.getXYPosition() if core.getXYStageDevice() else (0.0, 0.0)
            z = core.getZPosition() if core.getFocusDevice() else 0.0
        return StagePosition(x + 0.0, y + 0.0, z + 0.0)  # DXYStage stands at -0.0

    def close(self) -> None:
        """Let go of the hardware. Calling it again does nothing."""
        if (leaving := self._leave) is not None:
            self._leave = None
            atexit.unregister(leaving)
            leaving()


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
