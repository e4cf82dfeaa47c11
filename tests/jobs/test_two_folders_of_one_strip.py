"""Two folders that are named as one strip: the second is told of, and moves nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from camera import Camera
from rig import Rig

from parfocal.cli import run_verb
from parfocal.jobs import Database, Watcher, list_jobs


@pytest.fixture
def rig(tmp_path: Path, database: Database) -> Rig:
    ways = [{"webhook": "http://127.0.0.1:9/"}]
    return Rig(tmp_path, database, stable_seconds=0, output=None, mip=None, notify=ways)


def test_the_second_does_not_try_the_parked_first_again_and_again(rig: Rig) -> None:
    first = Camera().write(rig.raw / "Run1")
    (first / "info.txt").unlink()
    watcher = Watcher(rig.database, rig.config)
    watcher.look()
    assert rig.work()["settle"].state == "parked"
    Camera(seed=8).write(rig.raw / "Run1_s")
    for _ in range(4):
        told = {one.action for one in watcher.look()}
        assert told == {"conflict"}
        assert rig.work()["settle"].state == "parked"
    letters = [row["key"] for row in rig.database.rows("SELECT key FROM outbox")]
    assert len([key for key in letters if key.startswith("parked/") and "window" not in key]) == 1
    assert len([key for key in letters if key.startswith("conflict/") and "window" not in key]) == 1
    assert list_jobs(rig.database)[0].lease == 2  # it was noted once what it looked like


def test_a_folder_that_is_named_in_another_way_is_the_same(
    rig: Rig, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Camera().write(rig.raw / "Run1")
    rig.admit(folder)
    rig.work()
    way = ["--config", str(rig.file), "--queue", str(rig.database.path), "--json"]
    assert run_verb(["strip", str(rig.raw / "nowhere" / ".." / "Run1"), *way]) == 0
    assert json.loads(capsys.readouterr().out)["action"] == "skip"
