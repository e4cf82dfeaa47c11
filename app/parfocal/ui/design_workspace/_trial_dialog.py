"""Try the pipeline that is edited on a picture, again after each edit, beside the plan."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QCloseEvent, QImage
from PyQt6.QtWidgets import QDialog, QFileDialog, QWidget

from parfocal.plan import Phase
from parfocal.ui.design_workspace._trial_paint import as_image, painted
from parfocal.ui.design_workspace._trial_panels import TrialPanels
from parfocal.ui.design_workspace._trial_pictures import Shot, from_microscope, from_store
from parfocal.ui.design_workspace._trial_words import (
    found_in_words,
    measured_in_words,
    step_in_words,
    time_taken_in_words,
)
from parfocal.ui.newest_answer import NewestAnswer
from parfocal.ui.text import number, tr
from parfocal.ui.theme import COLORS, Token

if TYPE_CHECKING:
    from parfocal.react import Trial
    from parfocal.ui.desk import Desk
    from parfocal.ui.tasks import Task

__all__ = ["TrialDialog"]

AFTER_MS = 300  # an edit is tried once nothing has changed for so long
LOOK_MS = 100
BLACK = (0, 0, 0)
LONG_S = 1.0  # what takes longer says for how long


class _Tried(NamedTuple):
    trial: "Trial | None"
    image: QImage | None


class TrialDialog(QDialog):
    """Works off the window's thread; *Cancel* lets go at once of a part that never comes back."""

    def __init__(
        self, desk: "Desk", phase: Callable[[], Phase | None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Try the pipeline"))
        self._desk, self._phase = desk, phase
        self._shot: Shot | None = None
        self._trial: Trial | None = None
        self._tried_with: tuple[Any, ...] = ()
        self._store: Path | None = None
        self._step, self._began, self.working = "", 0.0, False
        self._answers = NewestAnswer(desk.tasks, self, far=True)
        self._paintings = NewestAnswer(desk.tasks, self)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(AFTER_MS)
        self._soon.timeout.connect(self.run)
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self._say_step)
        self.panels = TrialPanels(self, desk.theme)
        self._connect()
        self.resize(900, 620)
        self._idle(tr("Take a picture with the microscope, or choose one of a store."))

    # -- pictures

    def snap(self) -> None:
        """Take a picture in each channel of the phase, and try the pipeline on it."""
        controller, phase = self._desk.controller, self._phase()
        microscope = controller.microscope
        if microscope is None or phase is None:
            self._fail(tr("No microscope is open; open one in Microscope, or take a store."))
            return
        controller.camera_wanted.emit()  # live view ends in the window too
        self._store = None
        self._ask(
            tr("taking a picture…"),
            lambda task: from_microscope(task, microscope, phase, controller.in_engine),
        )

    def choose_store(self) -> None:
        """Let a person choose a store."""
        folder = self._desk.chosen_store() or self._desk.settings.values.data_folder
        name = QFileDialog.getExistingDirectory(self, tr("A store to try on"), str(folder))
        if name:
            self.use_store(Path(name))

    def use_store(self, store: Path, t: int = 0, p: int = 0) -> None:
        """Try on the picture of a field at a timepoint."""
        self._store = store
        self._ask(tr("reading the picture…"), lambda _task: from_store(store, t, p))

    # -- trying

    def run(self) -> None:
        """Try the pipeline as it stands on the picture that is here."""
        shot, phase = self._shot, self._phase()
        if shot is None or phase is None:
            return
        self._soon.stop()
        self._tried_with = _asked(phase)
        cells, light = self._wanted()

        def work(task: "Task") -> _Tried:
            from parfocal.react import try_pipeline

            trial = try_pipeline(
                phase,
                shot.planes,
                pixel_um=shot.pixel_um,
                cancelled=task.cancelled,
                progress=self._hear,
            )
            task.report()  # leaves it when it was cancelled
            return _Tried(trial, None if trial is None else _painting(shot, trial, cells, light))

        self._busy(tr("loading the parts…"))
        self._answers.ask("try a pipeline", work, self._show, self._fail)

    def follow(self) -> None:
        """The plan was edited: try again if it is another pipeline now."""
        phase = self._phase()
        if phase is not None and self._shot is not None and _asked(phase) != self._tried_with:
            self._soon.start()

    def cancel(self) -> None:
        """Wait for nothing any more; what hangs is left behind."""
        self._answers.forget()
        self._idle(tr("Cancelled."))

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Qt closes it as Escape does, so nothing may be going on."""
        self._leave()
        super().closeEvent(event)

    def reject(self) -> None:
        """Escape cancels what is going on, and closes when nothing is."""
        if self.working:
            self.cancel()
            return
        self._leave()
        super().reject()

    def _leave(self) -> None:
        self._soon.stop()
        self._look.stop()
        self._answers.forget()
        self._paintings.forget()
        self.working = False

    # -- what came of it

    def _ask(self, words: str, get: Callable[["Task"], Shot]) -> None:
        def work(task: "Task") -> "tuple[Shot, QImage]":
            shot = get(task)
            bare = painted(next(iter(shot.planes.values())), None, None, BLACK, BLACK)
            return shot, as_image(bare)

        self._busy(words)
        self._answers.ask("get a picture", work, self._take, self._fail)

    def _take(self, answer: "tuple[Shot, QImage]") -> None:
        self._shot, image = answer
        self._trial = None
        self.panels.view.show_image(image)
        self.panels.show_places(self._shot.timepoints, self._shot.fields, self._store is not None)
        self.run()

    def _show(self, tried: _Tried) -> None:
        self._trial = trial = tried.trial
        assert trial is not None  # a cancelled one has left its task
        if tried.image is not None:
            self.panels.view.show_image(tried.image)
        self.panels.found.setText(found_in_words(trial))
        self.panels.took.setText(time_taken_in_words(trial))
        self.panels.measured.setText(measured_in_words(trial.cells))
        assert self._shot is not None
        self._idle(self._shot.words)

    def _fail(self, sentence: str) -> None:
        self._trial = None
        self.panels.say_nothing_found()
        self._idle("" if self._shot is None else self._shot.words)
        sentence = sentence[:1].upper() + sentence[1:]
        self.panels.complaint.say(sentence if sentence.endswith(".") else f"{sentence}.")

    def _paint(self) -> None:
        """The same trial with other things drawn over the picture."""
        shot, trial = self._shot, self._trial
        if shot is not None and trial is not None:
            cells, light = self._wanted()
            self._paintings.ask(
                "paint a trial",
                lambda _task: _painting(shot, trial, cells, light),
                self.panels.view.show_image,
            )

    def _wanted(self) -> tuple[bool, bool]:
        return self.panels.cells.isChecked(), self.panels.light.isChecked()

    # -- what is going on

    def _hear(self, step: str) -> None:
        """Called by the worker: the window looks at it ten times a second."""
        self._step = step_in_words(step)

    def _busy(self, words: str) -> None:
        self._step, self._began, self.working = words, time.monotonic(), True
        self.panels.complaint.say("")
        self.panels.show_working(working=True)
        self._say_step()
        self._look.start()

    def _idle(self, words: str) -> None:
        self.working = False
        self._look.stop()
        self.panels.show_working(working=False)
        self.panels.state.setText(words)

    def _say_step(self) -> None:
        for_s = time.monotonic() - self._began
        words = tr("{step} {s} s").format(step=self._step, s=number(for_s, 0))
        self.panels.state.setText(words if for_s > LONG_S else self._step)

    def _on_place(self) -> None:
        if self._store is not None:
            self.use_store(self._store, *self.panels.place())

    def _connect(self) -> None:
        panels = self.panels
        panels.snap.clicked.connect(self.snap)
        panels.store.clicked.connect(self.choose_store)
        panels.cancel.clicked.connect(self.cancel)
        for box in (panels.timepoint, panels.field):
            box.valueChanged.connect(self._on_place)
        for tick in (panels.cells, panels.light):
            tick.clicked.connect(self._paint)


def _asked(phase: Phase) -> tuple[Any, ...]:
    """What a trial depends on."""
    return phase.pipeline, phase.stimulate, phase.metadata


def _painting(shot: Shot, trial: "Trial", cells: bool, light: bool) -> QImage:
    picture = trial.picture
    if picture is None:
        picture = next(iter(shot.planes.values()))
    labels = trial.cells.labels if cells and trial.cells is not None else None
    mask = trial.mask if light else None
    return as_image(painted(picture, labels, mask, _rgb("imaging"), _rgb("stimulation")))


def _rgb(token: Token) -> tuple[int, int, int]:
    """The colour that the dark theme has for it: a picture is dark in both."""
    value = int(COLORS[token][1].removeprefix("#"), 16)
    return value >> 16, value >> 8 & 255, value & 255
