"""See and change the keys of every action: search, press the new keys, or take them back."""

from __future__ import annotations

from PyQt6.QtCore import QSortFilterProxyModel, Qt, QTimer
from PyQt6.QtGui import QKeySequence, QStandardItem, QStandardItemModel
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.desk import Desk
from parfocal.ui.icons import icon
from parfocal.ui.note import Note
from parfocal.ui.shortcuts import in_words, refusal, taken_by
from parfocal.ui.text import tr

__all__ = ["ShortcutsPage"]

KEY = Qt.ItemDataRole.UserRole


class ShortcutsPage(QWidget):
    """A table of the actions; under it the keys of the one that is chosen."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._declared = {one.key: one for one in desk.actions}
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Find an action or keys"))
        self.search.setAccessibleName(tr("Find an action or keys"))
        self.search.setClearButtonEnabled(True)
        self.model = QStandardItemModel(0, 3, self)
        self.model.setHorizontalHeaderLabels([tr("Action"), tr("Menu"), tr("Keys")])
        self.found = QSortFilterProxyModel(self)
        self.found.setSourceModel(self.model)
        self.found.setFilterKeyColumn(-1)
        self.found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.search.textChanged.connect(self.found.setFilterFixedString)
        self.table = self._make_table()
        self.keys = QKeySequenceEdit()
        self.keys.setMaximumSequenceLength(1)
        self.keys.setClearButtonEnabled(True)
        self.keys.setAccessibleName(tr("New keys"))
        self.keys.editingFinished.connect(self._on_pressed)
        self.reset = QPushButton(tr("&Reset"))
        self.reset.clicked.connect(self._reset_one)
        self.reset_all = QPushButton(tr("Reset &all"))
        self.reset_all.clicked.connect(lambda: desk.settings.change(shortcuts={}))
        self.note = Note(desk.theme, tr("Why these keys cannot be had"))
        self.take = QPushButton()
        self.take.clicked.connect(self._take)
        self.take.hide()
        self._lay_out()
        self._fill()
        desk.settings.changed.connect(self._follow)

    def choose(self, key: str) -> None:
        """Put an action under the table."""
        for row in range(self.found.rowCount()):
            index = self.found.index(row, 0)
            if index.data(KEY) == key:
                self.table.setCurrentIndex(index)

    @property
    def chosen(self) -> str | None:
        """The key of the action that is chosen."""
        index = self.table.currentIndex()
        key = index.siblingAtColumn(0).data(KEY) if index.isValid() else None
        return key if isinstance(key, str) else None

    def give(self, keys: str) -> bool:
        """Give the chosen action these keys; says in place why not."""
        key = self.chosen
        if key is None:
            return False
        self.take.hide()
        sentence = refusal(self._declared[key], keys)
        other = taken_by(keys, self._desk.actions.shortcuts(), key)
        if not sentence and other is not None:
            name = self._declared[other].plain_text
            sentence = tr("{keys} is “{name}” already.").format(keys=in_words(keys), name=name)
            if not refusal(self._declared[other], ""):
                self.take.setText(tr("Take it from “{name}”").format(name=name))
                self.take.show()
        self.note.say(sentence)
        QTimer.singleShot(0, self._keep_in_sight)  # the note takes room from the table
        if sentence:
            return False
        self._keep(key, keys)
        return True

    # -- parts

    def _keep_in_sight(self) -> None:
        self.table.scrollTo(self.table.currentIndex())

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.found)
        table.setAccessibleName(tr("Actions and their keys"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        if (side := table.verticalHeader()) is not None:
            side.hide()
            side.setDefaultSectionSize(table.fontMetrics().height() + 8)
        if (head := table.horizontalHeader()) is not None:
            head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        if (selection := table.selectionModel()) is not None:
            selection.currentChanged.connect(lambda *_: self._show_chosen())
        return table

    def _lay_out(self) -> None:
        label = QLabel(tr("&New keys"))
        label.setBuddy(self.keys)
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self.keys, 1)
        for button in (self.reset, self.reset_all):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.search)
        column.addWidget(self.table, 1)
        column.addLayout(row)
        column.addWidget(self.note)
        column.addWidget(self.take, 0, Qt.AlignmentFlag.AlignLeft)

    def _fill(self) -> None:
        kept, keys = self.chosen, self._desk.actions.shortcuts()
        chosen = self._desk.settings.values.shortcuts
        self.model.setRowCount(0)
        for one in self._desk.actions:
            name = QStandardItem(icon(one.icon), one.plain_text)
            name.setData(one.key, KEY)
            name.setToolTip(one.tip)
            words = QStandardItem(in_words(keys[one.key]))
            if one.key in chosen:
                font = words.font()
                font.setBold(True)
                words.setFont(font)
                words.setToolTip(
                    tr("Yours. At first: {keys}").format(keys=in_words(one.shortcut) or tr("none"))
                )
            self.model.appendRow([name, QStandardItem(one.category), words])
        self.choose(kept or next(iter(self._declared)))
        self.reset_all.setEnabled(bool(chosen))

    def _show_chosen(self) -> None:
        key = self.chosen
        self.keys.setEnabled(key is not None)
        self.keys.setKeySequence(QKeySequence(self._desk.actions.shortcuts()[key] if key else ""))
        self.reset.setEnabled(key in self._desk.settings.values.shortcuts)
        self.note.say("")
        self.take.hide()

    def _on_pressed(self) -> None:
        key = self.chosen
        keys = self.keys.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        if key is not None and keys != self._desk.actions.shortcuts()[key]:
            self.give(keys)

    def _take(self) -> None:
        """Take the keys from the action that has them."""
        key = self.chosen
        keys = self.keys.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        other = taken_by(keys, self._desk.actions.shortcuts(), key or "")
        if key is not None and other is not None:
            self._desk.settings.change(
                shortcuts={**self._desk.settings.values.shortcuts, other: "", key: keys}
            )

    def _reset_one(self) -> None:
        """Back to the keys of the first day, unless another action has them now."""
        key = self.chosen
        if key is None:
            return
        first = self._declared[key].shortcut
        other = taken_by(first, self._desk.actions.shortcuts(), key)
        if other is not None:
            self.keys.setKeySequence(QKeySequence(first))
            self.give(first)
            return
        chosen = self._desk.settings.values.shortcuts
        self._desk.settings.change(shortcuts={k: v for k, v in chosen.items() if k != key})

    def _keep(self, key: str, keys: str) -> None:
        chosen = dict(self._desk.settings.values.shortcuts)
        first = QKeySequence(self._declared[key].shortcut)
        chosen.pop(key, None)
        if QKeySequence(keys) != first:
            chosen[key] = keys
        self._desk.settings.change(shortcuts=chosen)

    def _follow(self, names: frozenset[str]) -> None:
        if "shortcuts" in names:
            self._fill()
            self._show_chosen()
