"""Let Ctrl+Z take back the last edit of the plan, whatever field has the keyboard."""

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtGui import QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QApplication, QWidget


class UndoKeys(QObject):
    """A line of text takes Ctrl+Z for itself, and then changes the plan once more instead.

    The widget with the keyboard is told that these keys are not for it, and the window's action
    gets them.
    """

    def __init__(self, place: QWidget) -> None:
        super().__init__(place)
        self._place = place
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow)

    def _follow(self, _old: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self._place.isAncestorOf(now):
            now.removeEventFilter(self)
            now.installEventFilter(self)

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Qt asks before a widget hears of an event."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            for key in (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo):
                if event.matches(key):
                    event.ignore()
                    return True
        return False
