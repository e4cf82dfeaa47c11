"""Keep the right column true: ask what the plan comes to and what speaks against a start."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from parfocal.plan import Overview
from parfocal.ui.design_workspace._preflight_lines import Line, preflight_lines, proposed_name
from parfocal.ui.design_workspace._preview import Preview, preview
from parfocal.ui.newest_answer import NewestAnswer
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.scope import CameraFacts
    from parfocal.ui.design_workspace._document import Document
    from parfocal.ui.design_workspace._summary import Summary
    from parfocal.ui.desk import Desk

# A preflight looks at the disk and the microscope: once typing has paused, not at every letter.
# One of 3,456 fields computes for half a second, and what is edited meanwhile waits for its turn of
# the processor: after such a one the pause is as long as it took.
PREFLIGHT_AFTER_MS = 150
PREFLIGHT_AFTER_AT_MOST_MS = 1000
# What speaks against a start may be mended elsewhere: somebody makes room on the disk
LOOK_AGAIN_MS = 5000


class Outlook(QObject):
    """Three questions, each asked off the window's thread; an answer to an older one is dropped."""

    changed = pyqtSignal()
    """Whether it can be run may be another now."""
    previewed = pyqtSignal(object)

    def __init__(self, desk: "Desk", document: "Document", summary: "Summary") -> None:
        super().__init__(summary)
        self._desk, self._document, self._summary = desk, document, summary
        self.camera: CameraFacts | None = None
        self.preview: Preview | None = None
        self.refused = ""
        self._overview = Overview()
        self._previews = NewestAnswer(desk.tasks, self)
        self._preflights = NewestAnswer(desk.tasks, self)
        self._names = NewestAnswer(desk.tasks, self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PREFLIGHT_AFTER_MS)
        self._timer.timeout.connect(self._ask_preflight)
        self.again = QTimer(self)
        self.again.setSingleShot(True)
        self.again.setInterval(LOOK_AGAIN_MS)
        self.again.timeout.connect(self._look_again)
        summary.target.changed.connect(self.look_soon)

    def problem(self) -> str:
        """Why it cannot be started now, in a sentence, or nothing."""
        if self._desk.controller.busy:
            return tr("A run is going on; stop it before you start another.")
        if self.refused:
            return self.refused
        if self.preview is not None and self.preview.problem:
            return self.preview.problem
        lines = self._summary.preflight.lines
        errors = [line.text for line in lines if line.severity == "error"]
        return errors[0] if errors else self._summary.target.problem()

    def ask(self) -> None:
        """Work out what the plan comes to, and after that what speaks against it."""
        experiment, camera = self._document.experiment, self.camera
        stage, overview = self._desk.controller.stage(), self._overview
        self._previews.ask(
            "preview",
            lambda _task: preview(experiment, camera, stage, overview),
            self._show_preview,
        )

    def look_soon(self) -> None:
        """Look again at what speaks against it, once nothing has changed for a moment."""
        self._timer.start()

    def refuse(self, sentence: str) -> None:
        """What is being typed is no plan; an empty sentence takes that back."""
        self.refused = sentence
        if sentence:
            self._preflights.forget()
            self._show_lines((Line("error", sentence),))

    def say_busy(self) -> None:
        """What was found before a run started is not true any more."""
        self._preflights.forget()
        self._show_lines((Line("warning", self.problem()),))

    def propose_name(self, wish: str = "") -> None:
        """Find a name for the store that is not taken; `wish` is what it shall begin with."""
        target = self._summary.target
        name = wish or self._document.experiment.name
        if target.chosen_by_hand and not wish:
            name = target.name.text().strip() or name
        folder, typed = target.folder, target.name.text()
        self._names.ask(
            "find a free name",
            lambda _task: proposed_name(folder, name),
            lambda free: target.propose(free, instead_of=typed),
        )

    def _show_preview(self, answer: Preview) -> None:
        self.preview = answer
        self._summary.show_preview(answer)
        self.previewed.emit(answer)
        pause = max(PREFLIGHT_AFTER_MS, round(1000 * self._preflights.took_s))
        self._timer.setInterval(min(pause, PREFLIGHT_AFTER_AT_MOST_MS))
        self._timer.start()
        self.changed.emit()

    def _ask_preflight(self) -> None:
        controller, target = self._desk.controller, self._summary.target
        if controller.busy or self.refused:
            return
        if problem := target.problem():
            self._show_lines((Line("error", problem, "rename"),))
            return
        experiment, microscope, path = self._document.experiment, controller.microscope, target.path
        budget = controller.memory_bytes
        if self._preflights.working:  # two would leave no thread for the next edit's preview
            self._timer.start()
            return
        self._preflights.ask(
            "preflight",
            lambda task: preflight_lines(experiment, microscope, path, budget, task.cancelled),
            self._show_lines,
            lambda sentence: self._show_lines((Line("error", sentence),)),
        )

    def _look_again(self) -> None:
        if self._summary.isVisible():
            self._ask_preflight()
        else:
            self.again.start()

    def _show_lines(self, lines: tuple[Line, ...]) -> None:
        self._summary.preflight.show_lines(lines)
        if any(line.severity == "error" for line in lines):
            self.again.start()
        else:
            self.again.stop()
        self.changed.emit()
