"""The command palette: type a few letters of what you want, press Enter; Esc closes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PyQt6.QtCore import QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QIcon, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PyQt6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui._palette_rows import EntryDelegate
from parfocal.ui.desk import Desk
from parfocal.ui.text import tr

WIDTH = 560
ROW_HEIGHT = 34
MOST_ROWS = 11
STEPS: dict[int, int] = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: MOST_ROWS - 1,
    Qt.Key.Key_PageUp: 1 - MOST_ROWS,
}
CHOOSE = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the palette."""

    text: str
    run: Callable[[], object]
    detail: str = ""
    shortcut: str = ""
    drawing: QIcon | None = None
    enabled: bool = True
    key: str = ""


def match(query: str, text: str) -> tuple[int, tuple[int, ...]] | None:
    """How well letters fit a text in their order, and where they stand; None when they do not.

    Every letter of the query must occur in order. Letters that begin a word or follow one another
    count more, so that "re la" and "rl" both find "Reset layout" first.
    """
    places: list[int] = []
    score, at, lowered = 0, 0, text.lower()
    for letter in query.lower().replace(" ", ""):
        found = _best_place(lowered, letter, at, follows=bool(places) and places[-1] == at - 1)
        if found < 0:
            return None
        if not found or not lowered[found - 1].isalnum():
            score += 8
        if places and found == places[-1] + 1:
            score += 6
        score -= min(found - at, 4)
        places.append(found)
        at = found + 1
    return score, tuple(places)


def _best_place(text: str, letter: str, start: int, *, follows: bool) -> int:
    """The next letter: directly after the last, else where a word begins, else anywhere."""
    first = text.find(letter, start)
    if first < 0 or (follows and first == start):
        return first
    for place in range(first, len(text)):
        if text[place] == letter and (place == 0 or not text[place - 1].isalnum()):
            return place
    return first


class QueryField(QLineEdit):
    """A line to type in that hands on the keys that steer a list."""

    steered = pyqtSignal(int)
    left = pyqtSignal()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (*STEPS, *CHOOSE, Qt.Key.Key_Escape):
            self.steered.emit(event.key())
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class Palette(QFrame):
    """A panel at the top of its window. It belongs to the window: nothing else can lose it."""

    def __init__(self, desk: Desk, window: QWidget) -> None:
        super().__init__(window)
        self._desk, self._window = desk, window
        self._entries: Sequence[Entry] = ()
        self._used: list[str] = []
        self._focus_before: QWidget | None = None
        self.field = QueryField()
        self.field.setAccessibleName(tr("Find an action"))
        self.field.setClearButtonEnabled(True)
        self.field.textEdited.connect(self._filter)
        self.field.steered.connect(self._steer)
        self.field.left.connect(self._focus_went)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Actions found"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(EntryDelegate(desk.theme, self.list))
        self.list.setMouseTracking(True)
        self.list.itemClicked.connect(lambda _: self._run_current())
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.nothing = QLabel(tr("Nothing here has these letters in this order."))
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        column.addWidget(self.nothing)
        self.hide()

    def open_actions(self) -> None:
        """Offer every action; those used last come first, those that cannot run come last."""
        self.offer(self._action_entries(), tr("Find an action"))

    def offer(self, entries: Sequence[Entry], prompt: str) -> None:
        """Let a person choose from a list by typing."""
        if self.isHidden():
            self._focus_before = self._window.focusWidget()
        self._entries = entries
        self.field.clear()
        self.field.setPlaceholderText(prompt)
        self._filter("")
        self.place()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def dismiss(self) -> None:
        """Close it and give the focus back."""
        if self.isHidden():
            return
        self.hide()
        if self._focus_before is not None:
            self._focus_before.setFocus(Qt.FocusReason.OtherFocusReason)
            self._focus_before = None

    def shown(self) -> tuple[Entry, ...]:
        """The entries that fit what is typed, best first."""
        rows = (self.list.item(row) for row in range(self.list.count()))
        return tuple(row.data(Qt.ItemDataRole.UserRole)[0] for row in rows if row is not None)

    def place(self) -> None:
        """Stand at the top of the window; the window calls it when its size changes."""
        width = min(WIDTH, self._window.width() - 40)
        rows = max(1, min(self.list.count(), MOST_ROWS))
        height = self.field.sizeHint().height() + rows * ROW_HEIGHT + 24
        left = (self._window.width() - width) // 2
        self.setGeometry(QRect(left, 36, width, min(height, self._window.height() - 80)))

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._desk.theme.color("line"), 1))
        painter.setBrush(self.palette().base())
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 8, 8)

    def _steer(self, key: int) -> None:
        if key == Qt.Key.Key_Escape:
            self.dismiss()
            return
        if key not in STEPS:
            self._run_current()
            return
        step, row, last = STEPS[key], self.list.currentRow(), self.list.count() - 1
        if abs(step) == 1 and last >= 0:  # arrows go round, pages do not
            self.list.setCurrentRow((row + step) % (last + 1))
        else:
            self.list.setCurrentRow(max(0, min(last, row + step)))

    def _focus_went(self) -> None:
        if self._window.isActiveWindow():
            self.dismiss()

    def _run_current(self) -> None:
        row = self.list.currentItem()
        if row is None:
            return
        entry: Entry = row.data(Qt.ItemDataRole.UserRole)[0]
        if not entry.enabled:
            return
        self.dismiss()
        if entry.key:
            self._used = [entry.key, *(key for key in self._used if key != entry.key)]
        entry.run()

    def _filter(self, query: str) -> None:
        found = []
        for place, entry in enumerate(self._entries):
            fit = match(query, entry.text)
            if fit is None:  # "store check": the category's letters count for less
                behind = match(query, f"{entry.detail} {entry.text}")
                fit = None if behind is None else (behind[0] - 20, ())
            if fit is not None:
                recent = self._used.index(entry.key) if entry.key in self._used else len(self._used)
                found.append(((not entry.enabled, -fit[0], recent, place), entry, fit[1]))
        found.sort(key=lambda one: one[0])
        self.list.clear()
        for _, entry, places in found:
            row = QListWidgetItem(entry.text)
            row.setData(Qt.ItemDataRole.UserRole, (entry, places))
            row.setSizeHint(QSize(0, ROW_HEIGHT))
            self.list.addItem(row)
        self.list.setCurrentRow(0)
        self.list.setVisible(bool(found))
        self.nothing.setVisible(not found)
        self.place()

    def _action_entries(self) -> list[Entry]:
        actions = self._desk.actions
        entries = []
        for one in actions.offered_in_palette():
            action = actions.action(one.key)
            entries.append(
                Entry(
                    one.plain_text,
                    partial(actions.trigger, one.key),
                    one.category,
                    action.shortcut().toString(action.shortcut().SequenceFormat.NativeText),
                    action.icon(),
                    action.isEnabled(),
                    one.key,
                )
            )
        return entries
