"""Measure how long the event strip of 100,000 events takes to paint."""

from dataclasses import replace

from parfocal.cli.bench._pairs import Row, paired
from parfocal.viewer import virtual_display

__all__ = ["rows"]

EVENTS = 100_000
WIDTH, HEIGHT = 1166, 26  # as in a window of 1280 × 800
PAINTS = 50

NOTE = (
    "{events} events in 1000 stretches of five kinds by turns, {width} × {height} px. Ours: a "
    "whole paint as after a change of size (columns, image, past, future and cursor). Peer: "
    "QPainter.fillRect over the same area of the same image, once. Each the median of {paints} "
    "paints, opening and ending the QPainter included. The paint at each refresh (10 Hz), from the "
    "image that is there: {again:.3f} ms"
)


def rows(runs: int) -> list[Row]:
    """One row."""
    with virtual_display():
        from parfocal.ui.strip_bench import StripPaint

        strip = StripPaint(EVENTS, WIDTH, HEIGHT, PAINTS)
        row = paired("strip-paint", strip.whole, strip.fill, unit="ms", better="lower", runs=runs)
        again = strip.again()
    note = NOTE.format(events=EVENTS, width=WIDTH, height=HEIGHT, paints=PAINTS, again=again)
    return [replace(row, note=note)]
