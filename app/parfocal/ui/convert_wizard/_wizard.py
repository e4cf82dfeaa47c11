"""The window of the wizard: its steps, one page at a time, and the way between them."""

from collections.abc import Callable, Iterable
from pathlib import Path

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from parfocal.convert import Batch, BatchItem, BatchSnapshot
from parfocal.ui.convert_wizard._calibrate_page import CalibratePage
from parfocal.ui.convert_wizard._choose_page import ChoosePage
from parfocal.ui.convert_wizard._destination_page import DestinationPage
from parfocal.ui.convert_wizard._draft import Draft
from parfocal.ui.convert_wizard._history import DraftHistory
from parfocal.ui.convert_wizard._inspect_page import InspectPage
from parfocal.ui.convert_wizard._inspector import Inspector
from parfocal.ui.convert_wizard._page import Page, muted
from parfocal.ui.convert_wizard._report_page import ReportPage
from parfocal.ui.convert_wizard._run_page import RunPage
from parfocal.ui.convert_wizard._steps import Steps
from parfocal.ui.convert_wizard._undo_filter import UndoFilter
from parfocal.ui.convert_wizard._watch import BatchWatch
from parfocal.ui.desk import Desk
from parfocal.ui.text import tr

__all__ = ["CALIBRATE", "CHOOSE", "DESTINATION", "INSPECT", "REPORT", "RUN", "ConvertWizard"]

CHOOSE, INSPECT, CALIBRATE, DESTINATION, RUN, REPORT = range(6)
SIZE = 1060, 690
SMALLEST = 860, 560


class ConvertWizard(QDialog):
    """Before the start its draft can be changed and taken back; then it shows one batch."""

    def __init__(
        self, desk: Desk, follow: Callable[[Batch], BatchWatch], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("convert-wizard")
        self._desk, self._follow = desk, follow
        values = desk.settings.values
        folder = values.convert_folder or values.data_folder
        self.history = DraftHistory(Draft(folder=folder), self)
        self.inspector = Inspector(desk.tasks, self)
        self.watch: BatchWatch | None = None
        self.starting = False
        self.step = CHOOSE
        self._pages: dict[int, Page] = {}
        names = (
            tr("Choose"), tr("Inspect"), tr("Calibrate"), tr("Destination"), tr("Run"),
            tr("Report"),
        )  # fmt: skip
        self.steps = Steps(desk.theme, names)
        self.stack = QStackedWidget()
        self.obstacle = muted("")
        self.back_button = QPushButton(tr("&Back"))
        self.next_button = QPushButton(tr("&Next"))
        self.close_button = QPushButton(tr("Clos&e"))
        self._lay_out()
        self._connect()
        self.set_action("ingest")
        self.go(CHOOSE)

    # -- public

    def set_action(self, action: str) -> None:
        """Say in the title what it was opened for; the work is the same."""
        titles = {"ingest": tr("Ingest files"), "migrate": tr("Migrate a store")}
        self.setWindowTitle(titles[action])

    def add(self, paths: Iterable[Path]) -> None:
        """Take more sources in."""
        page = self.page(CHOOSE)
        assert isinstance(page, ChoosePage)
        page.add(paths)

    def page(self, number: int) -> Page:
        """A page; it is made when it is wanted for the first time."""
        if number not in self._pages:
            made = self._make(number)
            made.changed.connect(self._refresh)
            self.stack.addWidget(made)
            self._pages[number] = made
        return self._pages[number]

    def go(self, step: int) -> None:
        """Show a step."""
        self.step = step
        page = self.page(step)
        self.stack.setCurrentWidget(page)
        page.enter()
        self._refresh()
        page.focus()

    def next(self) -> None:
        """Go on, begin, or begin anew."""
        if self._page.obstacle() or self.starting:
            return
        if self.step == DESTINATION:
            self.begin()
        elif self.step == REPORT:
            self._begin_anew()
        else:
            self.go(self.step + 1)

    def back(self) -> None:
        """One step back, as far as something can be changed."""
        if self._can_go_back():
            self.go(self.step - 1)

    def begin(self) -> None:
        """Write the batch down and have it done."""
        page = self.page(DESTINATION)
        assert isinstance(page, DestinationPage)
        draft = self.history.draft
        items = [draft.batch_item(item, found) for item, found in page.batch()]
        self.starting = True
        self._refresh()
        self._desk.settings.change(convert_folder=draft.folder)
        self._desk.tasks.quietly(
            tr("begin a conversion"),
            lambda _task: _written_down(draft.folder, items),
            on_done=self._begun,
            on_failed=self._not_begun,
            owner=self,
        )

    def show_batch(self, watch: BatchWatch) -> None:
        """Show a batch: on its way, interrupted, or over."""
        self.watch = watch
        self.setWindowTitle(tr("Conversion"))
        page = self.page(RUN)
        assert isinstance(page, RunPage)
        page.follow(watch)
        watch.ended.connect(self._ended)
        last = watch.last
        self.go(RUN)
        if last is not None and last.progress.over and not last.working:
            self._ended(last)

    # -- parts

    @property
    def _page(self) -> Page:
        return self.page(self.step)

    def _make(self, number: int) -> Page:
        desk, history, inspector = self._desk, self.history, self.inspector
        if number == CHOOSE:
            return ChoosePage(desk, history)
        if number == INSPECT:
            return InspectPage(desk.theme, history, inspector)
        if number == CALIBRATE:
            return CalibratePage(desk.theme, history, inspector)
        if number == DESTINATION:
            return DestinationPage(desk, history, inspector)
        return RunPage(desk.theme) if number == RUN else ReportPage(desk)

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.addWidget(self.obstacle, 1)
        for button in (self.back_button, self.next_button, self.close_button):
            foot.addWidget(button)
        self.back_button.setAutoDefault(False)
        self.close_button.setAutoDefault(False)
        self.next_button.setDefault(True)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addWidget(self.stack, 1)
        right.addLayout(foot)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 16, 18, 14)
        row.setSpacing(18)
        row.addWidget(self.steps)
        row.addLayout(right, 1)
        self.setMinimumSize(*SMALLEST)
        self.resize(*SIZE)
        self.setAcceptDrops(False)

    def _connect(self) -> None:
        self.steps.chosen.connect(self._choose_step)
        self.back_button.clicked.connect(self.back)
        self.next_button.clicked.connect(self.next)
        self.close_button.clicked.connect(self.reject)
        self.history.changed.connect(self._on_draft)
        self.inspector.looked.connect(self._on_looked)
        self._undo = UndoFilter(self, self.history.undo, self.history.redo)

    # -- what happens

    def _on_draft(self) -> None:
        if self.step > CHOOSE:
            self.inspector.look(self.history.draft.items)
        self._page.refresh()
        self._refresh()

    def _on_looked(self) -> None:
        self._page.refresh()
        self._refresh()

    def _choose_step(self, step: int) -> None:
        if step in self._reachable():
            self.go(step)

    def _reachable(self) -> frozenset[int]:
        """Back to what can be changed still; forward one page after the other only."""
        if self.watch is not None:
            over = self.watch.last is not None and self.watch.last.progress.over
            return frozenset({RUN, REPORT} if over else {RUN})
        return frozenset(range(self.step + (not self._page.obstacle()) + 1)) - {RUN}

    def _can_go_back(self) -> bool:
        return self.step not in (CHOOSE, RUN) and not self.starting

    def _refresh(self) -> None:
        obstacle = self._page.obstacle()
        self.obstacle.setText(tr("Beginning…") if self.starting else obstacle)
        self.back_button.setEnabled(self._can_go_back())
        self.next_button.setEnabled(not obstacle and not self.starting)
        self.next_button.setText(
            tr("Bring in &more") if self.step == REPORT else self._page.next_words()
        )
        done = frozenset(range(self.step))
        if self.step == REPORT:
            done |= {REPORT}
        self.steps.show_steps(self.step, done, self._reachable())

    def _begun(self, batch: Batch) -> None:
        self.starting = False
        watch = self._follow(batch)
        watch.start()
        self.show_batch(watch)

    def _not_begun(self, sentence: str) -> None:
        self.starting = False
        self._refresh()
        self._desk.toasts.show(sentence, "error")
        self.obstacle.setText(sentence)

    def _ended(self, snapshot: BatchSnapshot) -> None:
        if self.watch is None or snapshot.batch != self.watch.batch:
            return  # the wizard was begun anew
        page = self.page(REPORT)
        assert isinstance(page, ReportPage)
        page.show_snapshot(snapshot)
        if self.isVisible() and self.step == RUN:
            self.go(REPORT)
        if self.isVisible():
            self.watch.seen()
        self._refresh()

    def _begin_anew(self) -> None:
        """An empty draft in the same folder."""
        self.watch = None
        self.inspector.clear()
        for number in tuple(self._pages):
            page = self._pages.pop(number)
            self.stack.removeWidget(page)
            page.deleteLater()
        self.history.deleteLater()
        self._undo.deleteLater()
        self.history = DraftHistory(Draft(folder=self.history.draft.folder), self)
        self.history.changed.connect(self._on_draft)
        self._undo = UndoFilter(self, self.history.undo, self.history.redo)
        self.set_action("ingest")
        self.go(CHOOSE)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange and self._pages:
            self._page.refresh()


def _written_down(folder: Path, items: list[BatchItem]) -> Batch:
    folder.mkdir(parents=True, exist_ok=True)
    return Batch.create(items)
