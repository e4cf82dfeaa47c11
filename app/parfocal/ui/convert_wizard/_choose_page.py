"""Choose what is to be brought in: drop it, pick it, or paste a list of paths."""

from collections.abc import Iterable
from pathlib import Path

from PyQt6.QtCore import QEvent, QMimeData, QObject, Qt
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStackedWidget,
    QWidget,
)

from parfocal.convert import sources_at
from parfocal.ui.convert_wizard._button import button
from parfocal.ui.convert_wizard._history import DraftHistory
from parfocal.ui.convert_wizard._page import Page
from parfocal.ui.desk import Desk
from parfocal.ui.empty_state import EmptyState
from parfocal.ui.icons import icon
from parfocal.ui.note import Note
from parfocal.ui.tasks import Task
from parfocal.ui.text import tr

__all__ = ["ChoosePage", "paths_in"]

RECENT_KEPT = 12


class ChoosePage(Page):
    """The list of sources."""

    def __init__(self, desk: Desk, history: DraftHistory, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("What shall be brought in?"),
            tr(
                "Images of other programs, folders of them, or older stores. They are only read; "
                "each becomes a store of its own."
            ),
            parent,
        )
        self._desk, self._history = desk, history
        self._looking = 0
        self.setAcceptDrops(True)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("What is to be brought in"))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setAlternatingRowColors(True)
        self.list.itemSelectionChanged.connect(self._enable)
        self.list.installEventFilter(self)
        self.empty = EmptyState(
            tr("Drop files or folders here"),
            tr("or pick them below. A list of paths, one a line, can be pasted with Ctrl+V."),
        )
        self.place = QStackedWidget()
        self.place.addWidget(self.empty)
        self.place.addWidget(self.list)
        self.note = Note(desk.theme, tr("What is being looked for"))
        self.column.addWidget(self.place, 1)
        self.column.addWidget(self.note)
        self.column.addLayout(self._buttons())
        self.refresh()

    def refresh(self) -> None:
        """Show the sources of the draft."""
        items = self._history.draft.items
        shown = [self.list.item(row) for row in range(self.list.count())]
        if [str(item.source) for item in items] != [one.text() for one in shown if one]:
            self.list.clear()
            for item in items:
                row = QListWidgetItem(icon(_drawing(item.source)), str(item.source))
                row.setToolTip(str(item.source))
                self.list.addItem(row)
        self.place.setCurrentWidget(self.list if items else self.empty)
        self._enable()

    def obstacle(self) -> str:
        """Something must be chosen, and found."""
        if self._looking:
            return tr("Looking for images…")
        return "" if len(self._history.draft) else tr("Choose something first.")

    def focus(self) -> None:
        """On the list, or on the first way to fill it."""
        (self.list if len(self._history.draft) else self.files_button).setFocus()

    def add(self, paths: Iterable[Path]) -> None:
        """Take paths in: of a folder of images each of them. The disk is asked off this thread."""
        wanted = tuple(dict.fromkeys(path.absolute() for path in paths))
        if not wanted:
            return
        self._looking += 1
        self._say()

        def work(task: Task) -> tuple[Path, ...]:
            def still_wanted() -> bool:
                return not task.cancelled.is_set()

            return tuple(found for path in wanted for found in sources_at(path, still_wanted))

        self._desk.tasks.quietly(
            tr("look for images"),
            work,
            on_done=lambda found: self._found(wanted, found),
            on_failed=lambda sentence: self._lost(sentence),
            owner=self,
        )

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Delete takes what is selected off the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.matches(QKeySequence.StandardKey.Delete):
                self.remove_selected()
                return True
            if event.matches(QKeySequence.StandardKey.Paste):
                self.paste()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and paths_in(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        if event is not None:
            self.add(paths_in(event.mimeData()))
            event.acceptProposedAction()

    def paste(self) -> None:
        """Take the paths on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        paths = [] if clipboard is None else paths_in(clipboard.mimeData())
        if not paths:
            self.note.say(tr("There is no path on the clipboard."), "warn")
        self.add(paths)

    def remove_selected(self) -> None:
        """Take what is selected off the list."""
        rows = [index.row() for index in self.list.selectedIndexes()]
        self._history.change(self._history.draft.without(rows))

    def _buttons(self) -> QHBoxLayout:
        self.files_button = button(tr("Add &files…"), "file-plus-outline", self._ask_for_files)
        self.folder_button = button(tr("Add a f&older…"), "folder-plus-outline", self._ask_folder)
        self.paste_button = button(tr("&Paste a list"), "clipboard-text-outline", self.paste)
        self.recent_button = button(tr("&Last ones"), "history")
        self.recent_button.setToolTip(tr("What was brought in before"))
        self.recent = QMenu(self.recent_button)
        self.recent.aboutToShow.connect(self._fill_recent)
        self.recent_button.setMenu(self.recent)
        self.remove_button = button(tr("&Remove"), "close", self.remove_selected)
        row = QHBoxLayout()
        for one in (
            self.files_button, self.folder_button, self.paste_button, self.recent_button,
        ):  # fmt: skip
            row.addWidget(one)
        row.addStretch()
        row.addWidget(self.remove_button)
        return row

    def _found(self, wanted: tuple[Path, ...], found: tuple[Path, ...]) -> None:
        self._looking -= 1
        self._history.change(self._history.draft.with_sources(found))
        older = (path for path in self._desk.settings.values.recent_sources if path not in wanted)
        kept = (*wanted, *older)[:RECENT_KEPT]
        self._desk.settings.change(recent_sources=kept)
        self._say()

    def _lost(self, sentence: str) -> None:
        self._looking -= 1
        self._say()
        self.note.say(sentence)

    def _say(self) -> None:
        self.note.say(tr("Looking for images…") if self._looking else "", "info")
        self._enable()
        self.changed.emit()

    def _enable(self) -> None:
        self.remove_button.setEnabled(bool(self.list.selectedItems()))
        self.recent_button.setEnabled(bool(self._desk.settings.values.recent_sources))

    def _fill_recent(self) -> None:
        self.recent.clear()
        for path in self._desk.settings.values.recent_sources:
            action = self.recent.addAction(icon(_drawing(path)), str(path))
            if action is not None:
                action.triggered.connect(lambda _, path=path: self.add([path]))

    def _ask_for_files(self) -> None:
        dialog = self._dialog(QFileDialog.FileMode.ExistingFiles, tr("Files to bring in"))
        dialog.filesSelected.connect(lambda files: self.add(Path(file) for file in files))
        dialog.open()

    def _ask_folder(self) -> None:
        dialog = self._dialog(QFileDialog.FileMode.Directory, tr("A folder to bring in"))
        dialog.fileSelected.connect(lambda folder: self.add([Path(folder)]))
        dialog.open()

    def _dialog(self, mode: QFileDialog.FileMode, title: str) -> QFileDialog:
        dialog = QFileDialog(self, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        recent = self._desk.settings.values.recent_sources
        if recent:
            dialog.setDirectory(str(recent[0].parent))
        return dialog


def paths_in(mime: QMimeData | None) -> list[Path]:
    """The paths that are dropped or pasted: files, or lines of text; quotes around them go."""
    if mime is None:
        return []
    if mime.hasUrls():
        return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    lines = (line.strip().strip("\"'") for line in mime.text().splitlines())
    return [Path(line.removeprefix("file://")).expanduser() for line in lines if line]


def _drawing(path: Path) -> str:
    """By its name alone: nothing asks the disk here."""
    name = path.name.lower()
    if name.endswith((".zarr", ".n5")):
        return "database-outline"
    return "file-outline" if path.suffix else "folder-outline"
