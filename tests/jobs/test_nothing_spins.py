"""What cannot go on waits, and what a disk or a name has to do with it holds nothing else up."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from camera import Camera
from rig import Rig

from parfocal.jobs import Database, Leases, Outcome, Watcher, add_job, holds, is_idle, job_of
from parfocal.jobs import _perform as perform_module
from parfocal.jobs._dask_executor import Executors
from parfocal.jobs._holds import hold_for_room, let_go_of_room
from parfocal.jobs._job import Job
from parfocal.jobs._pace import Pace
from parfocal.jobs._perform import perform


def test_a_quota_that_is_used_up_on_a_disk_with_room_is_tried_later(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_quota(job: Job, pace: Pace) -> Outcome:
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT), str(tmp_path))

    monkeypatch.setattr(perform_module, "do_generic", no_quota)
    leases = Leases(database)
    number = add_job(database, "export", {"output": str(tmp_path / "a.tif")}, "one")
    claims = 0
    for _ in range(20):
        job = leases.claim("w")
        if job is None:
            break
        claims += 1
        perform(database, leases, job, Pace(), Executors())
        let_go_of_room(database)
    assert claims == 1
    assert holds(database) == {}
    assert job_of(database, number).due_utc > database.now().utc


def test_what_waits_for_room_keeps_nobody_from_leaving(tmp_path: Path, database: Database) -> None:
    add_job(database, "export", {}, "one")
    assert not is_idle(database)
    hold_for_room(database, tmp_path, 2**60, "full")
    assert Leases(database).claim("w") is None
    assert is_idle(database)


def test_a_number_beyond_all_strips_is_no_strip(tmp_path: Path, database: Database) -> None:
    rig = Rig(tmp_path, database)
    (rig.raw / "Run20261128212345678901234").mkdir()
    Camera().write(rig.raw / "Run1")
    (decision,) = Watcher(database, rig.config).look()
    assert decision.action == "start"


def test_room_is_seen_where_the_folder_is_gone(tmp_path: Path, database: Database) -> None:
    folder = tmp_path / "slice-000"
    hold_for_room(database, folder, 1, "full")
    assert let_go_of_room(database) == [str(folder)]
    assert holds(database) == {}
