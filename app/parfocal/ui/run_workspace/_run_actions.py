"""Give the run's actions their work: start, pause, continue, change, stop."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtWidgets import QApplication, QWidget

from parfocal.ui.run_workspace._change_dialog import ChangeDialog, Kind, change_run
from parfocal.ui.run_workspace._progress import TERMINAL
from parfocal.ui.text import time_in_words, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from parfocal.plan import Experiment
    from parfocal.ui.desk import Desk

__all__ = ["RunActions"]

CLOSING = frozenset({"cancelling", "finishing"}) | TERMINAL


class RunActions(QObject):
    """What a person may ask of the run that goes on; `answered` follows each click at once."""

    def __init__(self, desk: "Desk", answered: "Callable[[], object]", window: QWidget) -> None:
        super().__init__(window)
        self._desk, self._answered, self._window = desk, answered, window
        self.dialog: ChangeDialog | None = None
        self._just_ended = QTimer(self)
        self._just_ended.setSingleShot(True)
        controller, bind = desk.controller, desk.actions.bind
        bind("run.start", self._start, lambda: not controller.busy)
        bind("run.pause", self._pause_or_resume, lambda: controller.can_pause)
        bind("run.continue", self._continue, self._holds)
        bind("run.end_wait", self._end_wait, self._waits)
        bind("run.change", self.change, self._can_change)
        bind("run.stop", controller.cancel, lambda: controller.busy)
        bind("run.keep_open", self._keep_open)
        bind("microscope.reopen", controller.reopen_microscope, self._can_reopen)

    def change(self) -> None:
        """Ask how the plan in Design changes the run."""
        controller = self._desk.controller
        status = controller.status()
        if controller.proposed_plan is None or status is None:
            self._desk.show_workspace("design")
            return
        if self.dialog is not None:
            self.dialog.raise_()
            return
        dialog = ChangeDialog(
            controller.proposed_plan(), at_the_end=bool(status.message), parent=self._window
        )
        dialog.chosen.connect(self._change)
        dialog.finished.connect(self._forget)
        self.dialog = dialog
        dialog.open()

    def _forget(self) -> None:
        self.dialog = None

    def _change(self, kind: Kind, experiment: "Experiment") -> None:
        """In a task: laying out a long plan would hold the window up."""
        run, toasts = self._desk.controller.run, self._desk.toasts
        if run is None:
            return
        self._desk.tasks.start(
            tr("Change the run into {name}").format(name=run.store.name),
            lambda _task: change_run(run, kind, experiment.items),
            on_done=lambda _: toasts.show(tr("The run goes on with the changed plan."), "ok"),
            on_failed=lambda sentence: toasts.show(sentence, "error"),
            owner=self,
        )

    def _start(self) -> None:
        """Start what Design has on its desk; Design is opened where it was not yet."""
        if self._desk.controller.start_proposal is None:
            self._desk.show_workspace("design")
            return
        self._desk.controller.start_proposal()

    def _pause_or_resume(self) -> None:
        controller = self._desk.controller
        if controller.run is not None and controller.run.pause_requested:
            controller.resume()
        else:
            controller.pause()
        self._answered()  # the label answers the click, not the next tick

    def _continue(self) -> None:
        self._desk.controller.release()
        self._answered()

    def _end_wait(self) -> None:
        """Not the time to the next event: the plan's interval is what was to be measured by."""
        run, status = self._desk.controller.run, self._desk.controller.status()
        if self._just_ended.isActive() or run is None or status is None or not run.end_wait():
            return  # the second half of a double click would end the wait behind it
        self._just_ended.start(QApplication.doubleClickInterval())
        left = time_in_words(status.wait_remaining_s or 0.0)
        self._desk.toasts.show(
            tr("The wait was ended {left} before its time.").format(left=left), "info"
        )
        self._answered()

    def _waits(self) -> bool:
        status = self._desk.controller.status()
        return self._desk.controller.busy and status is not None and status.state == "waiting"

    def _holds(self) -> bool:
        status = self._desk.controller.status()
        return self._desk.controller.busy and status is not None and bool(status.message)

    def _can_change(self) -> bool:
        status = self._desk.controller.status()
        busy = self._desk.controller.busy
        return busy and status is not None and status.state not in CLOSING

    def _can_reopen(self) -> bool:
        controller = self._desk.controller
        return bool(controller.asked_profile) and not (controller.busy or controller.opening)

    def _keep_open(self) -> None:
        controller = self._desk.controller
        controller.keeps_store_open = not controller.keeps_store_open
        self._desk.actions.set_checked("run.keep_open", controller.keeps_store_open)
