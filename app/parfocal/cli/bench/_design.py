"""Measure how soon the Design workspace shows what an edited plan comes to."""

from statistics import median

from parfocal.cli.bench._pairs import Row
from parfocal.viewer import virtual_display

__all__ = ["rows"]

EDITS = 20
MOST_MS = 100.0

NOTE = (
    "From the change of an exposure in the table to the painted timeline, map and estimate, beside "
    "the {most:.0f} ms that were asked for; 20 ms of them are a pause until a burst of the table's "
    "signals is over. The slowest of: {plans}. Medians of {edits} edits each, {runs} times"
)


def rows(runs: int) -> list[Row]:
    """One row."""
    with virtual_display():
        from parfocal.ui.design_bench import measure_edits

        found = [measure_edits(EDITS) for _ in range(runs)]
    times = {name: median(one[name] for one in found) for name in found[0]}
    worst = max(times.values())
    plans = ", ".join(f"{name} {ms:.0f} ms" for name, ms in times.items())
    note = NOTE.format(most=MOST_MS, plans=plans, edits=EDITS, runs=runs)
    ratio = round(worst / MOST_MS, 4)
    return [Row("design-follows-edit", round(worst, 1), MOST_MS, "ms", ratio, "lower", runs, note)]
