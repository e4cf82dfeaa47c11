"""Open the hardware of a configuration, device by device, and say which line of it failed and why.

Everything is unloaded after a failure, so that a second try finds the ports free. It is loaded in
the microscope's own hardware thread: a device that never comes back from its start is left behind
there, with its core.
"""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from math import inf
from pathlib import Path
from typing import Any

import pymmcore
from pymmcore_plus import CMMCorePlus, DeviceInitializationState, DeviceType, find_micromanager
from pymmcore_plus.experimental.unicore import UniMMCore

from parfocal.scope._core_microscope import CLOSING_S, CoreMicroscope, leave
from parfocal.scope._errors import (
    MicroscopeError,
    MicroscopeNotAnswering,
    OpeningCancelled,
    commanding,
)
from parfocal.scope._hardware import Hardware
from parfocal.scope._hooks import found_hooks
from parfocal.scope._imaging import exposure_limits
from parfocal.scope._limits import refuse
from parfocal.scope._opening_faults import causes, explain, line_of
from parfocal.scope._profile import CameraSettings, Profile

__all__ = ["Opening", "open_configuration"]

Progress = Callable[[str], object]


class Opening:
    """What an opening tells its user, and whether he still wants it."""

    def __init__(
        self, progress: Progress | None = None, cancelled: threading.Event | None = None
    ) -> None:
        self.cancelled = cancelled
        self.device = ""
        """The device that is asked for something now."""
        self.what = "be opened"
        """What it is asked for: completes "it did not …"."""
        self._progress = progress

    def stage(self, words: str) -> None:
        """Say what is done next; raises when the operator wants it no more."""
        if self.cancelled is not None and self.cancelled.is_set():
            raise OpeningCancelled("Opening the microscope was cancelled; nothing was left open.")
        if self._progress is not None:
            self._progress(words)

    def asks(self, device: str, what: str) -> None:
        """Note whom to name if this does not come back."""
        self.device, self.what = device, what


class OpeningCore(UniMMCore):
    """A core that tells which device it loads and starts, and stops between two of them."""

    opening = Opening()

    def loadDevice(self, label: str, moduleName: str, deviceName: str) -> None:  # noqa: N802, N803
        self.opening.stage(f"loading {label} ({moduleName})")
        self.opening.asks(label, "load")
        super().loadDevice(label, moduleName, deviceName)

    def initializeAllDevices(self) -> None:  # noqa: N802
        """One after the other: MMCore's own starts all of them, and cannot be stopped meanwhile."""
        # ports first: the devices behind them talk through them while they start
        labels = [label for label in self.getLoadedDevices() if label != "Core"]
        for label in sorted(labels, key=lambda label: self._turn(label)):
            self.opening.stage(f"starting {label}")
            self.opening.asks(label, "start")
            with commanding(f"Device {label!r}", "be started"):
                self.initializeDevice(label)
            if self.getDeviceInitializationState(label) != INITIALIZED:
                # UniMMCore logs what a Python device raised, and goes on
                fault = self._pydevices[label]._initialized_
                with commanding(f"Device {label!r}", "be started"):
                    raise fault if isinstance(fault, Exception) else RuntimeError("it did not")
        self._take_default_roles()

    def setProperty(self, label: str, propName: str, propValue: Any) -> None:  # noqa: N802, N803
        self.opening.asks(label, f"take {propName} = {propValue}")
        super().setProperty(label, propName, propValue)

    def setConfig(self, groupName: str, configName: str) -> None:  # noqa: N802, N803
        self.opening.asks("", f"take its preset {groupName} {configName}")
        super().setConfig(groupName, configName)

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
    core, hardware = OpeningCore(str(folder), [str(folder)]), Hardware(profile.name)
    core.opening = opening
    with ExitStack() as undo:
        undo.callback(let_go, core, hardware)
        try:
            hardware.call(
                lambda: bring_up(core, profile, opening),
                "be opened",
                patience_s=inf,  # a stage that looks for its origin takes minutes
                cancelled=opening.cancelled,
            )
        except MicroscopeNotAnswering:
            raise MicroscopeNotAnswering(left_behind(opening, path)) from None
        core.opening = Opening()  # what is loaded later is nobody's progress
        microscope = CoreMicroscope(profile, core, hardware=hardware)
        undo.pop_all()
    return microscope


def bring_up(core: OpeningCore, profile: Profile, opening: Opening) -> None:
    """Load and start everything, and set it as the profile says."""
    path = profile.configuration
    assert path is not None  # `open_configuration` was given one
    load(core, path, adapters_of(profile))
    for camera in profile.cameras:
        opening.stage(f"setting {camera.device}")
        opening.asks(camera.device, "take its settings")
        set_camera(core, camera, profile)
    check_powers(core, profile)
    if profile.cameras:
        core.setCameraDevice(profile.cameras[0].device)


def let_go(core: CMMCorePlus, hardware: Hardware) -> None:
    """Unload everything, in the hardware's thread: when it is stuck, as soon as it comes back."""
    if not hardware.close(CLOSING_S, lambda: leave(core)):
        # MMCore's callback thread would abort the interpreter at its exit; all else waits for the
        # lock of the device that has it
        pymmcore.CMMCore.registerCallback(core, None)


def left_behind(opening: Opening, path: Path) -> str:
    """What to tell of an opening that was cancelled and did not come back."""
    device = opening.device
    where = f"{path}, line {number}" if (number := line_of(device, path)) else str(path)
    who = f"device {device!r} ({where})" if device else f"the configuration {path}"
    return (
        f"Opening the microscope was cancelled, and {who} did not {opening.what}: it has not come "
        "back and was left behind. Look whether it is on and connected, or take it out of the "
        "configuration, and open the microscope again; if another program is said to have it "
        "then, restart this one."
    )


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
