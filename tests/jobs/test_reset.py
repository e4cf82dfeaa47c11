"""A strip whose state was reset is done by the configuration that it is offered with now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from camera import Camera
from rig import Rig, files_of

from parfocal.jobs import Database, Watcher, reset_strip

STRIP = "brain/slice-000/camera-01/strip-001"


@pytest.fixture
def rig(tmp_path: Path, database: Database) -> Rig:
    return Rig(tmp_path, database, stable_seconds=0, output=None, cleanup="keep")


def test_a_reset_strip_follows_the_configuration_of_now(rig: Rig) -> None:
    folder = Camera().write(rig.raw / "Run1")
    rig.admit(folder)
    rig.work()
    before = files_of(folder)
    reset_strip(rig.database, STRIP)
    rig.configure(stable_seconds=0, output=None, cleanup="move")
    assert rig.admit(folder).action == "start"
    assert rig.work()["cleanup"].state == "done"
    assert files_of(rig.raw / "processed" / "Run1") == before


def test_a_cleanup_that_nobody_asks_for_takes_nothing(rig: Rig) -> None:
    rig.configure(stable_seconds=0, output=None, cleanup="move")
    folder = Camera().write(rig.raw / "Run1")
    before = files_of(folder)
    rig.admit(folder)
    rig.do("report")
    kept = rig.config.model_copy(update={"cleanup": "keep"})
    with rig.database.change() as sql:
        sql.execute("UPDATE strip SET config = ?", (json.dumps(kept.as_json()),))
    job = rig.do("cleanup")
    assert job.state == "parked"
    assert "cleanup: keep" in job.error
    assert files_of(folder) == before


def test_a_new_session_is_a_conflict_while_the_old_one_lies_in_the_trash(rig: Rig) -> None:
    rig.configure(stable_seconds=0, output=None, cleanup="trash")
    folder = Camera().write(rig.raw / "Run1")
    rig.admit(folder)
    rig.work()
    assert rig.states()["purge"] == "ready"
    Camera(seed=8).write(folder)
    (decision,) = Watcher(rig.database, rig.config).look()
    assert decision.action == "conflict"
