"""A share that is not mounted is waited for: nothing is put into the folder below it."""

from __future__ import annotations

from pathlib import Path

import pytest
from camera import Camera
from hand_clock import LaterClock
from rig import Rig, files_of

from parfocal.jobs import Database, Leases, list_jobs, retry_job
from parfocal.jobs import _mounts as mounts_module
from parfocal.jobs._dask_executor import Executors
from parfocal.jobs._pace import Pace
from parfocal.jobs._perform import perform

FIRST = "brain/slice-000/camera-01/strip-001"


@pytest.mark.parametrize("place", ["backup", "stores"])
def test_copies_wait_for_the_share_that_held_those_before(
    tmp_path: Path, database: Database, place: str
) -> None:
    rig = Rig(tmp_path, database, stable_seconds=0, cleanup="move", mip=False)
    share, elsewhere = tmp_path / place, tmp_path / f"{place}, not mounted"
    rig.admit(Camera().write(rig.raw / "Run1"))
    rig.work()
    share.rename(elsewhere)
    share.mkdir()  # what a share is mounted on
    second = Camera().write(rig.raw / "Run2")
    rig.admit(second)
    jobs = rig.work()
    waits = jobs["archive" if place == "backup" else "compress"]
    assert (waits.state, waits.attempt, waits.trouble) == ("ready", 1, "transient")
    assert f"{share / 'brain'} is gone" in waits.error
    assert list(share.iterdir()) == []
    assert second.is_dir()
    share.rmdir()
    elsewhere.rename(share)
    retry_job(database, waits.id)
    assert {job.state for job in rig.work().values()} == {"done"}


@pytest.mark.parametrize("stage", ["verify_archive", "verify_store", "cleanup"])
def test_what_looks_at_a_copy_waits_for_its_share(
    tmp_path: Path, database: Database, stage: str
) -> None:
    rig = Rig(tmp_path, database, stable_seconds=0, cleanup="move", mip=False)
    folder = Camera().write(rig.raw / "Run1")
    before = files_of(folder)
    rig.admit(folder)
    needed = {"verify_archive": "archive", "verify_store": "compress", "cleanup": "report"}
    rig.do(needed[stage])
    share = tmp_path / ("stores" if stage == "verify_store" else "backup")
    elsewhere = share.with_name("elsewhere")
    share.rename(elsewhere)
    share.mkdir()
    job = rig.work()[stage]
    assert (job.state, job.attempt) == ("ready", 1), job.error
    assert files_of(folder) == before
    share.rmdir()
    elsewhere.rename(share)
    retry_job(database, job.id)
    assert {job.state for job in rig.work().values()} == {"done"}


def test_raw_data_whose_share_is_the_watched_folder_itself_are_offline(
    tmp_path: Path,
) -> None:
    clock = LaterClock()
    database = Database(tmp_path / "queue.sqlite", clock)
    rig = Rig(tmp_path, database, stable_seconds=0, output=None, mip=False)
    for number in (1, 2):
        rig.admit(Camera().write(rig.raw / f"Run{number}"))
    leases = Leases(database)
    for kind in ("settle", "inspect"):  # of the first, and nothing of the second
        job = leases.claim("w", {}, only=FIRST)
        assert job is not None
        assert job.kind == kind
        perform(database, leases, job, Pace(), Executors())
    away = tmp_path / "not mounted"
    rig.raw.rename(away)
    rig.raw.mkdir()
    jobs = rig.work()
    assert {job.state for job in list_jobs(database)} <= {"done", "ready", "waiting"}
    assert jobs["settle"].error == f"{rig.raw} is offline"
    rig.raw.rmdir()
    away.rename(rig.raw)
    clock.ahead += 80
    rig.work()
    assert {job.state for job in list_jobs(database)} == {"done"}
    database.close()


def test_the_first_strip_ever_waits_for_a_share_of_the_table_of_mounts(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    share, table = tmp_path / "the share", tmp_path / "fstab"
    share.mkdir()
    place = str(share).replace(" ", r"\040")
    table.write_text(f"# all of them\n\n//nas/archive {place} cifs noauto 0 0\nnone swap swap\n")
    monkeypatch.setattr(mounts_module, "TABLE", table)
    rig = Rig(tmp_path, database, stable_seconds=0, archive=str(share / "raw"), mip=False)
    rig.admit(Camera().write(rig.raw / "Run1"))
    waits = rig.work()["archive"]
    assert (waits.state, waits.trouble) == ("ready", "transient")
    assert f"{share} is not mounted" in waits.error
    assert list(share.iterdir()) == []
    mounted = {share}
    monkeypatch.setattr(mounts_module.os.path, "ismount", lambda path: Path(path) in mounted)
    retry_job(database, waits.id)
    assert {job.state for job in rig.work().values()} == {"done"}
