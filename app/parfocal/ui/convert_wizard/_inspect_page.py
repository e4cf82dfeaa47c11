"""Show what was found of each source, with a small picture, and why what cannot be read cannot."""

from dataclasses import replace
from typing import Any

from PyQt6.QtCore import QModelIndex, QObject, QRect, QSize, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPixmap
from PyQt6.QtWidgets import QHBoxLayout, QPushButton

from parfocal.convert import Inspection
from parfocal.ui.convert_wizard._draft import DraftItem
from parfocal.ui.convert_wizard._history import DraftHistory
from parfocal.ui.convert_wizard._inspector import Inspector
from parfocal.ui.convert_wizard._page import Page
from parfocal.ui.convert_wizard._rows import RowsModel, table_of
from parfocal.ui.convert_wizard._words import (
    can_be_corrected,
    contents_words,
    plain_problem,
    voxel_words,
    what_words,
)
from parfocal.ui.icons import icon
from parfocal.ui.text import number, size_in_words, tr
from parfocal.ui.theme import Theme

__all__ = ["InspectPage"]

ROW_HEIGHT = 76
PICTURE = QSize(88, 64)
DRAWING = 28
NAME, WHAT, NOTES = range(3)


class InspectPage(Page):
    """A row an item; the tick says whether it is brought in."""

    def __init__(self, theme: Theme, history: DraftHistory, inspector: Inspector) -> None:
        super().__init__(
            tr("Is this what you meant?"),
            tr("What is not ticked is left out. What cannot be read says why, and is left out."),
        )
        self._history, self._inspector = history, inspector
        self.model = _Model(theme, history, inspector, self)
        self.table = table_of(self.model, tr("What was found"))
        self.table.setIconSize(PICTURE)
        self.table.setWordWrap(True)
        rows = self.table.verticalHeader()
        assert rows is not None
        rows.setDefaultSectionSize(ROW_HEIGHT)
        self.again_button = QPushButton(icon("refresh"), tr("&Look again"))
        self.again_button.setToolTip(tr("After a disk was plugged in or files were put back"))
        self.again_button.setAutoDefault(False)
        self.again_button.clicked.connect(self.look_again)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(self.again_button)
        self.column.addWidget(self.table, 1)
        self.column.addLayout(row)

    def enter(self) -> None:
        self._inspector.look(self._history.draft.items)
        self.refresh()

    def refresh(self) -> None:
        self.model.refresh()

    def look_again(self) -> None:
        """Ask the disk once more."""
        for item in self._history.draft.items:
            self._inspector.forget(item)
        self.enter()
        self.changed.emit()

    def obstacle(self) -> str:
        wanted = self._history.draft.wanted
        if not wanted:
            return tr("Everything is left out.")
        if not self._inspector.ready(wanted):
            return tr("Looking into the files…")
        if not any(_can_go_on(self._inspector.of(item)) for item in wanted):
            return tr("Nothing of it can be brought in.")
        return ""

    def focus(self) -> None:
        self.table.setFocus()
        if not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, NAME))


def _can_go_on(found: Inspection | None) -> bool:
    """Whether it is readable, or would be when a folder is named."""
    return found is not None and (not found.problem or can_be_corrected(found))


class _Model(RowsModel):
    """The items of the draft, and what is known of each."""

    def __init__(
        self, theme: Theme, history: DraftHistory, inspector: Inspector, parent: QObject
    ) -> None:
        super().__init__((tr("Item"), tr("What it is"), tr("To be looked at")), parent)
        self._theme, self._history, self._inspector = theme, history, inspector

    def refresh(self) -> None:
        """Show the draft as it is."""
        self.show_count(len(self._history.draft))

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == NAME else flags

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.row() >= len(self._history.draft):
            return None
        item = self._history.draft.items[index.row()]
        found = self._inspector.of(item)
        roles = Qt.ItemDataRole
        if index.column() == NAME:
            return self._of_name(item, role)
        if role in (roles.DisplayRole, roles.ToolTipRole, roles.AccessibleTextRole):
            return _what(found) if index.column() == WHAT else "\n".join(_notes(found))
        if role == roles.ForegroundRole and index.column() == NOTES and found is not None:
            return self._color(found)
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        item = self._history.draft.items[index.row()]
        wanted = Qt.CheckState(value) == Qt.CheckState.Checked
        self._history.change_item(index.row(), replace(item, wanted=wanted))
        return True

    def _of_name(self, item: DraftItem, role: int) -> Any:
        roles = Qt.ItemDataRole
        if role == roles.DisplayRole:
            return item.source.name
        if role == roles.ToolTipRole:
            return str(item.source)
        if role == roles.CheckStateRole:
            found = self._inspector.of(item)
            readable = found is None or _can_go_on(found)
            ticked = item.wanted and readable
            return Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
        if role == roles.DecorationRole:
            picture = self._inspector.picture(item)
            if picture is not None:
                return QIcon(picture)
            return self._stand_in(self._inspector.of(item))
        return None

    def _stand_in(self, found: Inspection | None) -> QIcon:
        """A small drawing in the middle of the place of a picture."""
        drawing = icon(
            "timer-sand" if found is None else "image-off-outline", self._theme.color("muted")
        )
        place = QPixmap(PICTURE)
        place.fill(Qt.GlobalColor.transparent)
        painter = QPainter(place)
        side = DRAWING
        drawing.paint(
            painter,
            QRect((PICTURE.width() - side) // 2, (PICTURE.height() - side) // 2, side, side),
        )
        painter.end()
        return QIcon(place)

    def _color(self, found: Inspection) -> QColor | None:
        if found.problem:
            return self._theme.color("error")
        return self._theme.color("warn") if _notes(found) else None


def _what(found: Inspection | None) -> str:
    if found is None:
        return tr("looking…")
    if not found.fields:
        return tr("cannot be read")
    size = tr("{size} of pixels").format(size=size_in_words(found.bytes))
    return "\n".join([what_words(found), contents_words(found), f"{voxel_words(found)} · {size}"])


def _notes(found: Inspection | None) -> list[str]:
    """The problem; else what was guessed and what is missing, the first ones of it."""
    if found is None:
        return []
    if found.problem:
        return [plain_problem(found.problem)]
    notes = [*found.guessed, *found.warnings]
    if len(notes) > 3:
        more = tr("and {n} more").format(n=number(len(notes) - 2))
        notes = [*notes[:2], more]
    return notes
