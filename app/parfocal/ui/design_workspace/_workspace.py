"""Design an experiment, see what it comes to, start it."""

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QGroupBox,
    QLabel,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from parfocal.plan import Hold, Item, Phase, Wait, replace_item, replace_sequence
from parfocal.ui.design_workspace._autosave import Autosave, leftovers, state_folder
from parfocal.ui.design_workspace._barrier_pages import HoldPage, WaitPage
from parfocal.ui.design_workspace._document import Document
from parfocal.ui.design_workspace._editor import SequenceEditor
from parfocal.ui.design_workspace._experiment_views import ExperimentViews
from parfocal.ui.design_workspace._files import PlanFiles
from parfocal.ui.design_workspace._fixes import LEAST_BUDGET, Fixes
from parfocal.ui.design_workspace._item_list import ItemList
from parfocal.ui.design_workspace._known_parts import KnownParts
from parfocal.ui.design_workspace._outlook import Outlook
from parfocal.ui.design_workspace._phase_page import PhasePage
from parfocal.ui.design_workspace._pipeline_dialogs import PipelineDialogs
from parfocal.ui.design_workspace._places import Places
from parfocal.ui.design_workspace._preview import Preview
from parfocal.ui.design_workspace._restore_bar import RestoreBar
from parfocal.ui.design_workspace._standing_channel import StandingChannel
from parfocal.ui.design_workspace._summary import Summary
from parfocal.ui.design_workspace._undo_keys import UndoKeys
from parfocal.ui.text import tr

if TYPE_CHECKING:
    import useq

    from parfocal.plan import Experiment
    from parfocal.run import RunStatus
    from parfocal.scope import CameraFacts, Microscope
    from parfocal.ui.desk import Desk


SHOWN_OF_A_NAME = 40


class DesignWorkspace(QWidget):
    """Items at the left, one of them in the middle, what all of it comes to at the right."""

    def __init__(self, desk: "Desk", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._busy = False
        self._number = 0  # of the item that the page in the middle edits
        self._pages = QStackedWidget()
        self._name_of_experiment = ""
        self.document = Document(self)
        self.files = PlanFiles(
            desk, self.document, self, self.flush, lambda: self.phase_page.first_channel
        )
        self.restore_bar = RestoreBar(self.document, self.files.may_leave)
        self.autosave = Autosave(self.document, desk.tasks, state_folder())
        self.title = QLineEdit()
        self.items = ItemList(self.document)
        self.known_parts = KnownParts(desk.tasks, self)
        self.phase_page = PhasePage(desk, self.known_parts)
        self.standing = StandingChannel(desk, self)
        self.standing.told.connect(self.phase_page.show_standing)
        self.wait_page = WaitPage()
        self.hold_page = HoldPage()
        self.summary = Summary(desk.theme)
        self.outlook = Outlook(desk, self.document, self.summary)
        self.places = Places(desk, self.editor, self)
        self.fixes = Fixes(desk, self)
        self.pipeline_dialogs = PipelineDialogs(desk, self)
        ExperimentViews(self.document, self.summary, self)
        UndoKeys(self)
        self._lay_out()
        self._connect()
        self._bind()
        self.summary.target.set_folder(desk.settings.values.data_folder)
        self._follow_microscope(desk.controller.microscope)
        self.standing.look()
        self._show(self.document.experiment)
        self._show_name()
        folder = state_folder()
        desk.tasks.quietly(
            "look for unsaved plans",
            lambda _task: leftovers(folder),
            on_done=self.restore_bar.offer,
            owner=self,
        )

    @property
    def editor(self) -> SequenceEditor:
        """The tables of the phase that is edited."""
        return self.phase_page.editor

    # -- what the window may call

    def open_path(self, path: Path) -> bool:
        """Open a plan file; False when it is none, or a person would rather stay."""
        return self.files.open(path)

    def refresh(self, _status: "RunStatus | None") -> None:
        """Follow whether a run may start now; called at 10 Hz while visible."""
        busy = self._desk.controller.busy
        if busy != self._busy:
            self._busy = busy
            if busy:
                self.outlook.say_busy()
            else:
                self.outlook.look_soon()
        self._enable_run()

    def focus(self) -> None:
        """Put the keyboard where it is of use."""
        self._page().focus()

    def start(self) -> None:
        """Start what is designed here, and go and watch it."""
        self.flush()
        if self.problem_with_start():
            self._desk.toasts.show(self.problem_with_start(), "warn")
            return
        target = self.summary.target
        self._desk.controller.start(self.document.experiment, target.path)
        self._desk.show_workspace("run")

    def problem_with_start(self) -> str:
        """Why it cannot be started now, in a sentence, or nothing."""
        return self.outlook.problem()

    def flush(self) -> None:
        """Take what is being edited and has not settled yet."""
        page = self._pages.currentWidget()
        if isinstance(page, PhasePage | WaitPage | HoldPage):
            page.flush()

    def use_a_free_name(self) -> None:
        """Give the store a name that is not taken."""
        self.outlook.propose_name(self.summary.target.name.text().strip())

    def use_less_memory(self) -> None:
        """Let the next recording have half the memory for its buffers."""
        controller = self._desk.controller
        controller.memory_bytes = max(LEAST_BUDGET, controller.memory_bytes // 2)
        self.outlook.look_soon()

    # -- parts

    def _lay_out(self) -> None:
        self.title.setAccessibleName(tr("Name of the experiment"))
        self.title.setPlaceholderText(tr("Name of the experiment"))
        name_label = QLabel(tr("E&xperiment"))
        name_label.setBuddy(self.title)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(name_label)
        column.addWidget(self.title)
        column.addSpacing(6)
        column.addWidget(self.items, 1)
        self._box = QGroupBox()
        for page in (self.phase_page, self.wait_page, self.hold_page):
            self._pages.addWidget(page)
        QVBoxLayout(self._box).addWidget(self._pages)
        right = QGroupBox(tr("This experiment"))
        QVBoxLayout(right).addWidget(self.summary)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        for widget in (left, self._box, right):
            splitter.addWidget(widget)
        splitter.setSizes([190, 640, 330])
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        left.setMinimumWidth(150)
        right.setMinimumWidth(290)
        layout = QVBoxLayout(self)
        layout.addWidget(self.restore_bar)
        layout.addWidget(splitter, 1)

    def _connect(self) -> None:
        desk, summary, page = self._desk, self.summary, self.phase_page
        self.document.changed.connect(self._show)
        self.document.named.connect(self._show_name)
        self.title.textEdited.connect(self._on_title)
        self.title.editingFinished.connect(self._show_title)
        self.items.chosen.connect(self._on_chosen)
        self.items.refused.connect(lambda sentence: desk.toasts.show(sentence, "warn"))
        page.editor.edited.connect(self._on_sequence)
        page.editor.refused.connect(self.outlook.refuse)
        page.edited.connect(self._on_item)
        self.wait_page.edited.connect(lambda wait: self._on_item(wait, tr("change the wait")))
        self.hold_page.edited.connect(lambda hold: self._on_item(hold, tr("change the hold")))
        summary.run_button.clicked.connect(self.start)
        summary.preflight.fix_wanted.connect(self.fixes.do)
        summary.options.edited.connect(self.document.edit)
        summary.target.folder_chosen.connect(
            lambda folder: desk.settings.change(data_folder=folder)
        )
        self.outlook.changed.connect(self._enable_run)
        self.outlook.previewed.connect(self._show_rhythm)
        desk.settings.changed.connect(self._on_settings)
        desk.theme.changed.connect(page.dress)
        desk.controller.microscope_opened.connect(self._follow_microscope)
        desk.controller.microscope_closed.connect(self._follow_microscope)
        desk.controller.run_finished.connect(self._on_run_finished)
        desk.devices_changed.connect(self.outlook.look_soon)

    def _bind(self) -> None:
        desk = self._desk
        self.files.bind()
        desk.controller.start_proposal = self.start
        desk.controller.proposed_plan = lambda: self.document.experiment
        desk.close_guards.append(self._may_close)
        self.items.bind(desk.actions, self.isVisible)

    # -- edits

    def _on_sequence(self, sequence: "useq.MDASequence") -> None:
        self.outlook.refuse("")
        edited = replace_sequence(self.document.experiment, self._number, sequence)
        self.document.edit(edited, tr("change the sequence"))

    def _on_item(self, item: Item, what: str) -> None:
        edited = replace_item(self.document.experiment, self._number, item)
        self.document.edit(edited, what)

    def _on_title(self, text: str) -> None:
        if name := text.strip():
            edited = self.document.experiment.model_copy(update={"name": name})
            self.document.edit(edited, tr("rename the experiment"))

    def _on_chosen(self, number: int) -> None:
        self.flush()  # what was being edited goes where it was edited
        if self.items.current != number:
            self.items.choose(number)
        self._show_item(self.document.experiment)

    def _may_close(self) -> bool:
        if not self.files.may_leave():
            return False
        self.autosave.forget()  # it was saved, or a person let it go
        return True

    # -- following the document and the microscope

    def _show(self, experiment: "Experiment") -> None:
        self.outlook.refuse("")
        self.items.show_experiment(experiment)
        self._show_item(experiment)
        self._show_title()
        self.summary.show_options(experiment)
        self.outlook.ask()
        if experiment.name != self._name_of_experiment:
            self._name_of_experiment = experiment.name
            self.outlook.propose_name()
        self._show_name()

    def _show_item(self, experiment: "Experiment") -> None:
        self._number = self.items.current
        item = experiment.items[self._number]
        if isinstance(item, Wait):
            self.wait_page.show_item(item)
        elif isinstance(item, Hold):
            self.hold_page.show_item(item)
        else:
            self.phase_page.show_item(item)
            self._show_rhythm(self.outlook.preview)
        titles = {
            Phase: tr("Phase “{name}”").format(name=_short(getattr(item, "name", ""))),
            Wait: tr("Wait"),
            Hold: tr("Hold"),
        }
        self._box.setTitle(titles[type(item)].replace("&", "&&"))
        self._pages.setCurrentWidget(self._page())

    def _page(self) -> PhasePage | WaitPage | HoldPage:
        item = self.document.experiment.items[self._number]
        if isinstance(item, Wait):
            return self.wait_page
        return self.hold_page if isinstance(item, Hold) else self.phase_page

    def _show_rhythm(self, preview: Preview | None) -> None:
        if preview is not None and self._number < len(preview.rhythm):
            self.phase_page.show_rhythm(*preview.rhythm[self._number])

    def _show_title(self) -> None:
        name = self.document.experiment.name
        if self.title.text().strip() != name and not self.title.hasFocus():
            self.title.setText(name)
            self.title.setCursorPosition(0)  # a long name is read from its beginning

    def _show_name(self) -> None:
        self._desk.set_document(self.document.title, self.document.unsaved)
        stack, actions = self.document.stack, self._desk.actions
        for key, verb, what in (
            ("edit.undo", tr("&Undo"), stack.undoText()),
            ("edit.redo", tr("&Redo"), stack.redoText()),
        ):
            actions.action(key).setText(f"{verb}: {what}".replace("&&", "&") if what else verb)
        actions.refresh()

    def _follow_microscope(self, microscope: "Microscope | None" = None) -> None:
        if microscope is None or microscope.state == "no hardware":  # safe mode has no camera
            self.outlook.camera = None
            self.outlook.ask()
            return
        self._desk.tasks.quietly(
            "ask the microscope what it has",
            lambda _task: (microscope.camera(), microscope.channel_groups()),
            on_done=self._show_microscope,
            on_failed=lambda sentence: self._desk.toasts.show(sentence, "error"),
            owner=self,
        )

    def _show_microscope(self, facts: "tuple[CameraFacts, dict[str, tuple[str, ...]]]") -> None:
        self.outlook.camera, groups = facts
        self.phase_page.show_channels(groups)
        self.editor.show_camera(self.outlook.camera)
        self.outlook.ask()

    def _on_settings(self, fields: frozenset[str]) -> None:
        if "data_folder" in fields:
            self.summary.target.set_folder(self._desk.settings.values.data_folder)
            self.outlook.propose_name()

    def _on_run_finished(self, _status: object) -> None:
        self.outlook.propose_name()

    def _enable_run(self) -> None:
        problem = self.problem_with_start()
        button = self.summary.run_button
        if button.isEnabled() == bool(problem):
            button.setEnabled(not problem)
        button.setToolTip(problem)


def _short(name: str) -> str:
    """A title is never cut by Qt: a long one made the middle wide and the other columns narrow."""
    return name if len(name) <= SHOWN_OF_A_NAME else f"{name[: SHOWN_OF_A_NAME - 1]}…"
