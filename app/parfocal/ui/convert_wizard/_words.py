"""Say what was found, planned and done, as a person reads it. No widgets."""

import re
from collections import Counter

import numpy as np

from parfocal.convert import Inspection, ItemProgress, ItemState
from parfocal.ui.convert_wizard._options_form import asked_of
from parfocal.ui.text import figure, number, size_in_words, time_in_words, tr

__all__ = [
    "action_words",
    "can_be_corrected",
    "contents_words",
    "missing_words",
    "plain_problem",
    "reason_words",
    "short_time",
    "state_words",
    "voxel_source_words",
    "voxel_words",
    "way_words",
    "what_becomes",
    "what_words",
]

OPTION = re.compile(r"\s*\(--[^)]*\)")


def can_be_corrected(found: Inspection | None) -> bool:
    """Whether a person can do something with it: it is readable, or asks for something."""
    if found is None:
        return False
    return bool(found.fields or found.saved_in or asked_of(found))


def what_words(found: Inspection) -> str:
    """What it is: kind and number of fields."""
    fields = len([field for field in found.fields if field.wanted])
    many = tr("1 field") if fields == 1 else tr("{n} fields").format(n=number(fields))
    return f"{found.kind} · {many}"


def contents_words(found: Inspection) -> str:
    """Its counts: times, channels and planes, and the picture's size."""
    if not found.fields:
        return ""
    t, c, z, y, x = found.fields[0].shape
    words = [tr("{n} timepoints").format(n=number(t))] if t > 1 else []
    words += [tr("1 channel") if c == 1 else tr("{n} channels").format(n=number(c))]
    words += [tr("{n} planes").format(n=number(z))] if z > 1 else []
    return " · ".join([*words, f"{number(y)} × {number(x)}", np.dtype(found.dtype).name])


def voxel_words(found: Inspection) -> str:
    """The voxel size, z × y × x."""
    return " × ".join(figure(one) for one in found.voxel_um) + " µm"


def voxel_source_words(source: str) -> str:
    """Where a voxel size is from."""
    known = {
        "default": tr("nobody says it"),
        "asked for": tr("typed here"),
        "navigate": tr("Navigate's experiment.yml"),
        "bdv": tr("BigDataViewer's XML"),
        "ome_xml": tr("OME-XML"),
        "imagej": tr("ImageJ's description"),
        "micromanager": tr("Micro-Manager's metadata"),
        "ndtiff": tr("NDTiff's metadata"),
        "component": tr("the store's metadata"),
    }
    start = next((word for word in known if source.startswith(word)), None)
    return source if start is None else known[start]


def plain_problem(problem: str) -> str:
    """A refusal without the arguments of the command line, for which there are fields here."""
    return OPTION.sub("", problem)


def action_words(found: Inspection) -> str:
    """What becomes of its data, with how many arrays where not the same becomes of all."""
    if found.problem:
        return tr("cannot be converted")
    counts = Counter(str(array["action"]) for array in found.arrays)
    parts = [
        words if len(counts) == 1 else f"{words}: {number(counts[action])}"
        for action, words in what_becomes().items()
        if counts[action]
    ]
    return "; ".join(parts)


def what_becomes() -> dict[str, str]:
    """The words of a plan, which are those of the command line, as what happens to the data."""
    return {
        "repack": tr("copied unchanged"),
        "transcode": tr("stored anew, same pixels"),
        "refuse": tr("left out"),
    }


def reason_words(found: Inspection) -> str:
    """Why it is done so."""
    if found.problem:
        return plain_problem(found.problem)
    reasons = dict.fromkeys(str(array["reason"]) for array in found.arrays)
    return "; ".join(reasons)


def short_time(seconds: float) -> str:
    """A duration; what is over at once is not said to take nothing."""
    return tr("< 1 s") if seconds < 1 else time_in_words(seconds)


def missing_words(found: Inspection) -> str:
    """How many planes are not there."""
    if not found.missing:
        return tr("nothing")
    return tr("1 plane") if found.missing == 1 else tr("{n} planes").format(n=number(found.missing))


def state_words(state: ItemState, *, working: bool = True) -> str:
    """Where an item is."""
    if not working and state in (ItemState.RUNNING, ItemState.PAUSED):
        return tr("interrupted")
    return {
        ItemState.WAITING: tr("waiting"),
        ItemState.RUNNING: tr("running"),
        ItemState.PAUSED: tr("paused"),
        ItemState.DONE: tr("done"),
        ItemState.FAILED: tr("failed"),
        ItemState.CANCELLED: tr("cancelled"),
    }[state]


def way_words(item: ItemProgress) -> str:
    """Rate and the time that is left, or what came of it."""
    if item.state is ItemState.FAILED:
        return item.problem
    if item.state is ItemState.DONE:
        return tr("{size} in {time}").format(
            size=size_in_words(item.total_bytes), time=short_time(item.seconds)
        )
    if item.state is ItemState.CANCELLED:
        return tr("what is done of it is kept")
    if item.state is not ItemState.RUNNING:
        return ""
    if item.done_bytes and item.fraction >= 1:
        return tr("checking the whole of it")
    if not item.bytes_per_s:
        return tr("looking into it") if not item.done_bytes else ""
    rate = tr("{size}/s").format(size=size_in_words(item.bytes_per_s))
    if item.left_s is None:
        return rate
    return tr("{rate}, {time} left").format(rate=rate, time=short_time(item.left_s))
