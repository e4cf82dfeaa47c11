"""The head of the workspace: disks, who works, pause, and the scans that are watched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.icons import icon
from parfocal.ui.jobs_workspace._disk_bars import DiskBars
from parfocal.ui.note import Note
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.jobs import Overview
    from parfocal.ui.desk import Desk
    from parfocal.ui.jobs_workspace._deeds import Deeds

__all__ = ["Header"]


class Header(QWidget):
    """What is true of the whole queue."""

    def __init__(self, desk: Desk, deeds: Deeds, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._deeds = deeds
        self.disks = DiskBars(desk.theme, desk.tasks)
        self.state = QLabel()
        self.state.setAccessibleName(tr("How the queue stands"))
        self.trouble = Note(desk.theme, tr("What stands in the way of the queue"))
        self.pause = QPushButton()
        self.pause.clicked.connect(deeds.pause)
        self.watch = QPushButton(icon("eye-outline"), tr("&Watch a scan…"))
        self.watch.clicked.connect(deeds.choose_scan)
        self.new = QPushButton(icon("file-plus-outline"), tr("&New scan…"))
        self.new.clicked.connect(deeds.forms.new)
        self.scans = QToolButton()
        self.scans.setIcon(icon("format-list-bulleted"))
        self.scans.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.scans.setToolTip(tr("The scans that are watched"))
        self.scans.setAccessibleName(tr("The scans that are watched"))
        self._menu = QMenu(self.scans)
        self.scans.setMenu(self._menu)
        row = QHBoxLayout()
        row.addWidget(self.disks, 1)
        row.addStretch()  # before there are disks to show
        for widget in (self.new, self.watch, self.scans, self.pause):
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.state)
        column.addWidget(self.trouble)

    def show_overview(self, overview: Overview) -> None:
        """The queue is another one now."""
        self.disks.show_overview(overview)
        self.disks.setVisible(bool(overview.places))
        self.state.setText(_state(overview))
        self.trouble.say(_trouble(overview))
        self.pause.setText(tr("Res&ume") if overview.paused else tr("&Pause all"))
        self.pause.setIcon(icon("play" if overview.paused else "pause"))
        self.scans.setVisible(bool(overview.scans))
        self._menu.clear()
        for scan in overview.scans:
            for words, deed in (
                (tr("Edit {file}…"), self._deeds.forms.edit),
                (tr("Stop watching {file}"), self._deeds.unwatch),
            ):
                action = self._menu.addAction(words.format(file=scan.file))
                if action is not None:
                    action.triggered.connect(lambda _, deed=deed, file=scan.file: deed(file))


def _state(overview: Overview) -> str:
    """Who works and what is watched, in a line."""
    if overview.paused:
        parts = [tr("Paused: nothing starts")]
    elif overview.counts.get("running"):
        parts = [tr("{n} jobs go on").format(n=number(overview.counts["running"]))]
    elif overview.worker:
        parts = [tr("The worker waits for work")]
    elif overview.wants_worker:
        parts = [tr("The worker is being started")]
    else:
        parts = [tr("Nothing is left to do by itself")]
    asking = sum(cell.standing.needs_person for cell in overview.strips)
    if asking:
        parts.append(tr("{n} strips want a person").format(n=number(asking)))
    if overview.scans:
        names = ", ".join(scan.file.name for scan in overview.scans)
        parts.append(tr("watching {names}").format(names=names))
    return " · ".join(parts)


def _trouble(overview: Overview) -> str:
    lines = [overview.problem] if overview.problem else []
    lines += [words for key, words in overview.held.items() if key != "user"]
    for scan in overview.scans:
        if scan.problem:
            lines.append(scan.problem)
        lines += [
            tr("{folder} is offline; nothing is lost, it is looked for again").format(folder=one)
            for one in scan.offline
        ]
    return "\n".join(lines)
