"""Before a run: does the microscope answer, and may it do what the plan asks of it?"""

from collections.abc import Iterator

from parfocal.plan import Channel, Schedule
from parfocal.run._finding import Finding
from parfocal.scope import Microscope, MicroscopeState

__all__ = ["about_channels", "about_devices", "about_state"]

NOT_OPEN = {
    MicroscopeState.CLOSED: ("is closed; open it again", "reopen-microscope"),
    MicroscopeState.NOT_ANSWERING: (
        "is not answering; look at its devices and reopen it",
        "reopen-microscope",
    ),
    MicroscopeState.NO_HARDWARE: (
        "has no hardware: it is the safe mode; open another one",
        "open-microscope",
    ),
}


def about_state(microscope: Microscope) -> Iterator[Finding]:
    """Whether it can be used at all, and whether its configuration is still there."""
    if (state := microscope.state) in NOT_OPEN:
        what, fix = NOT_OPEN[state]
        yield Finding("microscope", "error", f"microscope {microscope.name!r} {what}", fix)
        return
    configuration = microscope.profile.configuration
    if configuration is not None and not configuration.is_file():
        message = (
            f"the configuration {configuration} of microscope {microscope.name!r} is gone; it "
            "runs, and cannot be opened again"
        )
        yield Finding("configuration", "warning", message, "open-microscope")


def about_channels(schedule: Schedule, microscope: Microscope) -> Iterator[Finding]:
    """Presets that this microscope does not have."""
    groups = microscope.channel_groups()
    for channel in schedule.channels:
        if wrong := _wrong_channel(channel, groups):
            yield Finding("channel", "error", wrong, f"edit-channel:{channel.config}")


def _wrong_channel(channel: Channel, groups: dict[str, tuple[str, ...]]) -> str:
    if not channel.group:  # the plan names no channel: the microscope stays as it is set
        return ""
    presets = groups.get(channel.group)
    if presets is None:
        names = ", ".join(groups) or "none"
        return (
            f"channel {channel.config!r} is asked of the group {channel.group!r}, which this "
            f"microscope does not have; its groups are: {names}"
        )
    if channel.config not in presets:
        return (
            f"there is no channel {channel.config!r} in the group {channel.group!r} of this "
            f"microscope; it has: {', '.join(presets) or 'none'}"
        )
    return ""


def about_devices(schedule: Schedule, microscope: Microscope, pixel_um: float) -> Iterator[Finding]:
    """Places, exposures and powers beyond the limits, and devices that there are none of."""
    core = microscope.core
    steps = [step for step in schedule.steps if step.event is not None]
    needed = {
        "an XY stage": (
            not core.getXYStageDevice() and any(step.request.x_pos is not None for step in steps),
            "edit-positions",
        ),
        "a focus drive": (
            not core.getFocusDevice() and any(step.request.z_pos is not None for step in steps),
            "edit-positions",
        ),
        "an autofocus": (
            not core.getAutoFocusDevice() and any(step.kind == "autofocus" for step in steps),
            "edit-plan",
        ),
    }
    for device, (is_missing, fix) in needed.items():
        if is_missing:
            message = f"the plan needs {device}, and microscope {microscope.name!r} has none"
            yield Finding("device", "error", message, fix)
    for message in microscope.limits_findings(schedule):
        yield Finding("limits", "error", message, "edit-limits")
    powered = {
        step.request.channel.config: step.power
        for step in steps
        if step.power is not None and step.request.channel is not None
    }
    for name, power in powered.items():
        if not microscope.limits.power_settings(name, power):
            message = (
                f"the plan sets the power of channel {name!r}, and the profile of microscope "
                f"{microscope.name!r} does not say which property that is"
            )
            yield Finding("power", "error", message, f"edit-power:{name}")
    if pixel_um <= 0:
        message = (
            f"microscope {microscope.name!r} does not say its pixel size; 1 µm is written "
            "instead, as a guess"
        )
        yield Finding("pixel size", "warning", message, "calibrate-pixels")
