"""Design an experiment, see what it comes to, start it."""

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QGroupBox, QLabel, QLineEdit, QSplitter, QVBoxLayout, QWidget

from parfocal.plan import Phase, rename_phase, replace_sequence
from parfocal.ui.design_workspace._document import Document
from parfocal.ui.design_workspace._editor import SequenceEditor
from parfocal.ui.design_workspace._files import PlanFiles
from parfocal.ui.design_workspace._phases import PhaseList
from parfocal.ui.design_workspace._preview import (
    Line,
    Preview,
    has_errors,
    preflight_lines,
    preview,
    proposed_name,
)
from parfocal.ui.design_workspace._summary import Summary
from parfocal.ui.tasks import NewestAnswer
from parfocal.ui.text import tr

if TYPE_CHECKING:
    import useq

    from parfocal.plan import Experiment
    from parfocal.run import RunStatus
    from parfocal.scope import CameraFacts, Microscope
    from parfocal.ui.desk import Desk

# A preflight looks at the disk and the microscope: once typing has paused, not at every letter.
PREFLIGHT_AFTER_MS = 150


class DesignWorkspace(QWidget):
    """Phases at the left, one phase's tables in the middle, what it comes to at the right."""

    def __init__(self, desk: "Desk", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._camera: CameraFacts | None = None
        self._preview: Preview | None = None
        self._refused = ""
        self._busy = False
        self._name_of_experiment = ""
        self.document = Document(self)
        self.files = PlanFiles(desk, self.document, self)
        self.phases = PhaseList()
        self.title = QLineEdit()
        self.editor = SequenceEditor()
        self.summary = Summary(desk.theme)
        self._previews = NewestAnswer(desk.tasks, self)
        self._preflights = NewestAnswer(desk.tasks, self)
        self._names = NewestAnswer(desk.tasks, self)
        self._preflight_timer = QTimer(self)
        self._preflight_timer.setSingleShot(True)
        self._preflight_timer.setInterval(PREFLIGHT_AFTER_MS)
        self._lay_out()
        self._connect()
        self.files.bind()
        self.summary.target.set_folder(desk.settings.values.data_folder)
        self._follow_microscope(desk.controller.microscope)
        self._show(self.document.experiment)
        self._show_name()

    # -- what the window may call

    def open_path(self, path: Path) -> bool:
        """Open a plan file; False when it is none, or a person would rather stay."""
        return self.files.open(path)

    def refresh(self, _status: "RunStatus | None") -> None:
        """Follow whether a run may start now; called at 10 Hz while visible."""
        busy = self._desk.controller.busy
        if busy != self._busy:
            self._busy = busy
            if busy:  # what was found before it started is not true any more
                self.summary.preflight.show_lines((Line("warning", self.problem_with_start()),))
            else:
                self._preflight_timer.start()
        self._enable_run()

    def focus(self) -> None:
        """Put the keyboard where it is of use."""
        self.editor.tables.tab_wdg.setFocus()

    def start(self) -> None:
        """Start what is designed here, and go and watch it."""
        if self.problem_with_start():
            self._desk.toasts.show(self.problem_with_start(), "warn")
            return
        target = self.summary.target
        self._desk.controller.start(self.document.experiment, target.path)
        self._desk.show_workspace("run")

    def problem_with_start(self) -> str:
        """Why it cannot be started now, in a sentence, or nothing."""
        if self._desk.controller.busy:
            return tr("A run is going on; stop it before you start another.")
        if self._refused:
            return self._refused
        if self._preview is not None and self._preview.problem:
            return self._preview.problem
        errors = [line.text for line in self.summary.preflight.lines if line.severity == "error"]
        return errors[0] if errors else self.summary.target.problem()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Qt asks whether what is dragged here can be dropped."""
        if event is not None and _files_in(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Qt drops a plan here."""
        if event is not None and (paths := _files_in(event)):
            event.acceptProposedAction()
            self._desk.open_path(paths[0])

    # -- parts

    def _lay_out(self) -> None:
        self.title.setAccessibleName(tr("Name of the experiment"))
        self.title.setPlaceholderText(tr("Name of the experiment"))
        name_label = QLabel(tr("&Experiment"))
        name_label.setBuddy(self.title)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(name_label)
        column.addWidget(self.title)
        column.addSpacing(6)
        column.addWidget(self.phases, 1)
        self._phase_box = QGroupBox()
        QVBoxLayout(self._phase_box).addWidget(self.editor)
        right = QGroupBox(tr("This experiment"))
        QVBoxLayout(right).addWidget(self.summary)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        for widget in (left, self._phase_box, right):
            splitter.addWidget(widget)
        splitter.setSizes([170, 660, 330])
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        left.setMinimumWidth(140)
        right.setMinimumWidth(290)
        QVBoxLayout(self).addWidget(splitter)
        self.setAcceptDrops(True)

    def _connect(self) -> None:
        desk = self._desk
        self.document.changed.connect(self._show)
        self.document.named.connect(self._show_name)
        self.title.editingFinished.connect(self._on_title)
        self.phases.renamed.connect(self._on_renamed)
        self.editor.edited.connect(self._on_edited)
        self.editor.refused.connect(self._on_refused)
        self.editor.position_wanted.connect(self._add_position)
        self.summary.run_button.clicked.connect(self.start)
        self.summary.target.changed.connect(self._preflight_timer.start)
        self.summary.target.folder_chosen.connect(
            lambda folder: desk.settings.change(data_folder=folder)
        )
        self._preflight_timer.timeout.connect(self._ask_preflight)
        desk.settings.changed.connect(self._on_settings)
        desk.theme.changed.connect(self._dress)
        desk.controller.start_proposal = self.start
        desk.close_guards.append(self.files.may_leave)
        desk.controller.microscope_opened.connect(self._follow_microscope)
        desk.controller.microscope_closed.connect(self._follow_microscope)
        desk.controller.run_finished.connect(self._on_run_finished)

    # -- edits

    def _on_edited(self, sequence: "useq.MDASequence") -> None:
        self._refused = ""
        edited = replace_sequence(self.document.experiment, self._phase_number(), sequence)
        self.document.edit(edited, tr("change the sequence"))

    def _on_refused(self, sentence: str) -> None:
        self._refused = sentence
        self.summary.preflight.show_lines((Line("error", sentence),))
        self._enable_run()

    def _on_renamed(self, row: int, name: str) -> None:
        if not name:
            self.phases.show_phases(self.document.experiment.phases)
            return
        edited = rename_phase(self.document.experiment, self._phase_number(row), name)
        self.document.edit(edited, tr("rename the phase"))

    def _phase_number(self, row: int = 0) -> int:
        """The number among the plan's items of the phase in a row of the list."""
        items = self.document.experiment.items
        return [number for number, item in enumerate(items) if isinstance(item, Phase)][row]

    def _on_title(self) -> None:
        name = self.title.text().strip()
        if not name:
            self.title.setText(self.document.experiment.name)
            return
        self._edit(tr("rename the experiment"), name=name)

    def _edit(self, what: str, **values: object) -> None:
        self.document.edit(self.document.experiment.model_copy(update=values), what)

    def _add_position(self) -> None:
        stage = self._desk.controller.stage()
        if stage is None:
            self._desk.toasts.show(
                tr("Where the stage is is not known; open a microscope first."), "warn"
            )
            return
        self.editor.add_position(stage)

    # -- following the document and the microscope

    def _show(self, experiment: "Experiment") -> None:
        self._refused = ""
        phase = experiment.phases[0]
        self.phases.show_phases(experiment.phases)
        self._phase_box.setTitle(tr("Phase “{name}”").format(name=phase.name))
        if self.title.text() != experiment.name:
            self.title.setText(experiment.name)
            self.title.setCursorPosition(0)  # a long name is read from its beginning
        self.editor.show_sequence(phase.sequence)
        self._ask_preview()
        if experiment.name != self._name_of_experiment:
            self._name_of_experiment = experiment.name
            self._propose_name()
        self._show_name()

    def _show_name(self) -> None:
        self._desk.set_document(self.document.title, self.document.unsaved)
        self._desk.actions.refresh()

    def _follow_microscope(self, microscope: "Microscope | None" = None) -> None:
        if microscope is None:
            self._camera = None
            self._ask_preview()
            return
        self._desk.tasks.quietly(
            "ask the microscope what it has",
            lambda _task: (microscope.camera(), microscope.channel_groups()),
            on_done=self._show_microscope,
            on_failed=lambda sentence: self._desk.toasts.show(sentence, "error"),
            owner=self,
        )

    def _show_microscope(self, facts: "tuple[CameraFacts, dict[str, tuple[str, ...]]]") -> None:
        self._camera, groups = facts
        self.editor.show_channels(groups)
        self.editor.show_camera(self._camera)
        self._ask_preview()

    def _on_settings(self, fields: frozenset[str]) -> None:
        if "data_folder" in fields:
            self.summary.target.set_folder(self._desk.settings.values.data_folder)
            self._propose_name()

    def _on_run_finished(self, _status: object) -> None:
        self._propose_name()

    def _propose_name(self) -> None:
        target, name = self.summary.target, self.document.experiment.name
        if target.chosen_by_hand:
            name = target.name.text().strip() or name
        folder, typed = target.folder, target.name.text()
        self._names.ask(
            "find a free name",
            lambda _task: proposed_name(folder, name),
            lambda free: target.propose(free, instead_of=typed),
        )

    # -- what it comes to

    def _ask_preview(self) -> None:
        experiment, camera = self.document.experiment, self._camera
        stage = self._desk.controller.stage()
        self._previews.ask(
            "preview", lambda _task: preview(experiment, camera, stage), self._show_preview
        )

    def _show_preview(self, answer: Preview) -> None:
        self._preview = answer
        self.summary.show_preview(answer)
        self._preflight_timer.start()
        self._enable_run()

    def _ask_preflight(self) -> None:
        controller, target = self._desk.controller, self.summary.target
        if controller.busy or self._refused:
            return
        if problem := target.problem():
            self._show_preflight((Line("error", problem),))
            return
        experiment, microscope, path = self.document.experiment, controller.microscope, target.path
        self._preflights.ask(
            "preflight",
            lambda task: preflight_lines(experiment, microscope, path, task.cancelled),
            self._show_preflight,
            lambda sentence: self._show_preflight((Line("error", sentence),)),
        )

    def _show_preflight(self, lines: tuple[Line, ...]) -> None:
        self.summary.preflight.show_lines(lines)
        self._enable_run()

    def _enable_run(self) -> None:
        ready = not has_errors(self.summary.preflight.lines) and not self.problem_with_start()
        button = self.summary.run_button
        if button.isEnabled() != ready:
            button.setEnabled(ready)
        button.setToolTip(self.problem_with_start())

    def _dress(self) -> None:
        self.phases.dress()
        self.editor.dress()
        self.summary.dress()


def _files_in(event: QDropEvent) -> list[Path]:
    mime = event.mimeData()
    urls = mime.urls() if mime is not None else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
