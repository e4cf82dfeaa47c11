"""Lead a newcomer through three steps: `begin` shows them at a first start, `show` at any time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, QSize, Qt, QTimer
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QToolBar,
    QToolButton,
    QWidget,
)

from parfocal.ui.desk import Desk
from parfocal.ui.icons import icon
from parfocal.ui.store_names import free_store
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.run import RunStatus

__all__ = ["FirstSteps"]

DEMO = ("demo", "demo-camera")
MARK = QSize(20, 20)
SHOWS = ("ready", "busy")
LOOK_MS = 300


class Step(QWidget):
    """A number that becomes a tick, and a button that does the step."""

    def __init__(self, number: int, words: str, do: Callable[[], object], desk: Desk) -> None:
        super().__init__()
        self._number, self._desk = number, desk
        self.done = False
        self.mark = QLabel()
        self.button = QPushButton(words)
        self.button.clicked.connect(lambda: do())
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 6, 0)
        row.addWidget(self.mark)
        row.addWidget(self.button)
        self.tell(done=False)
        desk.theme.changed.connect(self._draw)

    def tell(self, *, done: bool) -> None:
        """Tick it, or take the tick away."""
        self.done = done
        words = tr("Step {n}, done") if done else tr("Step {n}")
        self.mark.setAccessibleName(words.format(n=self._number))
        self.button.setAccessibleDescription(words.format(n=self._number))
        self._draw()

    def _draw(self) -> None:
        if self.done:
            drawn = icon("check-circle-outline", self._desk.theme.color("ok"))
            self.mark.setPixmap(drawn.pixmap(MARK, self.devicePixelRatioF()))
        else:
            self.mark.setText(f"<b>{self._number}</b>")


class FirstSteps(QObject):
    """A strip under the menus. Closed once, it never comes again by itself; Help has it."""

    def __init__(self, desk: Desk, window: QMainWindow) -> None:
        super().__init__(window)
        self._desk, self._window = desk, window
        self._store: Path | None = None  # of the demo experiment that was run from here
        self._recorded = False
        self.bar: QToolBar | None = None
        self.steps: tuple[Step, ...] = ()
        desk.controller.run_finished.connect(self._run_ended)
        self._timer = QTimer(self)  # nobody tells when napari is ready
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look_at_viewer)
        desk.settings.changed.connect(self._settings_changed)
        # the dialog begins in the data folder: who opens that one adds none, and has done the step
        desk.folder_chosen.connect(lambda _folder: self._settings_changed(("store_folders",)))

    def begin(self) -> None:
        """Show them unless they were closed once."""
        if not self._desk.settings.values.tour_closed:
            self.show()

    def show(self) -> None:
        """Show them from the beginning."""
        self._take_away()
        self.steps = (
            Step(1, tr("Run the demo experiment"), self._run_demo, self._desk),
            Step(2, tr("Look at it in napari"), self._look, self._desk),
            Step(3, tr("Open a folder of your own…"), self._open_folder, self._desk),
        )
        self.steps[1].button.setEnabled(self._recorded)
        self.bar = bar = QToolBar(tr("First steps"), self._window)
        bar.setObjectName("bar.first_steps")
        bar.setMovable(False)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.words = QLabel(f"<b>{tr('First steps')}</b>")
        for widget in (self.words, *self.steps):
            bar.addWidget(widget)
        space = QWidget()
        space.setMinimumWidth(1)
        space.setSizePolicy(
            space.sizePolicy().Policy.Expanding, space.sizePolicy().Policy.Preferred
        )
        bar.addWidget(space)
        self.close_button = QToolButton()
        self.close_button.setIcon(icon("close"))
        self.close_button.setAutoRaise(True)
        bar.setIconSize(QSize(16, 16))
        self.close_button.setToolTip(tr("Close this; Help → First steps shows it again"))
        self.close_button.setAccessibleName(tr("Close the first steps"))
        self.close_button.clicked.connect(self.close)
        bar.addWidget(self.close_button)
        self._window.addToolBar(Qt.ToolBarArea.TopToolBarArea, bar)
        bar.show()

    def close(self) -> None:
        """Take them away for good."""
        self._take_away()
        self._desk.settings.change(tour_closed=True)

    # -- the steps

    def _run_demo(self) -> None:
        """On the demo microscope only: nothing here may move a real one."""
        controller = self._desk.controller
        if controller.busy:
            self._desk.toasts.show(tr("A run is going on; the demo can follow it."), "warn")
        elif controller.opening:
            self._desk.toasts.show(tr("A microscope is being opened; press it again then."))
        elif controller.microscope is None:
            controller.open_microscope()
            self._desk.toasts.show(
                tr("No microscope was open. The demo microscope is opened; press it again then.")
            )
        elif controller.asked_profile not in DEMO:
            self._desk.toasts.show(
                tr("The demo runs on the demo microscope only; open that one in Microscope first."),
                "warn",
            )
        else:
            from parfocal.plan import demo_with_a_wait

            experiment = demo_with_a_wait()
            folder = self._desk.settings.values.data_folder
            self._store, self._recorded = free_store(folder, experiment.name), False
            controller.start(experiment, self._store)
            self._desk.show_workspace("run")

    def _look(self) -> None:
        if self._store is not None:
            self._desk.viewers.open_store(self._store)
            self._timer.start()

    def _open_folder(self) -> None:
        self._desk.show_workspace("store")
        self._desk.actions.trigger("store.open_folder")

    # -- what became of them

    def _run_ended(self, status: RunStatus | None) -> None:
        if status is None or status.store != self._store or str(status.state) != "completed":
            return
        self._recorded = True
        if self.bar is not None:
            self.steps[1].button.setEnabled(True)
            self._tick(0)

    def _look_at_viewer(self) -> None:
        statuses = () if self._store is None else self._desk.viewers.statuses_of(self._store)
        if self.bar is not None and any(str(one.state) in SHOWS for one in statuses):
            self._tick(1)
            self._timer.stop()
        elif self.bar is None or all(str(one.state) == "exited" for one in statuses):
            self._timer.stop()

    def _settings_changed(self, names: Any) -> None:
        if self.bar is not None and "store_folders" in names:
            self._tick(2)

    def _tick(self, place: int) -> None:
        self.steps[place].tell(done=True)
        if all(step.done for step in self.steps):
            self.words.setText(f"<b>{tr('That is all.')}</b>")
            self._desk.settings.change(tour_closed=True)

    def _take_away(self) -> None:
        if self.bar is not None:
            self._window.removeToolBar(self.bar)
            self.bar.deleteLater()
            self.bar, self.steps = None, ()
