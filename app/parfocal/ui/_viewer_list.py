"""The list of viewers: a row each, changed in place, so that what is chosen stays chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from parfocal.ui._viewer_row import ViewerRow
from parfocal.ui._viewer_words import LIGHTS, viewer_state_in_words
from parfocal.ui.icons import icon
from parfocal.ui.text import number, tr
from parfocal.ui.theme import Theme, Token

if TYPE_CHECKING:
    from parfocal.viewer import ViewerRecord, ViewerStatus

STATE, TITLE, QUEUED, ACCEPTED, SHOWN, DROPPED, STORE = range(7)
KEY_ROLE = Qt.ItemDataRole.UserRole
LIGHT_ROLE = Qt.ItemDataRole.UserRole + 1
FIGURES = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
Key = tuple[str, int]


class ViewerList(QTreeWidget):
    """Viewers of this desk, then those that go on by themselves."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._items: dict[Key, QTreeWidgetItem] = {}
        self.setHeaderLabels(
            [
                *(tr("State"), tr("Title"), tr("Queue")),
                *(tr("Accepted"), tr("Shown"), tr("Dropped"), tr("Store")),
            ]
        )
        self.setAccessibleName(tr("Viewers"))
        self.setRootIsDecorated(False)
        self.setAlternatingRowColors(True)
        self.setUniformRowHeights(True)
        self.setIconSize(QSize(16, 16))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # a path is known by both its ends
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header, head = self.header(), self.headerItem()
        if header is not None:
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            header.setStretchLastSection(True)
        for column in range(QUEUED, STORE):
            if head is not None:
                head.setTextAlignment(column, FIGURES)
        tips = {
            QUEUED: tr("Requests that it has not answered yet"),
            ACCEPTED: tr("Live frames that it took"),
            SHOWN: tr("Live frames that were put on its screen"),
            DROPPED: tr("Live frames that newer ones overtook; the store has them"),
        }
        for column, tip in tips.items():
            if head is not None:
                head.setToolTip(column, tip)

    def chosen_number(self) -> int | None:
        """The number of the chosen viewer of this desk."""
        kind, key = self._chosen()
        return key if kind == "viewer" else None

    def chosen_before(self) -> int | None:
        """The process of the chosen viewer that goes on by itself."""
        kind, key = self._chosen()
        return key if kind == "before" else None

    def choose(self, key: Key) -> None:
        """Choose a row: ("viewer", its number) or ("before", its process)."""
        self.setCurrentItem(self._items[key])

    def show_viewers(self, rows: Sequence[ViewerRow], still_open: Sequence[ViewerRecord]) -> None:
        """Show these, in this order."""
        keys: list[Key] = [("viewer", row.number) for row in rows]
        keys += [("before", one.pid) for one in still_open]
        self._keep(keys)
        for row in rows:
            self._show(self._items["viewer", row.number], row.viewer.status(), row)
        for one in still_open:
            item = self._items["before", one.pid]
            words = tr("Kept open") if one.kept else tr("Left open")
            self._write(item, [words, one.title, "", "", "", "", str(one.store)])
            item.setToolTip(STATE, one.says or words)
            self._light(item, LIGHTS["detached"])
        if self.currentItem() is None and self.topLevelItemCount():
            self.setCurrentItem(self.topLevelItem(0))

    def _chosen(self) -> Key:
        item = self.currentItem()
        key: Key | None = None if item is None else item.data(STATE, KEY_ROLE)
        return ("", 0) if key is None else key

    def _keep(self, keys: Sequence[Key]) -> None:
        for key in self._items.keys() - set(keys):
            self.takeTopLevelItem(self.indexOfTopLevelItem(self._items.pop(key)))
        for place, key in enumerate(keys):
            if key not in self._items:
                item = self._items[key] = QTreeWidgetItem()
                item.setData(STATE, KEY_ROLE, key)
                for column in range(QUEUED, STORE):
                    item.setTextAlignment(column, FIGURES)
                self.insertTopLevelItem(place, item)

    def _show(self, item: QTreeWidgetItem, status: ViewerStatus, row: ViewerRow) -> None:
        words = viewer_state_in_words(status)
        if row.leaving and str(status.state) != "exited":
            words = tr("{state}, closing").format(state=words)
        counts = (status.queued, status.accepted, status.displayed, status.dropped)
        store = str(status.store or row.opening.store)
        self._write(item, [words, row.viewer.title, *map(number, counts), store])
        item.setToolTip(STATE, status.problem or words)
        failed = str(status.state) == "exited" and bool(status.problem)
        self._light(item, ("alert-circle-outline", "error") if failed else LIGHTS[status.state])

    def _write(self, item: QTreeWidgetItem, texts: Sequence[str]) -> None:
        for column, text in enumerate(texts):
            if item.text(column) != text:  # what is written anew is also laid out anew
                item.setText(column, text)
        item.setToolTip(STORE, texts[STORE])

    def _light(self, item: QTreeWidgetItem, light: tuple[str, Token]) -> None:
        worn = [*light, self._theme.dark]
        if item.data(STATE, LIGHT_ROLE) != worn:
            item.setData(STATE, LIGHT_ROLE, worn)
            item.setIcon(STATE, icon(light[0], self._theme.color(light[1])))
