"""The settings window: kinds at the left, one page at the right; it never holds up the rest."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QSize, Qt, QUrl
from PyQt6.QtGui import QDesktopServices, QIcon
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.desk import Desk
from parfocal.ui.icons import icon
from parfocal.ui.settings_dialog import _forms
from parfocal.ui.settings_dialog._shortcuts_page import ShortcutsPage
from parfocal.ui.text import tr

__all__ = ["SettingsDialog", "open_settings"]

SIZE = QSize(820, 560)


def pages() -> tuple[tuple[str, str, str, Callable[[Desk], QWidget]], ...]:
    """Every page: its key, title, icon, and how it is made."""
    return (
        ("appearance", tr("Appearance"), "palette-outline", _forms.appearance),
        ("folders", tr("Folders"), "folder-outline", _forms.folders),
        ("runs", tr("Runs"), "play-circle-outline", _forms.runs),
        ("viewer", tr("Viewer"), "monitor-eye", _forms.viewer),
        ("notifications", tr("Notifications"), "bell-outline", _forms.messages),
        ("updates", tr("Updates"), "autorenew", _forms.updates),
        ("shortcuts", tr("Shortcuts"), "keyboard-outline", ShortcutsPage),
    )


class SettingsDialog(QDialog):
    """A change holds at once. It deletes itself when it is closed."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Settings"))
        self.resize(SIZE)
        self.pages: dict[str, QWidget] = {}
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Kinds of settings"))
        self.list.setIconSize(QSize(20, 20))
        self.list.setSpacing(2)
        self._stack = QStackedWidget()
        for key, title, drawing, make in pages():
            self.pages[key] = make(desk)
            self._stack.addWidget(self.pages[key])
            self.list.addItem(QListWidgetItem(icon(drawing), title))
        self.list.setFixedWidth(self.list.sizeHintForColumn(0) + 36)
        self.list.currentRowChanged.connect(self._stack.setCurrentIndex)
        self._lay_out()
        self.show_page("appearance")
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # Enter takes what was typed; it opened a folder's dialog

    def show_page(self, key: str) -> None:
        """Turn to a page."""
        self.list.setCurrentRow(list(self.pages).index(key))

    def _lay_out(self) -> None:
        path = self._desk.settings.path
        where = QLabel(tr("Kept in {path}").format(path=path))
        where.setForegroundRole(self.palette().ColorRole.PlaceholderText)
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        where.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        for closing in buttons.buttons():
            closing.setIcon(QIcon())  # the style's is black on the dark theme
        show = buttons.addButton(tr("Show the &folder"), QDialogButtonBox.ButtonRole.ActionRole)
        if show is not None:
            show.clicked.connect(
                lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
            )
            show.setAutoDefault(False)
        row = QHBoxLayout()
        row.addWidget(self.list)
        row.addSpacing(8)
        row.addWidget(self._stack, 1)
        column = QVBoxLayout(self)
        column.addLayout(row, 1)
        column.addWidget(where)
        column.addWidget(buttons)


def open_settings(desk: Desk, window: QWidget, page: str = "") -> SettingsDialog:
    """Show the settings on a page; the window that is open already comes to the front."""
    open_ones = (one for one in window.findChildren(SettingsDialog) if one.isVisible())
    dialog = next(open_ones, None) or SettingsDialog(desk, window)
    if page:
        dialog.show_page(page)
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
    return dialog
