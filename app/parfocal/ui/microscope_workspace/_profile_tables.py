"""The cameras and the lights of a profile as tables: fill them, and read what was written."""

from typing import Any

from parfocal.scope import Profile
from parfocal.ui.microscope_workspace._profile_fields import FieldError, TableField, as_number
from parfocal.ui.text import tr

__all__ = ["cameras_table", "powers_table", "read_cameras", "read_powers"]


def cameras_table(profile: Profile) -> TableField:
    """The cameras, and how each is set when the microscope is opened."""
    table = TableField(
        tr("Cameras of the profile"),
        (tr("Camera"), tr("Binning"), tr("Exposure, ms"), tr("Region")),
        (
            tr("The device's label in the configuration; the first camera is chosen"),
            tr("When it is opened; empty leaves it"),
            tr("When it is opened; empty leaves it"),
            tr("x, y, width, height in pixels; empty is all of it"),
        ),
    )
    for camera in profile.cameras:
        region = "" if camera.region is None else ", ".join(map(str, camera.region))
        binning = "" if camera.binning is None else str(camera.binning)
        exposure = "" if camera.exposure_ms is None else f"{camera.exposure_ms:g}"
        table.add((camera.device, binning, exposure, region))
    return table


def powers_table(profile: Profile) -> TableField:
    """How strong each light may be."""
    table = TableField(
        tr("Limits of the lights' power"),
        (tr("Device"), tr("Property"), tr("Lowest"), tr("Highest"), tr("Channels")),
        (
            tr("The light's label in the configuration"),
            tr("The property that sets its power"),
            tr("The least that may be set"),
            tr("The most that may be set"),
            tr("The channels it serves, with commas between them; empty: all"),
        ),
    )
    for power in profile.limits.power:
        low, high = (f"{value:g}" for value in power.range)
        table.add((power.device, power.property, low, high, ", ".join(power.channels)))
    return table


def read_powers(table: TableField) -> list[dict[str, Any]]:
    """What the table says, for a profile's limits.power."""
    return [
        {
            "device": device,
            "property": name,
            "range": (as_number(low, tr("Lowest")), as_number(high, tr("Highest"))),
            "channels": [part.strip() for part in channels.split(",") if part.strip()],
        }
        for device, name, low, high, channels in table.rows()
    ]


def read_cameras(table: TableField, before: Profile | None) -> list[dict[str, Any]]:
    """What the table says, for a profile's cameras; what it does not show stays as it was."""
    known = {} if before is None else {camera.device: camera for camera in before.cameras}
    made = []
    for device, binning, exposure, region in table.rows():
        one: dict[str, Any] = known[device].model_dump() if device in known else {"device": device}
        one["binning"] = int(as_number(binning, tr("Binning"))) if binning else None
        one["exposure_ms"] = as_number(exposure, tr("Exposure")) if exposure else None
        numbers = [int(as_number(n, tr("Region"))) for n in region.split(",")] if region else []
        if len(numbers) not in (0, 4):
            raise FieldError(tr("{device}: a region is x, y, width, height.").format(device=device))
        one["region"] = tuple(numbers) or None
        made.append(one)
    return made
