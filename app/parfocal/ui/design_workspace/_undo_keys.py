"""Let Ctrl+Z take back the last edit of the plan, whatever field has the keyboard."""

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtGui import QKeyEvent, QKeySequence

from parfocal.ui.keyboard_filter import KeyboardFilter


class UndoKeys(KeyboardFilter):
    """A line of text takes Ctrl+Z for itself, and then changes the plan once more instead.

    The widget with the keyboard is told that these keys are not for it, and the window's action
    gets them.
    """

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Qt asks before a widget hears of an event."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            for key in (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo):
                if event.matches(key):
                    event.ignore()
                    return True
        return False
