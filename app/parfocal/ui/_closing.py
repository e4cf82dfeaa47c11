"""Leave the window: ask first when a run is going on, then leave after its store is closed."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QMessageBox, QWidget

from parfocal.ui.desk import Desk
from parfocal.ui.text import tr


class Closing(QObject):
    """Says whether a window may close now, and tells it when a stopped run has ended."""

    may_close_now = pyqtSignal()

    def __init__(self, desk: Desk, window: QWidget) -> None:
        super().__init__(window)
        self._desk, self._window = desk, window
        self.question: QMessageBox | None = None
        self._stopping = False
        self._unasked = False
        # from the beginning: a run that ends while it is being stopped has said so already
        desk.controller.run_finished.connect(self._ended)
        desk.controller.run_refused.connect(self._ended)

    def may_close(self) -> bool:
        """Whether nothing would be lost; asks when a run is going on."""
        controller = self._desk.controller
        if controller.busy:
            if not self._stopping:
                self._ask()
            return False
        # what is unsaved stays in the state folder, and the next start offers it
        return self._unasked or all(guard() for guard in self._desk.close_guards)

    def leave(self) -> None:
        """Stop what runs, then say that the window may close; nothing is asked on the way."""
        self._unasked = True
        self.stop_run_then_close()

    def _ask(self) -> None:
        if self.question is not None:
            self.question.raise_()
            return
        box = QMessageBox(self._window)
        box.setWindowTitle(tr("A run is going on"))
        box.setIcon(QMessageBox.Icon.Warning)
        box.setText(tr("A run is going on. Stop it and close the window?"))
        box.setInformativeText(
            tr("What was recorded until now stays, and the store will open as a stopped run.")
        )
        stop = box.addButton(tr("Stop the run and close"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(tr("Keep running"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        box.finished.connect(lambda _: self._answered(box, stop=box.clickedButton() is stop))
        self.question = box
        box.open()  # not exec(): the window goes on showing the run meanwhile

    def _answered(self, box: QMessageBox, *, stop: bool) -> None:
        self.question = None
        box.deleteLater()
        if stop:
            self.stop_run_then_close()

    def stop_run_then_close(self) -> None:
        """Stop what runs without asking, then say that the window may close."""
        controller = self._desk.controller
        if not controller.busy:
            self.may_close_now.emit()
            return
        if self._stopping:
            return
        self._stopping = True
        self._desk.toasts.show(tr("Stopping the run; the window closes when its store is closed."))
        controller.cancel("the window was closed")

    def _ended(self) -> None:
        if self._stopping:
            self._stopping = False
            self.may_close_now.emit()
