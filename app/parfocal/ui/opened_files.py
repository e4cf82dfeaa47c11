"""Open what the desktop hands over, whichever way it comes and however early."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, pyqtSignal
from PyQt6.QtGui import QFileOpenEvent
from PyQt6.QtWidgets import QApplication

if TYPE_CHECKING:
    from parfocal.ui.main_window import MainWindow

__all__ = ["Application", "OpenedFiles"]


class Application(QApplication):
    """Says which file macOS wants to be opened: a double click there gives no argument.

    A class of its own, since an event filter of the application sees every event of every widget.
    """

    file_opened = pyqtSignal(object)  # Path

    def event(self, event: QEvent | None) -> bool:
        """Qt has something for the application itself."""
        if isinstance(event, QFileOpenEvent) and event.file():
            self.file_opened.emit(Path(event.file()))
            return True
        return super().event(event)


class OpenedFiles(QObject):
    """An argument, a later start's argument, and macOS' event go the way of what is dropped on the
    window: foreign files to the wizard too.

    Made before the window: macOS sends its event as soon as somebody listens. What comes before
    every workspace is made waits until then; a workspace may not be made before its turn.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._waiting: list[Path] = []
        self._window: MainWindow | None = None
        if isinstance(app, Application):
            app.file_opened.connect(self.take)

    def show_in(self, window: MainWindow) -> None:
        """Open what came and what will come in this window."""
        self._window = window
        window.settled.connect(self._open_waiting)

    def take(self, path: Path | None) -> None:
        """Come to the front and open it; None: a later start that names nothing."""
        if path is not None:
            self._waiting.append(path)
        if self._window is None:
            return
        window = self._window
        window.setWindowState(window.windowState() & ~window.windowState().WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()
        self._open_waiting()

    def _open_waiting(self) -> None:
        if self._window is None or not self._window.populated:
            return
        paths, self._waiting = self._waiting, []
        self._window.desk.take_drop(paths)
