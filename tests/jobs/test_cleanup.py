"""Raw data go only when every configured copy is proven against them anew; once, or never."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from camera import Camera
from hand_clock import LaterClock
from rig import Rig, files_of

from parfocal.jobs import Database, JobError, list_jobs, retry_job, story_of

BULK = ".dat"
CONSENT = {"cleanup": "delete", "delete_consent": "delete brain"}


@pytest.fixture
def clock() -> LaterClock:
    return LaterClock()


@pytest.fixture
def rig(tmp_path: Path, clock: LaterClock) -> Iterator[Rig]:
    database = Database(tmp_path / "queue.sqlite", clock)
    yield Rig(tmp_path, database, stable_seconds=0, output=None, mip=None)
    database.close()


@pytest.fixture
def folder(rig: Rig) -> Path:
    return Camera().write(rig.raw / "Run1")


def configure(rig: Rig, **wishes: object) -> None:
    rig.configure(stable_seconds=0, output=None, **wishes)


def test_deleting_needs_words_of_a_person(rig: Rig, folder: Path) -> None:
    configure(rig, cleanup="delete")
    before = files_of(folder)
    rig.admit(folder)
    job = rig.work()["cleanup"]
    assert (job.state, job.trouble) == ("parked", "needs a person")
    assert job.error.endswith(f"type: parfocal jobs retry {job.id} --confirm 'delete brain'")
    retry_job(rig.database, job.id, "yes")
    assert rig.work()["cleanup"].state == "parked"
    assert files_of(folder) == before
    retry_job(rig.database, job.id, "delete brain")
    assert rig.work()["cleanup"].state == "done"
    assert sorted(files_of(folder)) == ["acquisitionmetadata.ini", "info.txt"]
    stone = json.loads((rig.raw / "Run1.tombstone-1.json").read_text())
    assert stone["copies"] == {"backup": str(rig.backup)}
    assert [name for name, *_ in stone["files"]] == sorted(before)
    assert [one["kind"] for one in story_of(rig.database, job)][-2:] == ["decided", "done"]


def _flip_backup(rig: Rig, folder: Path) -> None:
    path = rig.backup / "2000000000spool.dat"
    times = path.stat()
    raw = bytearray(path.read_bytes())
    raw[7] ^= 4
    path.write_bytes(raw)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def _flip_raw(rig: Rig, folder: Path) -> None:
    path = folder / "2000000000spool.dat"
    times = path.stat()
    raw = bytearray(path.read_bytes())
    raw[7] ^= 4
    path.write_bytes(raw)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def _lose_backup(rig: Rig, folder: Path) -> None:
    shutil.rmtree(rig.backup)


def _lose_one(rig: Rig, folder: Path) -> None:
    (rig.backup / "2000000000spool.dat").unlink()


def _forget(rig: Rig, folder: Path) -> None:
    with rig.database.change() as sql:
        sql.execute("UPDATE artifact SET verified = 0 WHERE kind = 'backup'")


def _other_generation(rig: Rig, folder: Path) -> None:
    with rig.database.change() as sql:
        sql.execute("UPDATE artifact SET generation = 7 WHERE kind = 'backup'")
        sql.execute(
            "INSERT INTO artifact SELECT strip, 1, kind, path, bytes, 0, facts, changed "
            "FROM artifact WHERE kind = 'backup'"
        )


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (_flip_backup, "is damaged"),
        (_flip_raw, "is damaged: its hash is not that of the backup"),
        (_lose_backup, "is not there, so the raw data stay"),
        (_lose_one, "is missing, and its manifest has it"),
        (_forget, "is not verified in all of backup"),
        (_other_generation, "is not verified in all of backup"),
    ],
)
def test_no_harm_after_the_report_lets_raw_data_go(
    rig: Rig, folder: Path, harm: object, words: str
) -> None:
    configure(rig, **CONSENT)
    rig.admit(folder)
    rig.do("report")
    harm(rig, folder)
    before = files_of(folder)
    rig.do("cleanup")
    job = rig.jobs()["cleanup"]
    assert job.state == "parked"
    assert words in job.error
    assert files_of(folder) == before
    assert not rig.database.rows("SELECT 1 FROM event WHERE kind = 'decided'")
    assert not list(rig.raw.glob("*.tombstone-*"))


def test_what_came_since_the_decision_is_never_deleted(rig: Rig, folder: Path) -> None:
    configure(rig, **CONSENT)
    rig.admit(folder)
    rig.do("cleanup")
    # as after a crash between the decision and its end, with a new session in the same folder
    fresh = Camera(seed=99).spool(folder, 1)
    with rig.database.change() as sql:
        sql.execute("UPDATE job SET state = 'ready' WHERE kind = 'cleanup'")
    rig.do("cleanup")
    assert fresh.is_file()
    (*_, last) = story_of(rig.database, rig.jobs()["cleanup"])
    assert "is another one now and stays" in last["words"]


def test_moving_and_the_trash_that_is_emptied_after_its_days(
    rig: Rig, folder: Path, clock: LaterClock
) -> None:
    before = files_of(folder)
    configure(rig, cleanup="move")
    rig.admit(folder)
    rig.work()
    moved = rig.raw / "processed" / "Run1"
    assert files_of(moved) == before
    moved.rename(folder)
    configure(rig, cleanup="trash", trash_days=2)
    rig.admit(folder, force=True)
    jobs = rig.work()
    trash = rig.raw / ".parfocal-trash" / "Run1-2"
    assert (files_of(trash), folder.exists()) == (before, False)
    assert jobs["purge"].state == "ready"
    clock.ahead += 2 * 86400 - 60
    assert rig.work()["purge"].state == "ready"
    clock.ahead += 61
    job = rig.work()["purge"]
    assert (job.state, "--confirm 'delete brain'" in job.error) == ("parked", True)
    assert files_of(trash) == before
    retry_job(rig.database, job.id, "delete brain")
    assert rig.work()["purge"].state == "done"
    assert not list(trash.glob("*.dat"))
    # as after a kill in its midst: what was decided is gone on with, though some is gone
    with rig.database.change() as sql:
        sql.execute("UPDATE job SET state = 'ready' WHERE kind = 'purge'")
    assert rig.work()["purge"].state == "done"


def test_a_copy_by_another_program_is_verified_against_the_raw_data(
    rig: Rig, folder: Path, clock: LaterClock
) -> None:
    configure(rig, external_archiver=True, **CONSENT)
    rig.admit(folder)
    rig.do_one()
    rig.do_one()
    rig.do_one()
    assert "has not put" in rig.jobs()["verify_archive"].error
    shutil.copytree(folder, rig.backup)
    names = sorted(path.name for path in rig.backup.iterdir())
    lines = subprocess.check_output(["sha256sum", *names], cwd=rig.backup, text=True)
    (rig.backup / "manifest.sha256").write_text(lines)
    clock.ahead += 31
    assert {job.state for job in rig.work().values()} == {"done"}
    assert not list(folder.glob("*.dat"))


def test_every_subset_of_stages_with_every_clean_up(tmp_path: Path) -> None:
    done = 0
    for number, (output, archive, mip, action) in enumerate(
        product((True, False), (True, False), (True, False), ("keep", "move", "trash", "delete"))
    ):
        root = tmp_path / str(number)
        root.mkdir()
        database = Database(root / "queue.sqlite")
        rig = Rig(root, database)
        rig.configure(
            stable_seconds=0,
            cleanup=action,
            mip=mip,
            delete_consent="delete brain",
            **({} if output else {"output": None}),
            **({} if archive else {"archive": None}),
        )
        folder = Camera(files=2).write(rig.raw / "Run1")
        raw = files_of(folder)
        senseless = not archive and (action != "keep" or not output)
        if senseless:
            with pytest.raises(JobError, match="archive"):
                rig.admit(folder)
        if senseless or not (output or mip):  # without a store it is the same as with a projection
            database.close()
            continue
        rig.admit(folder)
        jobs = rig.work()
        assert {j.state for j in jobs.values() if j.kind != "purge"} == {"done"}, jobs
        left = {name: data for name, data in files_of(rig.raw).items() if BULK in name}
        if action == "delete":
            assert left == {}
        else:
            assert len(left) == 2
        if archive:
            assert {n: d for n, d in files_of(rig.backup).items() if n in raw} == raw
        else:
            assert action == "keep"
        assert rig.product(".ome.zarr").exists() is output
        assert rig.product(".mip.tif").exists() is (output and mip)
        assert len(list_jobs(database)) == len(jobs)
        database.close()
        done += 1
    assert done == 14
