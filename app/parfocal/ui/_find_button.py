"""The button at the menu bar's right end that opens the palette, and says with which keys."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QToolButton

from parfocal.ui.icons import icon
from parfocal.ui.text import tr


class FindButton(QToolButton):
    """Follows the keys of its action, which a person may change."""

    def __init__(self, action: QAction) -> None:
        super().__init__()
        self._action = action
        self.setAutoRaise(True)  # a frame would be higher than the menu bar
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIcon(icon("magnify"))
        self.setToolTip(tr("Find an action by a few letters of its name"))
        self.setAccessibleName(tr("Find an action"))
        self.clicked.connect(action.trigger)
        action.changed.connect(self._name_keys)
        self._name_keys()

    def _name_keys(self) -> None:
        keys = self._action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        self.setText(tr("{keys}  find an action").format(keys=keys).strip())
