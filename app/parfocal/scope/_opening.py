"""Open the hardware of a configuration, device by device, and say which line of it failed and why.

Everything is unloaded after a failure, so that a second try finds the ports free.
"""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from pymmcore_plus import CMMCorePlus, DeviceInitializationState, DeviceType, find_micromanager
from pymmcore_plus.experimental.unicore import UniMMCore

from parfocal.scope._core_microscope import CoreMicroscope, leave
from parfocal.scope._errors import MicroscopeError, OpeningCancelled, commanding
from parfocal.scope._hooks import found_hooks
from parfocal.scope._imaging import exposure_limits
from parfocal.scope._limits import refuse
from parfocal.scope._opening_faults import causes, explain
from parfocal.scope._profile import CameraSettings, Profile

__all__ = ["Opening", "open_configuration"]

Progress = Callable[[str], object]


class Opening:
    """What an opening tells its user, and whether he still wants it."""

    def __init__(
        self, progress: Progress | None = None, cancelled: threading.Event | None = None
    ) -> None:
        self._progress = progress
        self._cancelled = cancelled

    def stage(self, words: str) -> None:
        """Say what is done next; raises when the operator wants it no more."""
        if self._cancelled is not None and self._cancelled.is_set():
            raise OpeningCancelled("Opening the microscope was cancelled; nothing was left open.")
        if self._progress is not None:
            self._progress(words)


class OpeningCore(UniMMCore):
    """A core that tells which device it loads and starts, and stops between two of them."""

    opening = Opening()

    def loadDevice(self, label: str, moduleName: str, deviceName: str) -> None:  # noqa: N802, N803
        self.opening.stage(f"loading {label} ({moduleName})")
        super().loadDevice(label, moduleName, deviceName)

    def initializeAllDevices(self) -> None:  # noqa: N802
        """One after the other: MMCore's own starts all of them, and cannot be stopped meanwhile."""
        # ports first: the devices behind them talk through them while they start
        labels = [label for label in self.getLoadedDevices() if label != "Core"]
        for label in sorted(labels, key=lambda label: self._turn(label)):
            self.opening.stage(f"starting {label}")
            with commanding(f"Device {label!r}", "be started"):
                self.initializeDevice(label)
            if self.getDeviceInitializationState(label) != INITIALIZED:
                # UniMMCore logs what a Python device raised, and goes on
                fault = self._pydevices[label]._initialized_
                with commanding(f"Device {label!r}", "be started"):
                    raise fault if isinstance(fault, Exception) else RuntimeError("it did not")
        self._take_default_roles()

    def _turn(self, label: str) -> int:
        kind = self.getDeviceType(label)
        return {DeviceType.SerialDevice: 0, DeviceType.Hub: 1}.get(kind, 2)

    def _take_default_roles(self) -> None:
        """As MMCore's own does where the configuration does not choose: the first of a kind."""
        for kind, current, choose in (
            (DeviceType.Camera, self.getCameraDevice, self.setCameraDevice),
            (DeviceType.Shutter, self.getShutterDevice, self.setShutterDevice),
            (DeviceType.XYStage, self.getXYStageDevice, self.setXYStageDevice),
            (DeviceType.AutoFocus, self.getAutoFocusDevice, self.setAutoFocusDevice),
            (DeviceType.SLM, self.getSLMDevice, self.setSLMDevice),
            (DeviceType.Stage, self.getFocusDevice, self.setFocusDevice),
        ):
            labels = self.getLoadedDevicesOfType(kind)
            if labels and not current():
                choose(labels[0])


INITIALIZED = DeviceInitializationState.InitializedSuccessfully


def open_configuration(profile: Profile, opening: Opening) -> CoreMicroscope:
    """A real microscope, as its profile and Micro-Manager's configuration file describe it."""
    path = profile.configuration
    assert path is not None
    if not path.is_file():
        raise MicroscopeError(f"The microscope configuration {path} does not exist.")
    folder = adapters_of(profile)
    found_hooks(profile.hooks, profile.name)  # a wrong one is told before any device is started
    opening.stage(f"reading {path.name}")
    core = OpeningCore(str(folder), [str(folder)])
    with ExitStack() as undo:
        undo.callback(leave, core)
        core.opening = opening
        load(core, path, folder)
        for camera in profile.cameras:
            opening.stage(f"setting {camera.device}")
            set_camera(core, camera, profile)
        check_powers(core, profile)
        if profile.cameras:
            core.setCameraDevice(profile.cameras[0].device)
        core.opening = Opening()  # what is loaded later is nobody's progress
        microscope = CoreMicroscope(profile, core)
        undo.pop_all()
    return microscope


def adapters_of(profile: Profile) -> Path:
    """The folder with the device adapters."""
    if profile.adapters is not None:
        if not profile.adapters.is_dir():
            raise MicroscopeError(
                f"Profile {profile.name!r} says adapters = {profile.adapters}, "
                "and there is no such folder."
            )
        return profile.adapters
    folder = find_micromanager()
    if folder is None:
        raise MicroscopeError(
            f"{profile.configuration} needs Micro-Manager's device adapters and none were found; "
            "install them with `mmcore install`, or name their folder in MICROMANAGER_PATH."
        )
    return Path(folder)


def load(core: CMMCorePlus, path: Path, folder: Path) -> None:
    """Load the configuration; a line that fails is named with what to do about it."""
    # held apart since UniMMCore wraps whatever a line raises into its own
    try:
        with commanding(f"The configuration {path}", "be loaded"):
            core.loadSystemConfiguration(path)
    except MicroscopeError as error:
        for cause in causes(error):
            if isinstance(cause, OpeningCancelled):
                raise cause from None
        raise MicroscopeError(explain(error, core, path, folder)) from error


def check_powers(core: CMMCorePlus, profile: Profile) -> None:
    """Refuse a limit of something that is not there: it would protect nobody."""
    for power in profile.limits.power:
        there = power.device in core.getLoadedDevices()
        if not there or not core.hasProperty(power.device, power.property):
            raise MicroscopeError(
                f"Profile {profile.name!r} limits the power {power.device}'s {power.property}, "
                f"which {profile.configuration} does not have; correct limits.power."
            )


def set_camera(core: CMMCorePlus, camera: CameraSettings, profile: Profile) -> None:
    """Set a camera as its profile says."""
    if camera.device not in core.getLoadedDevicesOfType(DeviceType.Camera):
        known = ", ".join(core.getLoadedDevicesOfType(DeviceType.Camera)) or "none"
        raise MicroscopeError(
            f"Profile {profile.name!r} names the camera {camera.device!r}, which "
            f"{profile.configuration} does not have; its cameras: {known}."
        )
    who = f"Camera {camera.device!r} of profile {profile.name!r}"
    if camera.binning is not None:
        with commanding(who, f"set its binning to {camera.binning}"):
            core.setProperty(camera.device, "Binning", camera.binning)
    if camera.region is not None:
        with commanding(who, f"read the region {tuple(camera.region)}"):
            core.setROI(camera.device, *camera.region)
    if camera.exposure_ms is not None:
        own = profile.limits.with_exposure(exposure_limits(core, camera.device))
        refuse(who, own.against_exposure(camera.exposure_ms))
        with commanding(who, f"set its exposure to {camera.exposure_ms:g} ms"):
            core.setExposure(camera.device, camera.exposure_ms)
