"""Tell what came of a batch, open it, and say the same thing as command lines."""

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QModelIndex, QObject, Qt
from PyQt6.QtGui import QFontDatabase, QGuiApplication
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QTextBrowser

from parfocal.convert import (
    BatchItem,
    BatchSnapshot,
    ItemProgress,
    ItemState,
    command_of,
)
from parfocal.ui.convert_wizard._button import button
from parfocal.ui.convert_wizard._page import Page
from parfocal.ui.convert_wizard._report_text import report_html
from parfocal.ui.convert_wizard._rows import table_of
from parfocal.ui.convert_wizard._run_model import BatchModel, state_icon
from parfocal.ui.convert_wizard._words import short_time, state_words
from parfocal.ui.desk import Desk
from parfocal.ui.text import number, size_in_words, tr
from parfocal.ui.theme import Theme

__all__ = ["ReportPage"]

ITEM, STATE, PROVEN, NOTES, BYTES, TIME = range(6)
COMMAND_LINES = 3


class ReportPage(Page):
    """The items, what is to be known of the selected one, and the commands."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr("What came of it"), "")
        self._desk = desk
        self._now: BatchSnapshot | None = None
        self.model = _Model(desk.theme, self)
        self.table = table_of(self.model, tr("What came of each item"), (ITEM,))
        self.details = QTextBrowser()
        self.details.setAccessibleName(tr("What is to be known of the selected item"))
        self.view_button = button(tr("Open in &viewer"), "monitor-eye", self.view)
        self.show_button = button(tr("&Show in Store"), "database-outline", self.show_in_store)
        self.command = QPlainTextEdit()
        self.command.setReadOnly(True)
        self.command.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.command.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.command.setAccessibleName(tr("The same as a command line"))
        self.command.setTabChangesFocus(True)
        lines = self.command.fontMetrics().lineSpacing() * COMMAND_LINES
        self.command.setFixedHeight(lines + 30)
        self.copy_button = button(tr("&Copy"), "content-copy", self.copy)
        self._lay_out()
        selection = self.table.selectionModel()
        assert selection is not None
        selection.currentRowChanged.connect(lambda *_: self._show_row())
        desk.theme.changed.connect(self._show_row)

    def show_snapshot(self, snapshot: BatchSnapshot) -> None:
        """Show how this batch ended."""
        if snapshot == self._now:
            return
        self._now = snapshot
        self.model.show_batch(snapshot)
        self.explained.setText(_verdict(snapshot))
        self.command.setPlainText("\n".join(command_of(item) for item in snapshot.batch.items))
        if not self.table.currentIndex().isValid():
            self.table.selectRow(0)
        self._show_row()

    def focus(self) -> None:
        self.table.setFocus()

    def view(self) -> None:
        """Open the selected store in a viewer."""
        if (item := self._selected()) is not None:
            self._desk.viewers.open_store(item[0].destination)

    def show_in_store(self) -> None:
        """Select it in the Store workspace."""
        if (item := self._selected()) is not None:
            self._desk.open_path(item[0].destination)

    def copy(self) -> None:
        """Put the command lines on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.command.toPlainText())
            self._desk.say(tr("Copied the command lines"))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(self.view_button)
        row.addWidget(self.show_button)
        commands = QHBoxLayout()
        label = QLabel(tr("The same on the command &line"))
        label.setBuddy(self.command)
        commands.addWidget(label)
        commands.addStretch()
        commands.addWidget(self.copy_button)
        self.column.addWidget(self.table, 2)
        self.column.addWidget(self.details, 2)
        self.column.addLayout(row)
        self.column.addLayout(commands)
        self.column.addWidget(self.command)

    def _selected(self) -> tuple[BatchItem, ItemProgress] | None:
        return self.model.at(self.table.currentIndex().row())

    def _show_row(self) -> None:
        chosen = self._selected()
        done = chosen is not None and chosen[1].state is ItemState.DONE
        self.view_button.setEnabled(done)
        self.show_button.setEnabled(done)
        self.details.setHtml("" if chosen is None else report_html(*chosen, self._desk.theme))


def _verdict(snapshot: BatchSnapshot) -> str:
    items = snapshot.progress.items
    done = [item for item in items if item.state is ItemState.DONE]
    if len(done) == len(items) and all(item.verified for item in done):
        words = tr("Everything is in, and every chunk of it was proven.")
    else:
        words = tr("{n} of {m} items are in; their chunks were proven.").format(
            n=number(len(done)), m=number(len(items))
        )
    noted = sum(bool(_notes(item)) for item in done)
    if noted:
        words += " " + tr("{n} of them with notes.").format(n=number(noted))
    return words


def _notes(item: ItemProgress) -> int:
    """How much was missing or assumed."""
    return len(item.warnings) + len(item.guessed)


class _Model(BatchModel):
    """How each item ended."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        titles = (
            tr("Store"), tr("State"), tr("Proven"), tr("Notes"), tr("Pixels"), tr("Time"),
        )  # fmt: skip
        super().__init__(titles, theme, parent, (BYTES, TIME))

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        here = self.at(index.row())
        if here is None:
            return None
        (item, now), column, roles = here, index.column(), Qt.ItemDataRole
        if role == roles.DisplayRole:
            return _text(item, now, column)
        if role == roles.ToolTipRole:
            return str(item.destination)
        if role == roles.DecorationRole and column == STATE:
            return state_icon(self._theme, now.state)
        if role == roles.ForegroundRole and column == NOTES and _notes(now):
            return self._theme.color("warn")
        if role == roles.TextAlignmentRole:
            return self.alignment(column)
        return None


def _text(item: BatchItem, now: ItemProgress, column: int) -> str:
    done = now.state is ItemState.DONE
    words: dict[int, Callable[[], str]] = {
        ITEM: lambda: item.destination.name,
        STATE: lambda: state_words(now.state, working=False),
        PROVEN: lambda: tr("every chunk") if now.verified else "—",
        NOTES: lambda: number(_notes(now)) if _notes(now) else "—",
        BYTES: lambda: size_in_words(now.total_bytes) if done and now.total_bytes else "—",
        TIME: lambda: short_time(now.seconds) if done and now.seconds else "—",
    }
    return words[column]()
