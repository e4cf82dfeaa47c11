"""Let Ctrl+Z take back the last edit of the wizard, and not one of the plan in the main window."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtGui import QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QLineEdit, QWidget

from parfocal.ui.keyboard_filter import KeyboardFilter

__all__ = ["UndoFilter"]


class UndoFilter(KeyboardFilter):
    """The main window's actions hear their shortcuts in every window of the program. Whatever in
    here has the keyboard claims these keys first; a line that is being typed in keeps them."""

    def __init__(
        self, place: QWidget, undo: Callable[[], object], redo: Callable[[], object]
    ) -> None:
        super().__init__(place)
        self._work = {
            QKeySequence.StandardKey.Undo: undo,
            QKeySequence.StandardKey.Redo: redo,
        }
        place.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if not isinstance(event, QKeyEvent):
            return False
        work = next((one for key, one in self._work.items() if event.matches(key)), None)
        if work is None or _is_typing(watched):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress:
            work()
            return True
        return False


def _is_typing(widget: QObject | None) -> bool:
    return isinstance(widget, QLineEdit) and widget.isModified() and widget.isUndoAvailable()
