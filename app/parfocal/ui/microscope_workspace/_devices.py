"""Open pymmcore-widgets' dialogs: presets, pixel sizes, the hardware wizard."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QIcon, QShowEvent
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QSplitter,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.guarded_core import GuardedCore
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from pymmcore_plus import CMMCorePlus

    from parfocal.ui.desk import Desk

__all__ = ["DeviceDialogs"]

DIRECT = Qt.FindChildOption.FindDirectChildrenOnly
SIZES = {"presets": (460, 520), "pixel_sizes": (1080, 480)}


class DeviceDialogs(QObject):
    """They read and set devices in the window's thread at a click, so never during a run."""

    changed = pyqtSignal()  # something may be set otherwise now
    refused = pyqtSignal(str)
    configuration_written = pyqtSignal(str)
    _wizard_ready = pyqtSignal(object, str)

    def __init__(self, desk: "Desk", window: QWidget) -> None:
        super().__init__(window)
        self._desk, self._window = desk, window
        self.open: dict[str, QDialog] = {}
        self.wizard: Any = None
        self._wizard_ready.connect(self._show_wizard)

    def show(self, kind: str) -> None:
        """Open the dialog of that kind, or bring it to the front."""
        microscope = self._desk.controller.microscope
        if microscope is None or self._desk.controller.busy:
            return
        if kind not in self.open:
            guarded = GuardedCore(microscope, self.refused.emit)
            made = MAKERS[kind](guarded, self._window)
            made.setWindowTitle(TITLES[kind].format(name=microscope.name))
            made.resize(*SIZES[kind])
            made.finished.connect(lambda _result: self._ended(kind))
            self.open[kind] = made
        self.open[kind].show()
        self.open[kind].raise_()

    def close_all(self) -> None:
        """Before a run, or another microscope: they show this one's devices."""
        for dialog in tuple(self.open.values()):
            dialog.close()

    def show_wizard(self, configuration: Path | None, adapters: Path | None) -> None:
        """Make or change a configuration, with a core of its own: the microscope is closed first,
        since a port can be opened only once."""
        if self.wizard is not None:
            self.wizard.raise_()
            return
        self._desk.controller.close_microscope()

        def ready(core: "CMMCorePlus") -> None:
            self._wizard_ready.emit(core, "" if configuration is None else str(configuration))

        future = self._desk.controller.in_engine(lambda: _core_for_wizard(adapters))
        self._desk.say(tr("Looking for device adapters…"))
        future.add_done_callback(
            lambda done: (
                self.refused.emit(str(done.exception()))
                if done.exception()
                else ready(done.result())
            )
        )

    # -- parts

    def _ended(self, kind: str) -> None:
        self.open.pop(kind).deleteLater()
        self.changed.emit()

    def _show_wizard(self, core: "CMMCorePlus", configuration: str) -> None:
        from pymmcore_widgets import ConfigWizard

        self.wizard = wizard = ConfigWizard(configuration, core, self._window)
        wizard.setWindowTitle(tr("Hardware configuration"))
        for edit in wizard.findChildren(QLineEdit):  # of those it names none
            edit.setAccessibleName(edit.placeholderText() or tr("Path of the configuration"))
        wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        wizard.finished.connect(lambda result: self._wizard_ended(core, bool(result)))
        wizard.show()

    def _wizard_ended(self, core: "CMMCorePlus", accepted: bool) -> None:
        from pymmcore_widgets.hcwizard.finish_page import DEST_CONFIG

        wizard, self.wizard = self.wizard, None
        written = str(wizard.field(DEST_CONFIG)) if accepted else ""
        wizard.deleteLater()
        # not in the window: a device that does not answer would hold it up
        threading.Thread(target=_leave, args=(core,), name="parfocal-wizard", daemon=True).start()
        if written:
            self.configuration_written.emit(written)


def _presets(core: Any, window: QWidget) -> QDialog:
    from pymmcore_widgets import GroupPresetTableWidget

    table = GroupPresetTableWidget(mmcore=core)
    # it loads into the open core, past the profile: a configuration is opened as a microscope here
    table.load_btn.hide()
    for button, words in (
        (table.groups_add_btn, tr("Add a group")),
        (table.groups_remove_btn, tr("Remove the group")),
        (table.presets_add_btn, tr("Add a preset")),
        (table.presets_remove_btn, tr("Remove the preset")),
    ):
        button.setToolTip(words)
        button.setAccessibleName(words)
    dialog = AroundOne(table, window)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    for closing in buttons.buttons():
        closing.setIcon(QIcon())  # the style's is black on the dark theme
    buttons.rejected.connect(dialog.reject)
    dialog.column.addWidget(buttons)
    return dialog


def _pixel_sizes(core: Any, window: QWidget) -> QDialog:
    from pymmcore_widgets import PixelConfigurationWidget

    sizes = PixelConfigurationWidget(mmcore=core)
    for splitter in sizes.findChildren(QSplitter, options=DIRECT):
        splitter.setSizes([340, 700])  # else the names are as narrow as "…"
    return AroundOne(sizes, window)


class AroundOne(QDialog):
    """A dialog around one widget; it closes with it."""

    def __init__(self, widget: QWidget, window: QWidget) -> None:
        super().__init__(window)
        self.column = QVBoxLayout(self)
        self.column.addWidget(widget, 1)
        widget.installEventFilter(self)

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        for table in self.findChildren(QTableWidget):
            _name_rows(table)
        for edit in self.findChildren(QLineEdit):
            edit.setAccessibleName(edit.accessibleName() or edit.placeholderText() or tr("Find"))

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.Close:
            self.accept()
        return super().eventFilter(watched, event)


def _name_rows(table: QTableWidget) -> None:
    """Say what the control of each row sets: pymmcore-widgets has that in the row's first cell."""
    for row in range(table.rowCount()):
        first = table.item(row, 0)
        for column in range(1, table.columnCount()):
            cell = table.cellWidget(row, column)
            if cell is not None and first is not None:
                for part in cell.findChildren(QWidget):
                    part.setAccessibleName(part.accessibleName() or first.text())


MAKERS: dict[str, Callable[[Any, QWidget], QDialog]] = {
    "presets": _presets,
    "pixel_sizes": _pixel_sizes,
}
TITLES = {
    "presets": tr("Presets of {name}"),
    "pixel_sizes": tr("Pixel sizes of {name}"),
}


def _core_for_wizard(adapters: Path | None) -> "CMMCorePlus":
    from parfocal.scope import bare_core

    return bare_core(adapters)


def _leave(core: "CMMCorePlus") -> None:
    from parfocal.scope import leave_core

    leave_core(core)
