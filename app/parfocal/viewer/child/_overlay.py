"""Say over the picture which plane it is, by name, and what is missing of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from parfocal.viewer.child._arrangement import Arrangement, LayerKey
from parfocal.viewer.child._names import channel_name, field_name, time_name, well_name, z_name

_FONT_SIZE = 11
_MOST_NAMES = 6


class PlaneOverlay:
    """The text at the top left of the canvas."""

    def __init__(self, viewer: Any) -> None:
        self._text = viewer.canvas.overlays.text
        self._text.font_size = _FONT_SIZE
        self._text.position = "top_left"
        self._text.box = True  # the picture may reach under it
        self._text.visible = True

    @property
    def text(self) -> str:
        """What it says."""
        return str(self._text.text)

    def say(
        self,
        arrangement: Arrangement,
        at: Mapping[str, int],
        missing: Sequence[tuple[LayerKey, str]],
        notes: Sequence[str],
    ) -> None:
        """Show the names of this plane, what it lacks, and whatever else is to be known."""
        lines = [plane_words(arrangement, at), *missing_words(arrangement, at, missing), *notes]
        text = "\n".join(line for line in lines if line)
        if text != self._text.text:
            self._text.text = text


def plane_words(arrangement: Arrangement, at: Mapping[str, int]) -> str:
    """`B03 · field 2 · 00:14:30`: a word for each slider that has more than one value."""
    facts = arrangement.facts
    words = list(_field_words(arrangement, at))
    if "time" in arrangement.axes and facts.sizes.t > 1:
        words.append(time_name(facts, at["time"]))
    if "channel" in arrangement.axes:
        words.append(channel_name(facts, at["channel"]))
    if "z" in arrangement.axes and facts.sizes.z > 1:
        words.append(f"z {z_name(facts, at['z'])}")
    return " · ".join(words)


def missing_words(
    arrangement: Arrangement, at: Mapping[str, int], missing: Sequence[tuple[LayerKey, str]]
) -> list[str]:
    """A line for each reason: `not acquired (the shutter was stuck): FITC`."""
    by_reason: dict[str, list[str]] = {}
    for key, reason in missing:
        name = arrangement.title(key) or channel_name(arrangement.facts, at["channel"])
        by_reason.setdefault(reason, []).append(name)
    lines = []
    for reason, names in by_reason.items():
        more = len(names) - _MOST_NAMES
        told = ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
        lines.append(f"{reason}: {told}")
    return lines


def _field_words(arrangement: Arrangement, at: Mapping[str, int]) -> list[str]:
    facts, sliced = arrangement.facts, arrangement.components.is_sliced
    fields = arrangement.fields_of(at["well"])
    words = []
    if arrangement.has_wells and not sliced("well"):
        words.append(well_name(arrangement.wells[at["well"]]))
    several = facts.sizes.p > len(arrangement.wells)
    if sliced("field") and several:
        return words
    if at["field"] >= len(fields):
        words.append(f"no field {at['field']}")
    elif arrangement.has_wells and not several:
        pass  # one field a well: the well says it all
    elif arrangement.has_wells and sliced("well"):
        words.append(f"field {at['field']}")
    else:
        words.append(field_name(facts, fields[at["field"]]))
    return words
