"""Read and write which timepoints are meant: all, every 5, 0, 3, -1, or a slice 2:20:3."""

import re

from parfocal.plan import TimeRange
from parfocal.ui.text import tr

__all__ = ["EXAMPLES", "timepoints_from", "timepoints_in_words", "timepoints_text"]

EXAMPLES = tr("all · every 5 · every 5 from 2 · 0, 3, -1 · 2:20:3")
Which = TimeRange | tuple[int, ...]


def timepoints_text(which: Which) -> str:
    """As it stands in the field."""
    if isinstance(which, tuple):
        return ", ".join(map(str, which))
    if which == TimeRange():
        return tr("all")
    if which.stop is None and which.start >= 0:
        start = tr(" from {n}").format(n=which.start) if which.start else ""
        return tr("every {n}").format(n=which.step) + start
    stop = "" if which.stop is None else which.stop
    return f"{which.start}:{stop}:{which.step}".removesuffix(":1")


def timepoints_from(text: str) -> Which:
    """What was typed; a `ValueError` is a sentence."""
    text = text.strip().lower()
    if text in ("", "all", tr("all")):
        return TimeRange()
    if match := re.fullmatch(r"every\s+(\d+)(?:st|nd|rd|th)?(?:\s+from\s+(\d+))?", text):
        return _range(int(match[2] or 0), None, int(match[1]))
    if match := re.fullmatch(r"(-?\d*):(-?\d*)(?::(\d*))?", text):
        start, stop, step = (int(part) if part else None for part in match.groups())
        return _range(start or 0, stop, 1 if step is None else step)
    if re.fullmatch(r"-?\d+(\s*[,;\s]\s*-?\d+)*", text):
        return tuple(int(part) for part in re.findall(r"-?\d+", text))
    raise ValueError(
        tr("“{text}” names no timepoints; write {examples}.").format(text=text, examples=EXAMPLES)
    )


def timepoints_in_words(which: Which) -> str:
    """As a sentence says it."""
    if isinstance(which, tuple):
        single: dict[Which, str] = {
            (0,): tr("at the first timepoint"),
            (-1,): tr("at the last timepoint"),
        }
        words = tr("at timepoint {which}") if len(which) == 1 else tr("at timepoints {which}")
        return single.get(which, words.format(which=timepoints_text(which)))
    if which == TimeRange():
        return tr("at every timepoint")
    if which.stop is None and which.start >= 0 and which.step > 1:
        start = tr(" from {n}").format(n=which.start) if which.start else ""
        return tr("at every {n} timepoint").format(n=_ordinal(which.step)) + start
    return tr("at timepoints {which}").format(which=timepoints_text(which))


def _range(start: int, stop: int | None, step: int) -> TimeRange:
    if step < 1:
        raise ValueError(tr("Every 0th timepoint is none; give a step of 1 or more."))
    return TimeRange(start=start, stop=stop, step=step)


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"
