"""The dock behind the bell: every message since the window opened, newest at the top."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDockWidget,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.desk import Desk
from parfocal.ui.icons import icon
from parfocal.ui.text import tr
from parfocal.ui.toast_stack import ICONS, kind_in_words
from parfocal.ui.toasts import Toast


class MessageLog(QDockWidget):
    """A list of what was said; a message with details opens to show them."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(tr("Messages"), parent)
        self.setObjectName("dock.messages")
        self._desk = desk
        self.list = QTreeWidget()
        self.list.setColumnCount(3)
        self.list.setHeaderHidden(True)
        self.list.setAlternatingRowColors(True)
        self.list.setIconSize(QSize(16, 16))
        self.list.setAccessibleName(tr("Messages of this session"))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.itemActivated.connect(self._follow)
        header = self.list.header()
        if header is not None:
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            header.setStretchLastSection(True)
        self._clear = QPushButton(icon("broom"), tr("Clear"))
        self._clear.clicked.connect(desk.toasts.clear)
        self._logs = QPushButton(icon("text-box-outline"), tr("Show logs"))
        self._logs.clicked.connect(lambda: desk.actions.trigger("help.logs"))
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(self._logs)
        row.addWidget(self._clear)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(6, 4, 6, 6)
        column.addWidget(self.list, 1)
        column.addLayout(row)
        self.setWidget(inside)
        desk.toasts.changed.connect(self._update)
        desk.theme.changed.connect(self._refill)
        self.visibilityChanged.connect(lambda _: self._update())

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self._refill()
        self._desk.toasts.opened.emit()

    def _update(self) -> None:
        if not self.isVisible():
            return
        self._refill()
        if self._desk.toasts.unread:
            self._desk.toasts.mark_read()

    def _refill(self) -> None:
        if not self.isVisible():
            return
        self.list.clear()
        for toast in reversed(self._desk.toasts.history):
            self.list.addTopLevelItem(self._row(toast))
        self._clear.setEnabled(bool(self._desk.toasts.history))

    def _follow(self, row: QTreeWidgetItem) -> None:
        """Do what the message's one button did, which may be gone by now."""
        toast = row.data(0, Qt.ItemDataRole.UserRole)
        if isinstance(toast, Toast) and len(toast.buttons) == 1:
            toast.buttons[0][1]()

    def _row(self, toast: Toast) -> QTreeWidgetItem:
        words = toast.text if toast.count == 1 else f"{toast.text}  ×{toast.count}"
        row = QTreeWidgetItem([kind_in_words(toast.kind), f"{toast.when:%H:%M:%S}", words])
        row.setIcon(0, icon(ICONS[toast.kind], self._desk.theme.color(toast.kind)))
        row.setData(0, Qt.ItemDataRole.UserRole, toast)
        way = tr("Double-click: {do}").format(do=toast.buttons[0][0]) if toast.buttons else ""
        row.setToolTip(2, "\n".join(filter(None, (toast.detail or toast.text, way))))
        for line in toast.detail.splitlines():
            row.addChild(QTreeWidgetItem(["", "", line]))
        return row
