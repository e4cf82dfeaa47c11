"""Report a problem: see each part of the report before it is written, then choose where to."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PyQt6.QtCore import QSize, Qt, QUrl
from PyQt6.QtGui import QDesktopServices, QFontDatabase, QIcon, QPixmap
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.desk import Desk
from parfocal.ui.note import Note
from parfocal.ui.problem_report import Facts, Part, free_name, gather, write
from parfocal.ui.text import size_in_words, tr

__all__ = ["ReportDialog", "facts_of"]

SIZE = QSize(860, 600)
PREVIEWED = 100_000  # characters from a log's end: more would be slow to lay out
PART = Qt.ItemDataRole.UserRole


def facts_of(desk: Desk, window: QWidget) -> Facts:
    """What the window can say, before a dialog lies over it."""
    plan = desk.controller.proposed_plan
    return Facts(
        window.grab().toImage(),
        desk.controller.asked_profile,
        None if plan is None else plan(),
        tuple(desk.toasts.history),
    )


class TickedList(QListWidget):
    """A list with boxes to tick; the theme draws those of this name so that they can be seen."""


class ReportDialog(QDialog):
    """Nothing is sent anywhere: it writes one file. It deletes itself when it is closed."""

    def __init__(self, desk: Desk, facts: Facts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Report a problem"))
        self.resize(SIZE)
        self.story = QPlainTextEdit()
        self.story.setPlaceholderText(tr("What you did, what you expected, what came instead"))
        self.story.setTabChangesFocus(True)
        self.story.setMaximumHeight(90)
        self.parts = TickedList()
        self.parts.setAccessibleName(tr("What is in the report"))
        self.parts.currentItemChanged.connect(lambda item: self._preview(item))
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(tr("All of the chosen part"))
        self.picture = QLabel()
        self.picture.setAccessibleName(tr("The picture of the window"))
        self.note = Note(desk.theme, tr("What became of the report"))
        self.show_folder = QPushButton(tr("Show the &folder"))
        self.show_folder.hide()
        self.show_folder.clicked.connect(self._show_folder)
        self._written = Path()
        self.save = QPushButton(tr("&Save the report…"))
        self.save.setEnabled(False)
        self.save.clicked.connect(self._ask_where)
        self._lay_out()
        desk.tasks.quietly(
            "gather a report",
            lambda _task: gather(facts),
            on_done=self._fill,
            on_failed=self.note.say,
            owner=self,
        )

    @property
    def chosen(self) -> tuple[Part, ...]:
        """The parts that are ticked."""
        items = (self.parts.item(row) for row in range(self.parts.count()))
        ticked = Qt.CheckState.Checked
        return tuple(i.data(PART) for i in items if i is not None and i.checkState() == ticked)

    def save_to(self, path: Path) -> None:
        """Write what is ticked."""
        parts, story = self.chosen, self.story.toPlainText()
        self.save.setEnabled(False)
        self._desk.tasks.quietly(
            "write a report",
            lambda _task: write(path, parts, story),
            on_done=self._saved,
            on_failed=self._failed,
            owner=self,
        )

    # -- parts

    def _lay_out(self) -> None:
        asked = QLabel(tr("&What happened?"))
        asked.setBuddy(self.story)
        what = QLabel(
            tr(
                "This is what the report will hold. It has names of folders and experiments in it: "
                "look through it, and untick what is not for others. Nothing is sent; you get one "
                "file, to send to whom you like."
            )
        )
        what.setWordWrap(True)
        scrolled = QScrollArea()
        scrolled.setWidget(self.picture)
        scrolled.setWidgetResizable(True)
        self._views = QStackedWidget()
        self._views.addWidget(self.text)
        self._views.addWidget(scrolled)
        middle = QSplitter(Qt.Orientation.Horizontal)
        middle.addWidget(self.parts)
        middle.addWidget(self._views)
        middle.setSizes([330, 500])
        middle.setChildrenCollapsible(False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        for closing in buttons.buttons():
            closing.setIcon(QIcon())  # the style's is black on the dark theme
        buttons.addButton(self.save, QDialogButtonBox.ButtonRole.ActionRole)
        said = QHBoxLayout()
        said.addWidget(self.note, 1)
        said.addWidget(self.show_folder)
        column = QVBoxLayout(self)
        for widget in (asked, self.story, what):
            column.addWidget(widget)
        column.addWidget(middle, 1)
        column.addLayout(said)
        column.addWidget(buttons)
        self.story.setFocus()

    def _fill(self, parts: tuple[Part, ...]) -> None:
        for part in parts:
            size = size_in_words(len(part.content))
            item = QListWidgetItem(f"{part.what}\n{part.name}, {size}")
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
            item.setData(PART, part)
            self.parts.addItem(item)
        self.parts.setCurrentRow(0)
        self.save.setEnabled(True)

    def _preview(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        part: Part = item.data(PART)
        self._views.setCurrentIndex(int(part.is_picture))
        if part.is_picture:
            drawn = QPixmap()
            drawn.loadFromData(part.content)
            self.picture.setPixmap(drawn)
        else:
            self.text.setPlainText(part.content.decode(errors="replace")[-PREVIEWED:])

    def _ask_where(self) -> None:
        proposed = free_name(self._desk.settings.values.data_folder.parent, datetime.now())
        dialog = QFileDialog(self, tr("Save the report"), str(proposed.parent), "ZIP (*.zip)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("zip")
        dialog.selectFile(proposed.name)
        dialog.fileSelected.connect(lambda name: self.save_to(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _saved(self, path: Path) -> None:
        self.save.setEnabled(True)
        self.note.say(tr("The report is in {path}.").format(path=path), "ok")
        self._written = path
        self.show_folder.show()

    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._written.parent)))

    def _failed(self, sentence: str) -> None:
        self.save.setEnabled(True)
        self.note.say(sentence)
