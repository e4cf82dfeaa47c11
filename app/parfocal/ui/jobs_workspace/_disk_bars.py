"""Show how full the disks of raw data, stores and archive are, and when they will be."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QRectF, QSize, Qt, QTimer
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from parfocal.ui.tasks import Task, Tasks
from parfocal.ui.text import number, size_in_words, time_in_words, tr
from parfocal.ui.theme import Theme, Token

if TYPE_CHECKING:
    from pathlib import Path

    from parfocal.jobs import DiskLook, Overview

EVERY_MS = 15_000
ALMOST_FULL = 0.9
SOON_S = 12 * 3600.0
FAR_S = 60 * 24 * 3600.0


class DiskBar(QWidget):
    """One disk: a name, a bar, and the same in words."""

    def __init__(self, theme: Theme, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.role = role
        self.look: DiskLook | None = None
        self.full_in_s: float | None = None
        self.words = ""
        self.setAccessibleName(_role_words(role))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_look(self, look: DiskLook | None, full_in_s: float | None) -> None:
        """Show how it is now."""
        self.look, self.full_in_s = look, full_in_s
        self.words = _words(look, full_in_s)
        self.setAccessibleDescription(self.words)
        used = "" if look is None else tr("{size} used").format(size=size_in_words(look.used))
        self.setToolTip("" if look is None else f"{look.folder}\n{used}, {self.words}")
        self.update()

    @property
    def token(self) -> Token:
        """Red when it is nearly full, amber when it will be soon."""
        if self.look is None or not self.look.total:
            return "muted"
        if self.look.used / self.look.total > ALMOST_FULL:
            return "error"
        soon = self.full_in_s is not None and self.full_in_s < SOON_S
        return "warn" if soon else "accent"

    def sizeHint(self) -> QSize:
        """Qt asks what it would like."""
        return QSize(180, 2 * self.fontMetrics().height() + 14)

    def minimumSizeHint(self) -> QSize:
        """Qt asks for the least."""
        return QSize(150, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Qt asks for all of it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        painter.setPen(self._theme.color("text"))
        painter.drawText(0, self.fontMetrics().ascent(), self._elided(_role_words(self.role)))
        bar = QRectF(0.5, line + 2.5, self.width() - 1.0, 7.0)
        painter.setPen(self._theme.color("line"))
        painter.setBrush(self._theme.color("canvas"))
        painter.drawRoundedRect(bar, 3, 3)
        if self.look is not None and self.look.total:
            bar.setWidth(max(4.0, bar.width() * self.look.used / self.look.total))
            painter.setBrush(self._theme.color(self.token))
            painter.drawRoundedRect(bar, 3, 3)
        painter.setPen(self._theme.color("muted" if self.token == "accent" else self.token))
        painter.drawText(0, line + 12 + self.fontMetrics().ascent(), self._elided(self.words))

    def _elided(self, text: str) -> str:
        return self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, self.width())


class DiskBars(QWidget):
    """The three disks. Each is looked at in a thread of its own kind: a dead share answers late."""

    def __init__(self, theme: Theme, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._tasks = theme, tasks
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(14)
        self._looker = DiskLooker(tasks, self)
        self._rates: dict[str, float] = {}
        self.bars: dict[str, DiskBar] = {}

    def show_overview(self, overview: Overview) -> None:
        """Which disks matter, and how fast they fill."""
        self._rates = dict(overview.rates)
        wanted = dict(overview.places)
        for role in [role for role in self.bars if role not in wanted]:
            bar = self.bars.pop(role)
            self._row.removeWidget(bar)
            bar.deleteLater()
        for role in wanted:
            if role not in self.bars:
                bar = self.bars[role] = DiskBar(self._theme, role)
                bar.show_look(None, None)
                self._row.addWidget(bar)
        self._looker.watch(wanted)

    def take(self, look: DiskLook) -> None:
        """A disk was looked at."""
        bar = self.bars.get(look.role)
        if bar is not None:
            rate = self._rates.get(look.role)
            bar.show_look(look, None if not rate or not look.total else look.free / rate)


class DiskLooker(QObject):
    """Asks every 15 s, and never twice at once for a disk."""

    def __init__(self, tasks: Tasks, bars: DiskBars) -> None:
        super().__init__(bars)
        self._tasks, self._bars = tasks, bars
        self._places: dict[str, Path] = {}
        self._asked: dict[Path, Task] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._ask)

    def watch(self, places: dict[str, Path]) -> None:
        """Look at these from now on."""
        if places != self._places:
            self._places = places
            self._ask()
            self._timer.start()

    def _ask(self) -> None:
        if not self._bars.isVisible() and self._timer.isActive():
            return
        for role, folder in self._places.items():
            asked = self._asked.get(folder)
            if asked is not None and not asked.status.state.final:
                continue
            self._asked[folder] = self._tasks.quietly(
                "look at a disk",
                partial(_look, role, folder),
                on_done=self._bars.take,
                owner=self,
                far=True,
            )


def _look(role: str, folder: Path, _task: Task) -> DiskLook:
    from parfocal.jobs import look_at_disk

    return look_at_disk(role, folder)


def _role_words(role: str) -> str:
    return {
        "raw": tr("Disk of the raw data"),
        "output": tr("Disk of the stores"),
        "archive": tr("Disk of the archive"),
    }.get(role, role)


def _words(look: DiskLook | None, full_in_s: float | None) -> str:
    if look is None:
        return tr("being looked at…")
    if look.problem:
        return tr("cannot be seen: {why}").format(why=look.problem)
    words = tr("{free} free of {total}").format(
        free=size_in_words(look.free), total=size_in_words(look.total)
    )
    if full_in_s is None or full_in_s > FAR_S:  # "full in 887 days" is not to be planned with
        return words
    return tr("{words}, full in {time} at this rate").format(words=words, time=_about(full_in_s))


def _about(seconds: float) -> str:
    """Nobody knows the minute."""
    hours = seconds / 3600
    if hours < 1:
        return time_in_words(seconds)
    return tr("{n} h").format(n=number(hours)) if hours < 72 else time_in_words(seconds)
