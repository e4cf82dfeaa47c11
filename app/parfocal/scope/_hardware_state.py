"""How the hardware is set: remember it before a run and put it back after.

MDAEngine's own refuses to move the stage back where the focus direction is unknown, as it is in
most configurations, and says so with a warning.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from pymmcore_plus import CMMCorePlus, FocusDirection

from parfocal.scope._errors import MicroscopeError, commanding
from parfocal.scope._limits import Limits
from parfocal.scope._profile import Region
from parfocal.scope._settling import settle

__all__ = ["HardwareState", "put_back", "remembered"]


@dataclass(frozen=True, slots=True)
class HardwareState:
    """Where the stage stands and how camera, channel and shutter are set; None: there is none."""

    xy: tuple[float, float] | None
    z: float | None
    presets: tuple[tuple[str, str], ...]
    exposure_ms: float | None
    region: Region | None
    powers: tuple[tuple[str, str, str], ...]
    auto_shutter: bool
    shutter_open: bool | None
    holds_focus: bool = False
    """Whether the autofocus held the focus all the time."""

    def without_place(self) -> "HardwareState":
        """The same, but wherever the stage stands it may stay, the objective too."""
        return replace(self, xy=None, z=None, holds_focus=False)


def remembered(core: CMMCorePlus, limits: Limits) -> HardwareState:
    """Read the state, and the powers that the limits know of; in the hardware thread."""
    with commanding("The microscope", "say how it is set"):
        camera = bool(core.getCameraDevice())
        groups = [group for group in core.getAvailableConfigGroups() if group != "System"]
        presets = [(group, str(core.getCurrentConfig(group))) for group in groups]
        x_y = core.getXYPosition() if core.getXYStageDevice() else None
        return HardwareState(
            xy=None if x_y is None else (float(x_y[0]), float(x_y[1])),
            z=float(core.getZPosition()) if core.getFocusDevice() else None,
            presets=tuple((group, preset) for group, preset in presets if preset),
            exposure_ms=float(core.getExposure()) if camera else None,
            region=Region(*core.getROI()) if camera else None,
            powers=tuple(
                (power.device, power.property, str(core.getProperty(power.device, power.property)))
                for power in limits.power
            ),
            auto_shutter=bool(core.getAutoShutter()),
            shutter_open=bool(core.getShutterOpen()) if core.getShutterDevice() else None,
            holds_focus=bool(core.getAutoFocusDevice() and core.isContinuousFocusEnabled()),
        )
    raise AssertionError("commanding swallows nothing")


def put_back(core: CMMCorePlus, state: HardwareState, deadline_s: float) -> tuple[str, ...]:
    """Put everything back that differs; what cannot be put back is told, and the rest still is."""
    problems: list[str] = []
    for step in _steps(core, state, deadline_s):
        try:
            step()
        except MicroscopeError as error:
            problems.append(str(error))
    return tuple(problems)


def _steps(
    core: CMMCorePlus, state: HardwareState, deadline_s: float
) -> Iterator[Callable[[], None]]:
    # the light goes off first: nothing after it is urgent for the sample
    yield lambda: _shutter(core, state)
    moves = state.xy is not None or state.z is not None
    if moves:
        yield lambda: _stage(core, state, deadline_s)
    for group, preset in state.presets:
        yield lambda group=group, preset=preset: _preset(core, group, preset)  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
    for device, name, value in state.powers:
        yield lambda device=device, name=name, value=value: _power(core, device, name, value)  # type: ignore[misc]  # as above
    yield lambda: _camera(core, state)
    if moves:  # or a stage that will never arrive is waited for
        yield lambda: _settled(core, deadline_s)
    if state.holds_focus:
        yield lambda: _hold_focus(core)


def _shutter(core: CMMCorePlus, state: HardwareState) -> None:
    with commanding(f"Shutter {core.getShutterDevice()!r}", "go back to how it was"):
        if state.shutter_open is not None and core.getShutterOpen() != state.shutter_open:
            core.setShutterOpen(state.shutter_open)
        core.setAutoShutter(state.auto_shutter)


def _stage(core: CMMCorePlus, state: HardwareState, deadline_s: float) -> None:
    """Back in x, y and z, the axis first that takes the objective away from the sample.

    Where nobody knows which way that is, x and y go first, at the height of the last field, as
    between the fields of the run. When the first cannot, the second stays where it is.
    """
    moves = (_z, _xy) if _z_first(core, state) else (_xy, _z)
    for move in moves:
        move(core, state)
        _settled(core, deadline_s)


def _z_first(core: CMMCorePlus, state: HardwareState) -> bool:
    if state.z is None or not (device := core.getFocusDevice()):
        return False
    direction = core.getFocusDirection(device)
    higher = state.z > core.getZPosition()
    return (direction == FocusDirection.TowardSample and not higher) or (
        direction == FocusDirection.AwayFromSample and higher
    )


def _xy(core: CMMCorePlus, state: HardwareState) -> None:
    if state.xy is not None and core.getXYStageDevice():
        x, y = state.xy
        with commanding(f"XY stage {core.getXYStageDevice()!r}", f"go back to x {x:g}, y {y:g} µm"):
            core.setXYPosition(x, y)


def _z(core: CMMCorePlus, state: HardwareState) -> None:
    if state.z is not None and core.getFocusDevice():
        with commanding(f"Focus drive {core.getFocusDevice()!r}", f"go back to z {state.z:g} µm"):
            core.setZPosition(state.z)


def _preset(core: CMMCorePlus, group: str, preset: str) -> None:
    with commanding("The microscope", f"set {group} back to {preset!r}"):
        if core.getCurrentConfig(group) != preset:
            core.setConfig(group, preset)


def _power(core: CMMCorePlus, device: str, name: str, value: str) -> None:
    with commanding(f"Device {device!r}", f"set {name!r} back to {value}"):
        if str(core.getProperty(device, name)) != value:
            core.setProperty(device, name, value)


def _camera(core: CMMCorePlus, state: HardwareState) -> None:
    if not (camera := core.getCameraDevice()):
        return
    if state.region is not None:
        with commanding(f"Camera {camera!r}", f"go back to the region {tuple(state.region)}"):
            if tuple(core.getROI()) != tuple(state.region):
                core.clearROI()
                core.setROI(*state.region)
    if state.exposure_ms is not None:
        with commanding(f"Camera {camera!r}", f"go back to {state.exposure_ms:g} ms"):
            core.setExposure(state.exposure_ms)


def _hold_focus(core: CMMCorePlus) -> None:
    with commanding(f"Autofocus {core.getAutoFocusDevice()!r}", "hold the focus again"):
        if not core.isContinuousFocusEnabled():
            core.enableContinuousFocus(True)


def _settled(core: CMMCorePlus, deadline_s: float) -> None:
    settle(core, "go back to how it was", deadline_s=deadline_s)
