"""Make a pyramid or an export as a task: its progress in words, its cancel within a second."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from parfocal.store import (
    ExportReport,
    PyramidReport,
    StoreCancelled,
    export,
    write_pyramid,
)
from parfocal.ui.tasks import Task, TaskCancelled, Work
from parfocal.ui.text import number, tr

LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What a person wants to have: `mip` is the axis of a projection, None every plane."""

    file: Path
    mip: str | None
    overwrite: bool = False


def pyramid_work(path: Path, busy: Callable[[], bool] = lambda: False) -> Work:
    """The work of a task that makes a store's levels; it holds still while `busy` says so."""

    def work(task: Task) -> PyramidReport:
        def show(done: float, message: str) -> None:
            while busy():
                task.report(done, tr("waiting for the run to end"))
                task.cancelled.wait(LOOK_S)
            task.report(done, message)

        try:
            report = write_pyramid(path, progress=show, cancelled=task.cancelled)
        except StoreCancelled:
            raise TaskCancelled from None
        # or Jobs says for good what was done last
        task.report(
            1.0, tr("{n} resolution levels").format(n=number(max(report.levels, default=1)))
        )
        return report

    return work


def export_work(path: Path, wish: ExportWish) -> Work:
    """The work of a task that exports a store."""

    def work(task: Task) -> ExportReport:
        try:
            report = export(
                path,
                wish.file,
                mip=wish.mip,
                volume=wish.mip is None,
                overwrite=wish.overwrite,
                progress=task.report,
                cancelled=task.cancelled,
            )
        except StoreCancelled:
            raise TaskCancelled from None
        task.report(1.0, tr("{n} planes").format(n=number(report.planes)))
        return report

    return work
