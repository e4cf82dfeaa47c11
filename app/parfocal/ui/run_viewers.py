"""Open the viewers that a plan names when its run begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from parfocal.ui.settings import Settings
from parfocal.ui.tasks import Tasks
from parfocal.ui.text import tr
from parfocal.ui.viewers import Viewers

if TYPE_CHECKING:
    from parfocal.run import Run
    from parfocal.ui.controller import AcquisitionController
    from parfocal.wiring import LiveView, Session


class RunViewers(QObject):
    """Starts viewers and never ends one: after the run they are viewers of its store.

    What a plan leaves open is one viewer for everything, opened only if a person set so. A viewer
    that cannot be started is told through `Viewers.failed`, and the run goes on.
    """

    def __init__(
        self,
        controller: AcquisitionController,
        viewers: Viewers,
        settings: Settings,
        tasks: Tasks,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._controller, self._viewers = controller, viewers
        self._settings, self._tasks = settings, tasks
        controller.run_started.connect(self._on_run)

    def _on_run(self, run: Run) -> None:
        session = self._controller.session
        if session is None or session.run is not run:  # it has ended before this was heard
            return
        self._tasks.quietly(  # ten thousand fields take a while to choose from
            "find the viewers of the plan",
            lambda _task: session.views,
            on_done=lambda views: self._open(session, views),
            on_failed=self._viewers.failed.emit,
            owner=self,
        )

    def _open(self, session: Session, views: tuple[LiveView, ...]) -> None:
        for view in views:
            if not view.declared:
                if self._settings.values.viewer_at_start:
                    self._viewers.open_live(session, only=view.only)
            elif view.empty:
                words = tr(
                    "The viewer {name} was not opened: no frame of this run has the wells, "
                    "fields, channels and steps that the plan gives it."
                )
                self._viewers.failed.emit(words.format(name=view.name))
            else:
                self._viewers.open_live(session, view.name, view.only)
