"""What an event asks of the hardware: send it here, and every refusal comes back as a sentence.

pymmcore-plus' own versions of these log a failure and go on, so that a stage that did not move
gives frames of the wrong place and a run that says COMPLETED.
"""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
from pymmcore_plus import CMMCorePlus, DeviceType
from pymmcore_plus.core import SequencedEvent
from useq import MDAEvent
from useq import SLMImage as ProjectorImage

from parfocal.scope._errors import MicroscopeError, commanding
from parfocal.scope._limits import Limits, refuse

__all__ = [
    "check_channel",
    "check_sequence",
    "darken_projector",
    "move_xy",
    "move_z",
    "set_channel",
    "set_exposure",
    "set_properties",
    "set_region",
    "show_projector_image",
    "stop_stages",
]


def move_xy(core: CMMCorePlus, event: MDAEvent, limits: Limits) -> None:
    if event.x_pos is None and event.y_pos is None:
        return
    device = core.getXYStageDevice()
    if not device:
        raise MicroscopeError(
            f"The event asks for x {event.x_pos}, y {event.y_pos} µm, but this microscope has "
            "no XY stage; remove the positions from the plan."
        )
    refuse(f"XY stage {device!r}", limits.against_place(event.x_pos, event.y_pos))
    with commanding(f"XY stage {device!r}", f"move to x {event.x_pos}, y {event.y_pos} µm"):
        x, y = event.x_pos, event.y_pos
        if x is None or y is None:
            here_x, here_y = core.getXYPosition()
            x, y = here_x if x is None else x, here_y if y is None else y
        core.setXYPosition(x, y)


def stop_stages(core: CMMCorePlus) -> None:
    """Stop what still moves, best effort: the event was cancelled and nobody waits for it."""
    for device in (core.getXYStageDevice(), core.getFocusDevice()):
        if device and core.deviceBusy(device):
            # many drives cannot stop and say so; then they arrive where they were sent
            with suppress(RuntimeError):
                core.stop(device)


def move_z(core: CMMCorePlus, position: float, limits: Limits) -> None:
    device = core.getFocusDevice()
    if not device:
        raise MicroscopeError(
            f"The event asks for z {position:g} µm, but this microscope has no focus drive; "
            "remove the z plan and the z positions."
        )
    refuse(f"Focus drive {device!r}", limits.against_place(z=position))
    with commanding(f"Focus drive {device!r}", f"move to z {position:g} µm"):
        core.setZPosition(position)


def check_channel(core: CMMCorePlus, group: str, preset: str) -> None:
    """Refuse a channel that this microscope does not have, with those that it has."""
    if not core.isGroupDefined(group):
        raise MicroscopeError(
            f"There is no channel group {group!r} on this microscope; "
            f"it has {', '.join(core.getAvailableConfigGroups()) or 'none'}."
        )
    if not core.isConfigDefined(group, preset):
        raise MicroscopeError(
            f"There is no channel {preset!r} in group {group!r}; "
            f"there are {', '.join(core.getAvailableConfigs(group)) or 'none'}."
        )


def set_channel(core: CMMCorePlus, group: str, preset: str) -> None:
    check_channel(core, group, preset)
    with commanding(f"Channel group {group!r}", f"change to {preset!r}"):
        core.setConfig(group, preset)


def set_exposure(core: CMMCorePlus, exposure_ms: float, limits: Limits) -> None:
    camera = f"Camera {core.getCameraDevice()!r}"
    refuse(camera, limits.against_exposure(exposure_ms))
    with commanding(camera, f"set its exposure to {exposure_ms:g} ms"):
        core.setExposure(exposure_ms)


def set_properties(
    core: CMMCorePlus, properties: Sequence[tuple[str, str, object]], limits: Limits
) -> None:
    for device, name, value in properties:
        refuse(f"Device {device!r}", limits.against_property(device, name, value))
        with commanding(f"Device {device!r}", f"set {name!r} to {value!r}"):
            kind = core.getDeviceType(device) if name == "Position" else DeviceType.Unknown
            if kind == DeviceType.XYStage:
                x, y = np.asarray(value, dtype=float)[:2]
                core.setXYPosition(device, float(x), float(y))
            elif kind == DeviceType.Stage:
                core.setPosition(device, float(str(value)))
            else:
                core.setProperty(device, name, value)  # type: ignore[arg-type]  # str()s it itself


def check_sequence(event: SequencedEvent, limits: Limits) -> None:
    """Refuse a hardware sequence any step of which lies outside the limits."""
    for x, y in zip(event.x_sequence, event.y_sequence, strict=True):
        refuse("The XY stage", limits.against_place(x, y))
    for z in event.z_sequence:
        refuse("The focus drive", limits.against_place(z=z))
    for exposure in event.exposure_sequence:
        refuse("The camera", limits.against_exposure(exposure))
    for (device, name), values in event.property_sequences.items():
        for value in values:
            refuse(f"Device {device!r}", limits.against_property(device, name, value))


def set_region(core: CMMCorePlus, event: MDAEvent) -> None:
    if (region := event.roi) is None:
        return
    x, y, width, height = region.offset_x, region.offset_y, region.width, region.height
    with commanding(
        f"Camera {core.getCameraDevice()!r}",
        f"read the region of {width} × {height} pixels at {x}, {y}",
    ):
        core.clearROI()
        core.setROI(x, y, width, height)


def show_projector_image(core: CMMCorePlus, image: ProjectorImage) -> None:
    device = image.device or core.getSLMDevice()
    if not device:
        raise MicroscopeError("The event brings an image to project, but there is no projector.")
    pixels = np.asarray(image)
    with commanding(f"Projector {device!r}", f"show an image of shape {pixels.shape}"):
        if pixels.dtype == bool:
            pixels = pixels.astype(np.uint8) * np.uint8(255)
        if pixels.ndim == 0:
            core.setSLMPixelsTo(device, int(pixels))
        else:
            core.setSLMImage(device, pixels)
        if image.exposure:
            core.setSLMExposure(device, image.exposure)
        core.displaySLMImage(device)


def darken_projector(core: CMMCorePlus, device: str | None = None) -> None:
    """No light from it any more; nothing where there is no projector."""
    device = device or core.getSLMDevice()
    if device:
        with commanding(f"Projector {device!r}", "go dark"):
            core.setSLMPixelsTo(device, 0)
            core.displaySLMImage(device)
