"""Check a store as a task: its verdict as the message, its findings as the details."""

import time
from pathlib import Path

from parfocal.store import CheckReport, check
from parfocal.ui.store_workspace._findings import verdict
from parfocal.ui.tasks import Task, Work
from parfocal.ui.text import number, tr

SAY_EVERY_S = 0.2


def check_work(path: Path, *, deep: bool = False) -> Work:
    """The work of a task that checks the store at `path`; `deep` reads every pixel."""

    def work(task: Task) -> CheckReport:
        task.report(message=tr("reading the metadata and every chunk's place"))
        report = check(path, deep, between=_Count(task))
        _token, sentence = verdict(report, deep=deep)
        lines = [f"{f.severity}: {f.path}: {f.message} {f.fix}".strip() for f in report.findings]
        task.report(1.0, message=sentence, details="\n".join(lines))
        return report

    return work


class _Count:
    """Called before each chunk: says how many were read, and lets a cancel take effect."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._read = 0
        self._said = time.monotonic()

    def __call__(self) -> None:
        self._read += 1
        now = time.monotonic()
        if now - self._said >= SAY_EVERY_S or self._task.cancelled.is_set():
            self._said = now
            self._task.report(message=tr("{n} chunks read").format(n=number(self._read)))
