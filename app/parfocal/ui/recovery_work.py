"""Recover a store as a task, and say what came of it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from parfocal.store import RecoveryReport, recover
from parfocal.ui.tasks import Task, Work
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.ui.desk import Desk


def start_recovery(
    desk: "Desk", path: Path, done: Callable[[RecoveryReport], object], owner: QObject
) -> Task:
    """Recover the store at `path` in the background; the outcome is a toast, then `done`."""

    def tell(report: RecoveryReport) -> None:
        desk.toasts.show(f"{path.name}: {outcome(report)}", "warn" if report.missing else "ok")
        done(report)

    return desk.tasks.start(
        tr("Recover {name}").format(name=path.name),
        recover_work(path),
        on_done=tell,
        on_failed=lambda sentence: desk.toasts.show(sentence, "error"),
        owner=owner,
        about=path,
    )


def recover_work(path: Path) -> Work:
    """The work of a task that recovers the store at `path`; a cancelled one can be begun again."""

    def work(task: Task) -> RecoveryReport:
        report = recover(path, lambda done, message: task.report(done, message))
        task.report(1.0, message=outcome(report), details="\n".join(report.quarantined))
        return report

    return work


def outcome(report: RecoveryReport) -> str:
    """What became of the store, in words."""
    planes = tr("{kept} of {planned} planes are there").format(
        kept=number(report.kept), planned=number(report.kept + report.missing)
    )
    if not report.changed:
        return tr("There is nothing to recover; {planes}.").format(planes=planes)
    if report.lost:
        lost = tr("{n} that had been written cannot be read").format(n=number(report.lost))
        return tr("Recovered: {planes}; {lost}.").format(planes=planes, lost=lost)
    return tr("Recovered: {planes}.").format(planes=planes)
