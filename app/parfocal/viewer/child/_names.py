"""Call things by the names that a microscopist knows: B03, field 2, 00:14:30, 12.5 µm."""

import re

from parfocal.viewer._source import SourceFacts

_WELL = re.compile(r"([A-Za-z]{1,2})/?0*([0-9]{1,4})")


def well_name(well: str) -> str:
    """`B/3` is B03; a name of another kind stays, and a mere number says what it counts."""
    if found := _WELL.fullmatch(well):
        return f"{found[1].upper()}{int(found[2]):02}"
    return f"well {well}" if well.isdigit() else well


def field_name(facts: SourceFacts, number: int) -> str:
    """The field without the well that its name begins with: `B3_0002` is field 2."""
    field = facts.fields[number]
    name = field.name
    if field.well:
        compact = field.well.replace("/", "")
        for prefix in (field.well, well_name(field.well), compact):
            name = name.removeprefix(prefix)
        name = name.lstrip("_-/ ")
    if not name:
        return f"field {number}"
    return f"field {int(name)}" if name.isdigit() else name


def channel_name(facts: SourceFacts, number: int) -> str:
    """The channel."""
    return facts.channels[number].name


def time_name(facts: SourceFacts, number: int) -> str:
    """When the timepoint was due, or its number where nothing is known of that."""
    step = facts.time_step_s
    if not step:
        return f"timepoint {number}"
    if step < 1:
        return f"{number * step:.2f} s"
    seconds = round(number * step)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def z_name(facts: SourceFacts, number: int) -> str:
    """How high the plane is above the lowest one, or its number where the step is not known."""
    if not facts.voxel_known:
        return f"plane {number}"
    return f"{round(number * facts.levels[0].scale_um[0], 3):g} µm"
