"""Check a store as a task: its verdict as the message, its findings as the details."""

from pathlib import Path

from parfocal.store import CheckReport, check
from parfocal.ui.store_workspace._findings import verdict
from parfocal.ui.tasks import Task, Work
from parfocal.ui.text import tr


def check_work(path: Path) -> Work:
    """The work of a task that checks the store at `path`."""

    def work(task: Task) -> CheckReport:
        task.report(message=tr("reading the metadata and every chunk's place"))
        report = check(path)
        _token, sentence = verdict(report)
        lines = [f"{f.severity}: {f.path}: {f.message} {f.fix}".strip() for f in report.findings]
        task.report(1.0, message=sentence, details="\n".join(lines))
        return report

    return work
