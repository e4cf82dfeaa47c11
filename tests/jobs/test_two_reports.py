"""What reports say of several strips: those that end together, and those without a byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from camera import Camera
from rig import Rig

from parfocal.jobs import Database, Leases
from parfocal.jobs import _perform as perform_module
from parfocal.jobs._dask_executor import Executors
from parfocal.jobs._job import Outcome
from parfocal.jobs._pace import Pace
from parfocal.jobs._perform import perform
from parfocal.jobs._work import Work

WAYS = [{"webhook": "http://127.0.0.1:9/"}]


def test_the_last_two_of_a_slice_make_it_ready(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(tmp_path, database, stable_seconds=0, output=None, strips_per_slice=2, notify=WAYS)
    for number in (0, 1):
        rig.admit(Camera().write(rig.raw / f"Run{number}"))
    leases = Leases(database)
    strips = [f"brain/slice-000/camera-01/strip-00{number}" for number in (0, 1)]
    for strip in strips:
        for _ in ("settle", "inspect", "archive", "verify_archive"):
            job = leases.claim("w", {}, only=strip)
            assert job is not None
            perform(database, leases, job, Pace(), Executors())
    first, second = (leases.claim("w", {}, only=strip) for strip in strips)
    assert first is not None
    assert second is not None
    report = perform_module.STAGES["report"]

    def overtaken(work: Work) -> Outcome:
        outcome = report(work)
        if work.job.id == first.id:
            perform(database, leases, second, Pace(), Executors())
        return outcome

    monkeypatch.setattr(perform_module, "STAGES", {**perform_module.STAGES, "report": overtaken})
    perform(database, leases, first, Pace(), Executors())
    rows = database.rows("SELECT key FROM outbox ORDER BY id")
    keys = [row["key"] for row in rows if not row["key"].endswith("/window")]
    assert [key for key in keys if key.startswith("ready/")]
    told = [key.split("/")[-2] for key in keys if key.startswith("slice/")]
    assert told == ["25", "50", "75", "100"]


def test_strips_without_a_byte_fill_no_disk(tmp_path: Path, database: Database) -> None:
    rig = Rig(tmp_path, database, stable_seconds=0, output=None, info_file=None)
    for number in range(3):
        folder = rig.raw / f"Run{number}"
        folder.mkdir()
        (folder / "empty.npy").touch()
        rig.admit(folder)
    jobs = rig.work()
    assert jobs["report"].state == "done", jobs["report"].error
