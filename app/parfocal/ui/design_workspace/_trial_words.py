"""Say what a pipeline found in a picture, and how long it took."""

from typing import TYPE_CHECKING

import numpy as np

from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.react import Cells, Trial

__all__ = ["found_in_words", "measured_in_words", "step_in_words", "time_taken_in_words"]

PLACES = frozenset({"label", "y", "x", "track", "parent"})
MOST_LINES = 10
STEPS = {
    "loading the parts": tr("loading the parts…"),
    "finding cells": tr("finding cells…"),
    "following cells": tr("following cells…"),
    "making the mask": tr("making the mask…"),
}


def step_in_words(step: str) -> str:
    """What is being done."""
    return STEPS.get(step, step)


def found_in_words(trial: "Trial") -> str:
    """How many cells, and how much of the picture gets light."""
    parts = []
    if trial.cells is not None:
        count = len(trial.cells)
        parts.append(tr("1 cell") if count == 1 else tr("{n} cells").format(n=number(count)))
    if trial.mask is not None:
        share = 100 * float(np.count_nonzero(trial.mask)) / max(1, trial.mask.size)
        parts.append(tr("light on {share} % of the picture").format(share=number(share, 1)))
    return " · ".join(parts) or tr("nothing is looked for")


def time_taken_in_words(trial: "Trial") -> str:
    """All of it, then each step, then what a run does once before it begins."""
    words = {
        "finding cells": tr("cells {s} s"),
        "following cells": tr("tracks {s} s"),
        "making the mask": tr("mask {s} s"),
    }
    steps = [words[one.step].format(s=number(one.seconds, 2)) for one in trial.took]
    return tr("It took {all} s ({steps}); loading, once before a run: {loading} s.").format(
        all=number(trial.seconds, 2), steps=", ".join(steps), loading=number(trial.loading_s, 1)
    )


def measured_in_words(cells: "Cells | None") -> str:
    """Of each figure its smallest, its middle and its largest value, one a line."""
    if cells is None or not len(cells):
        return ""
    lines = []
    for name, column in cells.table.items():
        values = np.asarray(column, dtype=float)
        values = values[np.isfinite(values)]
        if name in PLACES or not values.size:
            continue
        low, middle, high = (_short(v) for v in np.quantile(values, (0, 0.5, 1)))
        words = tr("{name}: {middle} ({low} to {high})")
        lines.append(words.format(name=name, low=low, middle=middle, high=high))
    more = len(lines) - MOST_LINES
    if more > 0:
        lines[MOST_LINES:] = [tr("and {n} more").format(n=number(more))]
    return "\n".join(lines)


def _short(value: float) -> str:
    return number(value, 0 if abs(value) >= 100 else 2)
