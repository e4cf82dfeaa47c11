"""Give every completed run its coarser levels, behind whatever is done next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from parfocal.ui.tasks import Task, Tasks
from parfocal.ui.text import tr
from parfocal.ui.toasts import Toasts

if TYPE_CHECKING:
    from parfocal.run import Run, RunStatus
    from parfocal.ui.controller import AcquisitionController


class LevelsAfterRun(QObject):
    """Starts a task when a run has completed. It holds still while the next run goes on.

    Nobody asked for it and nobody waits for it, so it speaks only when it fails.
    """

    def __init__(
        self,
        controller: AcquisitionController,
        tasks: Tasks,
        toasts: Toasts,
        parent: QObject,
        *,
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(parent)
        self._wanted = wanted
        self._controller, self._tasks, self._toasts = controller, tasks, toasts
        self._making: dict[Path, Task] = {}
        controller.run_started.connect(self._give_way)
        controller.run_finished.connect(self._make)

    def settled(self, store: Path) -> bool:
        """Whether the levels of a store that was just recorded are made, or will not be."""
        return store in self._making and self._making[store].status.state.final

    def _give_way(self, run: Run) -> None:
        """A run that takes a store's place makes its old levels worthless."""
        task = self._making.pop(run.status().store, None)
        if task is not None:
            task.cancel()

    def _make(self, status: RunStatus | None) -> None:
        if status is None or str(status.state) != "completed" or not self._wanted():
            return
        from parfocal.ui.product_work import pyramid_work

        self._making[status.store] = self._tasks.start(
            tr("Pyramid of {name}").format(name=status.store.name),
            pyramid_work(status.store, lambda: self._controller.busy),
            on_failed=lambda sentence: self._toasts.show(sentence, "error"),
            owner=self,
            later=True,
            about=status.store,
        )
