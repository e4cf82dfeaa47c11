"""The dock with every property of every device: look for one, see it, set it within the limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QBrush, QHideEvent
from PyQt6.QtWidgets import (
    QAbstractButton,
    QDockWidget,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QTableWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.desk import Desk
from parfocal.ui.guarded_core import GuardedCore
from parfocal.ui.text import tr
from parfocal.ui.why_not import why_not

if TYPE_CHECKING:
    from parfocal.scope import Microscope

LEAST_WIDTH = 310
VALUE_WIDTH = 120
TELL_AFTER_MS = 200


class PropertyDock(QDockWidget):
    """Its table is made when it is first seen, and only while the microscope may be commanded.

    The table reads devices while it is made, and hears of every change of theirs: during a run
    there is none. It goes with its microscope, so that nothing reads a core that was closed.
    """

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(tr("Properties"), parent)
        self.setObjectName("dock.properties")
        self._desk = desk
        self._failed = False  # to read the open microscope; not tried again at every refresh
        self._waits = False  # for a run, another microscope or the end, which was asked for
        self.table: PropertyTable | None = None
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setMargin(12)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.words)
        self._pages.setMinimumWidth(LEAST_WIDTH)
        self.setWidget(self._pages)
        self._told = QTimer(self)  # a slider that is dragged sets its property at every pixel
        self._told.setSingleShot(True)
        self._told.setInterval(TELL_AFTER_MS)
        self._told.timeout.connect(desk.devices_changed)
        controller = desk.controller
        controller.camera_wanted.connect(self._give_way)
        for told in (
            controller.microscope_opened,
            controller.microscope_failed,
            controller.microscope_closed,
            controller.run_finished,
            controller.run_refused,
        ):
            told.connect(self._come_back)

    def refresh(self) -> None:
        """Show what the microscope has, or why it cannot be shown now; called at 10 Hz."""
        if not self.isVisible():
            return
        why, microscope = why_not(self._desk.controller), self._desk.controller.microscope
        if why or microscope is None or self._waits:
            self._drop()
            if microscope is None and not self._desk.controller.opening:
                why = tr("No microscope is open: open one in Microscope.")
            self.words.setText(why)
            return
        if self._failed:
            return
        if self.table is None:
            try:
                self.table = PropertyTable(microscope, self._tell)
            except RuntimeError as fault:  # MMCore's, of a device that fails when it is read
                self._failed = True
                sentence = tr("The properties of {name} could not be read: {fault}")
                sentence = sentence.format(name=microscope.name, fault=fault)
                self.words.setText(sentence)
                self._tell(sentence)
                return
            self.table.rows.valueChanged.connect(self._told.start)
            self._pages.addWidget(self.table)
            self._pages.setCurrentWidget(self.table)
            self.setWindowTitle(tr("Properties of {name}").format(name=microscope.name))

    def toggle(self) -> None:
        """Show it with the keyboard in it, or hide it."""
        if not self.isHidden() and self.isVisible():
            self.close()
            return
        self.show()
        self.raise_()
        self.refresh()
        if self.table is not None:
            self.table.search.setFocus()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        if self.isHidden():  # and not behind another dock, or in a window that was made small
            self._drop()

    # -- parts

    def _give_way(self) -> None:
        self._waits = True
        self._drop()

    def _come_back(self, *_what: object) -> None:
        self._drop()  # what it shows was true before
        self._waits = self._failed = False

    def _drop(self) -> None:
        table, self.table = self.table, None
        if table is not None:
            self._pages.removeWidget(table)
            table.deleteLater()
            self.setWindowTitle(tr("Properties"))

    def _tell(self, sentence: str) -> None:
        self._desk.toasts.show(sentence, "error")


class PropertyTable(QWidget):
    """pymmcore-widgets' table, with a field to look for something and its kinds of devices."""

    def __init__(self, microscope: Microscope, refused: Callable[[str], object]) -> None:
        super().__init__()
        # not above: they cost a second, and this is seldom the first thing that is looked at
        from pymmcore_widgets.device_properties import DevicePropertyTable
        from pymmcore_widgets.device_properties._device_type_filter import DeviceTypeFilters

        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.setPlaceholderText(tr("Find a device or property"))
        self.search.setAccessibleName(tr("Find a device or property"))
        self.kinds_button = QToolButton()
        self.kinds_button.setText(tr("&Kinds"))
        self.kinds_button.setCheckable(True)
        self.kinds_button.setToolTip(tr("Choose which kinds of devices and properties are listed"))
        self.kinds: Any = DeviceTypeFilters()
        self.kinds.hide()
        self.rows: Any = DevicePropertyTable(mmcore=GuardedCore(microscope, refused))  # type: ignore[arg-type] # it looks like one
        self._dress()
        self.search.textChanged.connect(self._filter)
        self.kinds.filtersChanged.connect(self._filter)
        self.kinds_button.toggled.connect(self.kinds.setVisible)
        top = QHBoxLayout()
        top.addWidget(self.search, 1)
        top.addWidget(self.kinds_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.addLayout(top)
        layout.addWidget(self.kinds)
        layout.addWidget(self.rows, 1)

    def _filter(self) -> None:
        self.rows.filterDevices(
            self.search.text(),
            exclude_devices=self.kinds.filters(),
            include_read_only=self.kinds.showReadOnly(),
            include_pre_init=self.kinds.showPreInitProps(),
        )

    def _dress(self) -> None:
        """Narrow enough for a dock, in the theme's colours, named, and reached by keyboard."""
        for tick in self.kinds.findChildren(QAbstractButton):
            tick.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # theirs take none
        table: QTableWidget = self.rows
        table.setAccessibleName(tr("Properties of all devices"))
        table.setMinimumWidth(0)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # it ends in what tells them apart
        table.setHorizontalHeaderLabels([tr("Device and property"), tr("Value")])
        table.setTabKeyNavigation(False)  # else the keyboard does not come out of it again
        header = table.horizontalHeader()
        if header is not None:
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
            header.setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
            header.setStretchLastSection(False)
            header.resizeSection(1, VALUE_WIDTH)
        for row in range(table.rowCount()):
            item, cell = table.item(row, 0), table.cellWidget(row, 1)
            if item is None or cell is None:
                continue
            item.setToolTip(item.text())  # a narrow dock cuts it
            name = item.text().replace("-", " ", 1)
            for part in (cell, *cell.findChildren(QWidget)):
                part.setAccessibleName(part.accessibleName() or name)
            if cell.styleSheet():
                # read-only rows are a fixed light grey, with the theme's light words in the dark
                item.setBackground(QBrush())
                cell.setStyleSheet("")
