"""How a strip's standing looks and is said: a colour, a letter and a word, the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from parfocal.ui.text import number, tr
from parfocal.ui.theme import Theme, Token

if TYPE_CHECKING:
    from parfocal.jobs import StripCell

Fill = Literal["full", "faint", "none"]


class Look(NamedTuple):
    """What a standing looks like; `full` is what wants to be seen first."""

    letter: str
    token: Token
    fill: Fill


# Keyed by the words of jobs.Standing, which is not imported for a legend. What is finished is
# faint, so that in a grid of thousands the few that want a person stand out.
LOOKS: Mapping[str, Look] = {
    "waiting": Look("s", "muted", "none"),
    "settling": Look("S", "info", "faint"),
    "archiving": Look("A", "imaging", "full"),
    "compressing": Look("C", "stimulation", "full"),
    "verifying": Look("V", "reference", "full"),
    "previewing": Look("P", "autofocus", "full"),
    "reported": Look("R", "ok", "faint"),
    "cleaning": Look("L", "wait", "full"),
    "cleaned": Look("✓", "ok", "none"),
    "parked": Look("!", "hold", "full"),
    "corrupt": Look("‼", "error", "full"),
    "failed": Look("✗", "error", "faint"),
    "cancelled": Look("■", "muted", "faint"),
    "asked": Look("?", "warn", "full"),
    "reset": Look("·", "muted", "none"),
}
FAINT = 0.22


def standing_words(standing: str) -> str:
    """The word of the legend."""
    return {
        "waiting": tr("waits (small letter: for what)"),
        "settling": tr("settling"),
        "archiving": tr("archiving"),
        "compressing": tr("compressing"),
        "verifying": tr("verifying"),
        "previewing": tr("preview, report"),
        "reported": tr("reported"),
        "cleaning": tr("cleaning up"),
        "cleaned": tr("cleaned"),
        "parked": tr("wants a person"),
        "corrupt": tr("damaged or incomplete"),
        "failed": tr("failed"),
        "cancelled": tr("cancelled"),
        "asked": tr("which one is meant?"),
        "reset": tr("reset"),
    }[str(standing)]


def stage_words(kind: str) -> str:
    """A stage, or another job, as people call it."""
    known = {
        "settle": tr("Settle"),
        "inspect": tr("Inspect"),
        "archive": tr("Archive"),
        "verify_archive": tr("Verify archive"),
        "compress": tr("Compress"),
        "verify_store": tr("Verify store"),
        "preview": tr("Preview"),
        "report": tr("Report"),
        "cleanup": tr("Clean up"),
        "purge": tr("Empty the trash"),
        "ingest": tr("Ingest"),
        "migrate": tr("Migrate"),
        "pyramid": tr("Build pyramid"),
        "export": tr("Export"),
    }
    return known.get(kind, kind)


def strip_words(cell: StripCell) -> str:
    """A strip with where it stands, for a tooltip and for those who listen."""
    words = standing_words(cell.standing).split(" (")[0]
    if cell.fraction is not None:
        words += f", {number(int(100 * cell.fraction))} %"
    name = tr("Strip {n} of slice {slice}, {channel}")
    told = name.format(n=cell.strip, slice=cell.slice, channel=cell.channel)
    return f"{told}: {words}"


def paint_standing(
    painter: QPainter,
    rect: QRectF,
    standing: str,
    letters: str,
    theme: Theme,
    fraction: float | None = None,
) -> None:
    """Draw one cell of the grid, or of the legend."""
    look = LOOKS[standing]
    color = theme.color(look.token)
    fill = QColor(color)
    fill.setAlphaF({"full": 1.0, "faint": FAINT, "none": 0.0}[look.fill])
    painter.setPen(QPen(color if look.fill != "none" else theme.color("line"), 1))
    painter.setBrush(fill)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    if fraction:
        done = QRectF(rect.left() + 2, rect.bottom() - 4, (rect.width() - 4) * fraction, 2.5)
        painter.fillRect(done, theme.color("canvas"))
    painter.setPen(theme.color("canvas") if look.fill == "full" else color)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, letters)
