"""A rig whose queue a window looks at, without a worker of the window's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot

sys.path.insert(0, str(Path(__file__).parents[1] / "convert"))
sys.path.insert(0, str(Path(__file__).parents[1] / "jobs"))

from camera import Camera
from rig import Rig

from parfocal.jobs import Database
from parfocal.ui.desk import Desk
from parfocal.ui.jobs_workspace import JobsWorkspace

PATIENCE_MS = 30_000


class Night(Rig):
    """Strips that a camera wrote, admitted in one call."""

    def strip(self, name: str = "Run1", seed: int = 7) -> str:
        return str(self.admit(Camera(seed=seed).write(self.raw / name)).strip)


@contextmanager
def night_at(desk: Desk, root: Path, **wishes: Any) -> Iterator[Night]:
    """The desk's queue, with a rig that fills it."""
    desk.queue.works = False
    database = Database(desk.queue.path)
    try:
        yield Night(root, database, **{"stable_seconds": 0, **wishes})
    finally:
        database.close()


def shown_jobs(qtbot: QtBot, desk: Desk) -> JobsWorkspace:
    """The workspace, as large as at 1280 × 800."""
    jobs = JobsWorkspace(desk)
    qtbot.addWidget(jobs)
    jobs.resize(1180, 740)
    jobs.show()
    desk.queue.start()
    desk.queue.look()
    return jobs


def look(qtbot: QtBot, desk: Desk, jobs: JobsWorkspace, condition: Any) -> None:
    """Until what is shown is so."""

    def holds() -> bool:
        desk.queue.look()
        return bool(condition())

    qtbot.waitUntil(holds, timeout=PATIENCE_MS)
