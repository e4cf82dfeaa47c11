"""What goes wrong on a rig at night, and what becomes of it: nothing is lost, and it is told."""

from __future__ import annotations

import errno
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from camera import Camera
from hand_clock import LaterClock
from receiver import Receiver
from rig import Rig, files_of, working

from parfocal.convert._shard_file import ShardFile
from parfocal.jobs import (
    Database,
    LeaseLost,
    Leases,
    Outcome,
    Watcher,
    Worker,
    _archive,
    _file_work,
    cancel_job,
    holds,
    job_of,
    list_jobs,
    pause,
    resume,
    retry_job,
)
from parfocal.jobs._dask_executor import Executors
from parfocal.jobs._deliver import deliver_next
from parfocal.jobs._pace import Pace
from parfocal.jobs._perform import perform
from parfocal.store import _export_tiff


@pytest.fixture
def clock() -> LaterClock:
    return LaterClock()


@pytest.fixture
def rig(tmp_path: Path, clock: LaterClock) -> Iterator[Rig]:
    database = Database(tmp_path / "queue.sqlite", clock)
    yield Rig(tmp_path, database, stable_seconds=0)
    database.close()


@pytest.fixture
def folder(rig: Rig) -> Path:
    return Camera().write(rig.raw / "Run1")


def flip(path: Path) -> None:
    """One bit, the size and the time as they were."""
    times = path.stat()
    with path.open("r+b") as file:
        file.seek(100)
        (byte,) = file.read(1)
        file.seek(100)
        file.write(bytes([byte ^ 1]))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_a_flipped_bit_in_the_backup_parks_it_and_the_raw_data_stay(rig: Rig, folder: Path) -> None:
    rig.configure(stable_seconds=0, cleanup="delete", delete_consent="delete brain")
    before = files_of(folder)
    rig.admit(folder)
    rig.do("archive")
    flip(rig.backup / "1000000000spool.dat")
    jobs = rig.work()
    assert (jobs["verify_archive"].state, jobs["verify_archive"].trouble) == ("parked", "corrupt")
    assert "1000000000spool.dat is damaged" in jobs["verify_archive"].error
    assert jobs["preview"].state == "done"
    assert jobs["cleanup"].state == jobs["report"].state == "waiting"
    assert files_of(folder) == before
    # forced, it is copied anew, and the damaged copy is kept aside
    rig.admit(folder, force=True)
    assert {job.state for job in rig.work().values()} == {"done"}
    assert rig.backup.with_name(f".{rig.backup.name}.previous-1").is_dir()
    assert sorted(files_of(folder)) == ["acquisitionmetadata.ini", "info.txt"]
    copied = files_of(rig.backup)
    assert {name: copied[name] for name in before} == before


def test_a_damaged_store_and_a_small_one_are_parked_with_the_reason(rig: Rig, folder: Path) -> None:
    rig.admit(folder)
    rig.do("compress")
    store = rig.product(".ome.zarr")
    shard = max((p for p in store.rglob("c/**/*") if p.is_file()), key=lambda p: p.stat().st_size)
    flip(shard)
    rig.do("verify_store")
    job = rig.jobs()["verify_store"]
    assert (job.state, job.trouble) == ("parked", "corrupt")
    assert f"the store {store} is damaged" in job.error
    flip(shard)
    retry_job(rig.database, job.id)
    mip = rig.product(".mip.tif")
    whole = mip.read_bytes()
    mip.write_bytes(whole[:300])
    rig.do("verify_store")
    assert f"the projection {mip} cannot be read" in rig.jobs()["verify_store"].error
    mip.unlink()
    retry_job(rig.database, job.id)
    rig.do("verify_store")
    assert f"the projection {mip} is missing" in rig.jobs()["verify_store"].error
    mip.write_bytes(whole)
    retry_job(rig.database, job.id)
    rig.work()
    assert set(rig.states().values()) == {"done"}
    rig.configure(stable_seconds=0, thresholds={"store_gb": 1, "mip_mb": 0})
    rig.admit(folder, force=True)
    rig.do("verify_store")
    assert "at least 1 GB are expected" in rig.jobs()["verify_store"].error


def test_a_file_that_grows_after_all_seemed_still_begins_a_new_generation(
    rig: Rig, folder: Path
) -> None:
    rig.admit(folder)
    rig.do("archive", "compress")
    old = files_of(rig.backup)
    Camera(seed=9).spool(folder, 4)
    (folder / "info.txt").write_text("frames = 10")
    jobs = rig.work()
    assert {j.state for j in jobs.values()} == {"done"}, {k: j.error for k, j in jobs.items()}
    assert {job.generation for job in jobs.values()} == {2}
    assert files_of(rig.backup).keys() - old.keys() == {"4000000000spool.dat"}
    assert files_of(rig.backup.with_name(f".{rig.backup.name}.previous-1")) == old


def test_raw_data_that_change_while_they_are_copied_are_copied_again_by_themselves(
    rig: Rig, folder: Path
) -> None:
    rig.admit(folder)
    rig.do("inspect")
    Camera(seed=9).spool(folder, 4)
    (folder / "info.txt").write_text("frames = 10")
    jobs = rig.work()
    assert {j.state for j in jobs.values()} == {"done"}, {k: j.error for k, j in jobs.items()}
    assert jobs["report"].generation == 2
    assert (rig.backup / "4000000000spool.dat").is_file()


def test_a_share_that_vanishes_is_offline_and_nothing_is_lost(
    rig: Rig, folder: Path, clock: LaterClock
) -> None:
    watcher = Watcher(rig.database, rig.config)
    (decision,) = watcher.look()
    assert decision.action == "start"
    away = rig.root / "away"
    rig.raw.rename(away)
    assert watcher.look() == []
    assert watcher.offline == (rig.raw,)
    rig.work()
    assert rig.jobs()["settle"].error == f"{rig.raw} is offline"
    away.rename(rig.raw)
    clock.ahead += 11
    rig.do("inspect")
    rig.raw.rename(away)
    job = rig.do("archive")
    assert (job.attempt, job.error) == (1, f"{rig.raw} is offline")
    away.rename(rig.raw)
    clock.ahead += 80
    assert watcher.look() == []
    assert watcher.offline == ()
    assert {job.state for job in rig.work().values()} == {"done"}


def test_a_webhook_that_is_down_delays_no_job_and_gets_its_message_once(
    rig: Rig, folder: Path, clock: LaterClock
) -> None:
    with Receiver().listening() as receiver:
        rig.configure(stable_seconds=0, notify=[{"webhook": receiver.url}])
        receiver.answer = 503
        rig.admit(folder)
        assert {job.state for job in rig.work().values()} == {"done"}
        while deliver_next(rig.database):
            pass
        receiver.answer = 200
        assert not deliver_next(rig.database)
        clock.ahead += 61
        assert deliver_next(rig.database)
        assert not deliver_next(rig.database)
        assert [one["subject"] for one in receiver.taken] == [
            "Strip 1 of slice 0 (camera-01) processed"
        ]
        assert receiver.taken[0]["text"].count("\n") >= 6


def test_a_worker_that_wakes_late_puts_nothing_in_place(
    rig: Rig, folder: Path, clock: LaterClock
) -> None:
    rig.admit(folder)
    rig.do("inspect")
    leases = Leases(rig.database)
    job = leases.claim("sleeper", {})

    class Sleeps(Pace):
        def breathe(self, _fraction: float | None = None) -> None:
            clock.ahead += 31

    assert job.kind == "archive"
    perform(rig.database, leases, job, Sleeps(), Executors())
    assert not rig.backup.exists()
    with pytest.raises(LeaseLost):
        leases.renew(job)
    assert {job.state for job in rig.work().values()} == {"done"}
    assert not list(rig.root.rglob(".*partial-*"))


def test_an_acquisition_comes_first_and_the_work_goes_on_after_it(rig: Rig, folder: Path) -> None:
    rig.configure(stable_seconds=0, bandwidth_mb_s=0.02)
    runs = threading.Event()
    rig.admit(folder)
    with working(Worker(rig.database, busy=runs.is_set)):
        until(lambda: rig.states()["archive"] == "running")
        runs.set()
        time.sleep(1.5)
        copied = sorted(rig.root.glob("backup/**/*.dat"))
        time.sleep(1.5)
        assert sorted(rig.root.glob("backup/**/*.dat")) == copied
        assert rig.states()["archive"] == "running"
        runs.clear()
        until(lambda: rig.states()["archive"] == "done")
        pause(rig.database)
        time.sleep(1.2)
    resume(rig.database)
    assert {job.state for job in rig.work().values()} == {"done"}


def test_a_running_job_is_cancelled_within_moments_and_a_retry_goes_on(
    rig: Rig, folder: Path
) -> None:
    rig.configure(stable_seconds=0, bandwidth_mb_s=0.005)
    rig.admit(folder)
    with working(Worker(rig.database)):
        until(lambda: rig.states()["archive"] == "running")
        cancel_job(rig.database, rig.jobs()["archive"].id)
        until(lambda: rig.states()["archive"] == "cancelled", 5)
        until(lambda: rig.states()["preview"] == "done")
    with rig.database.change() as sql:
        told = json.loads(sql.execute("SELECT config FROM strip").fetchone()[0])
        told["bandwidth_mb_s"] = None
        sql.execute("UPDATE strip SET config = ?", (json.dumps(told),))
    retry_job(rig.database, rig.jobs()["archive"].id)
    assert {job.state for job in rig.work().values()} == {"done"}


def test_a_strip_that_lacks_something_waits_and_then_asks_a_person(
    rig: Rig, folder: Path, clock: LaterClock
) -> None:
    rig.configure(stable_seconds=1, minimum_strip_gb=25)
    watcher = Watcher(rig.database, rig.config)
    watcher.look()
    for _ in range(3):
        rig.do_one()
        clock.ahead += 11
    job = rig.jobs()["settle"]
    assert job.state == "parked"
    assert job.error == (
        "Strip folder too small for brain/slice-000/camera-01/strip-001 — 0.0 GB of 25 GB; "
        "check if the acquisition completed"
    )
    assert watcher.look() == []
    Camera(seed=9).spool(folder, 4)
    (decision,) = watcher.look()
    assert decision.action == "go on"


@pytest.mark.parametrize(("size", "told"), [(23_100_000_000, "23.1"), (24_999_999_999, "24.9")])
def test_what_is_too_small_is_said_in_the_unit_of_the_configuration(
    rig: Rig, size: int, told: str
) -> None:
    rig.configure(stable_seconds=0, minimum_strip_gb=25, info_file=None, output=None, mip=None)
    folder = rig.raw / "Run1"
    folder.mkdir()
    with (folder / "frames.bin").open("wb") as sparse:
        sparse.truncate(size)
    rig.admit(folder)
    rig.do("settle")
    job = rig.jobs()["settle"]
    assert job.error.startswith("Strip folder too small for brain/slice-000/camera-01/strip-001")
    assert f"— {told} GB of 25 GB; check if the acquisition completed" in job.error


@pytest.mark.parametrize("where", ["copy", "book", "manifest", "journal", "shard", "picture"])
def test_a_disk_that_is_full_wherever_it_is_met_pauses_the_queue(
    rig: Rig, folder: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "somewhere")

    whole, opens, disk = os.write, Path.open, shutil.disk_usage(folder)._replace(free=0)
    places: dict[str, tuple[object, str, object]] = {
        "copy": (_file_work, "copy_hashed", full),
        "book": (Path, "open", lambda *a, **k: full() if "a" in a else opens(*a, **k)),
        "manifest": (_archive, "write_manifest", full),
        "journal": (os, "write", lambda file, data: whole(file, data[: len(data) // 2])),
        "shard": (ShardFile, "close", full),
        "picture": (_export_tiff, "write_tiff", full),
    }
    rig.admit(folder)
    rig.do("inspect")
    stage = "archive" if where in {"copy", "book", "manifest"} else "compress"
    with monkeypatch.context() as patch:
        patch.setattr(*places[where])
        patch.setattr(shutil, "disk_usage", lambda _: disk)
        leases = Leases(rig.database)
        while (job := leases.claim("rig", {})) is not None and job.kind != stage:
            leases.complete(job, Outcome())
        perform(rig.database, leases, job, Pace(), Executors())
    job = job_of(rig.database, job.id)
    assert (job.state, job.trouble, job.attempt) == ("ready", "disk full", 0), job.error
    assert len(holds(rig.database)) == 1
    resume(rig.database)
    rig.do(stage)
    assert rig.states()[stage] == "done"


def test_the_same_name_in_a_new_session_is_a_conflict(rig: Rig, folder: Path) -> None:
    watcher = Watcher(rig.database, rig.config)
    watcher.look()
    rig.work()
    assert watcher.look() == []
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    Camera(seed=99).write(folder)
    (decision,) = watcher.look()
    assert decision.action == "conflict"
    assert "is not what this strip was made of" in decision.why
    assert job_of(rig.database, 1).state == "done"
    assert len(list_jobs(rig.database)) == 8


def until(holds, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
