"""Hear of the keys before the widget does that has the keyboard, within one place of a window."""

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QApplication, QWidget

__all__ = ["KeyboardFilter"]


class KeyboardFilter(QObject):
    """An event filter that goes where the keyboard goes; `eventFilter` says what becomes of it."""

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
