"""A queue is looked over without a writer having to wait, and every standing has its word."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from pathlib import Path

import pytest
from camera import Camera
from hand_clock import LaterClock
from hypothesis import given
from hypothesis import strategies as st
from rig import Rig

from parfocal.jobs import (
    LETTERS,
    Database,
    JobError,
    Leases,
    Overlook,
    Standing,
    cancel_job,
    list_jobs,
    pause,
    reset_strip,
    resume,
    story_of_strip,
)
from parfocal.jobs._overview import open_to_read
from parfocal.jobs._standing import STAGES, StageState, standing_of


@pytest.fixture
def rig(tmp_path: Path, database: Database) -> Rig:
    return Rig(tmp_path, database, stable_seconds=0)


@pytest.fixture
def strip(rig: Rig) -> str:
    return str(rig.admit(Camera().write(rig.raw / "Run1")).strip)


def test_a_strip_on_its_way_is_told_stage_by_stage(rig: Rig, strip: str) -> None:
    overlook = Overlook(rig.database.path)
    assert overlook.look().strips[0].letters == "s"  # it waits to settle
    rig.do("inspect")
    leases = Leases(rig.database)
    archive, compress = leases.claim("one", {}), leases.claim("one", {})
    assert archive is not None
    assert compress is not None
    leases.renew(compress, 0.5)
    before = overlook.look()
    (cell,) = before.strips
    assert (cell.standing, cell.letters, cell.fraction) == (Standing.COMPRESSING, "AC", 0.5)
    assert {line.kind: line.fraction for line in before.lines} == {"archive": 0.0, "compress": 0.5}
    assert overlook.look() is before  # nobody changed anything
    stages = {one.kind: one for one in story_of_strip(rig.database.path, strip).stages}
    assert stages["verify_store"].words == "waits for compress"
    assert stages["report"].words == "waits for verify archive, verify store and preview"
    assert stages["cleanup"].state == "left out"
    later = Overlook(rig.database.path, LaterClock(31))  # both workers died, nobody reaped them
    (cell,) = later.look().strips
    assert cell.letters == "a"
    assert later.look().wants_worker
    later.close()
    for job in (archive, compress):
        leases.put_off(job, 0, {})
    rig.work()
    (cell,) = overlook.look().strips
    assert (cell.standing, cell.letters) == (Standing.REPORTED, "R")
    story = story_of_strip(rig.database.path, strip)
    assert "skipped when it is offered again" in story.sentence
    assert len(story.pictures) == 2
    assert {kind for kind, _, _ in story.products} == {"raw", "backup", "store", "mip", "preview"}
    assert not overlook.look().wants_worker
    overlook.close()


def test_why_nothing_goes_on_is_said(rig: Rig, strip: str) -> None:
    overlook = Overlook(rig.database.path)
    assert overlook.look().lines[0].why == "nobody works; a worker is needed"
    pause(rig.database, "the rig is cleaned")
    overview = overlook.look()
    assert overview.paused
    assert overview.lines[0].why == "the queue stands: the rig is cleaned"
    resume(rig.database)
    rig.configure(info_file="more.txt", stable_seconds=0)
    other = rig.admit(Camera().write(rig.raw / "Run2")).strip
    rig.do("settle")
    rig.do("settle")
    told = {cell.id: cell.standing for cell in overlook.look().strips}
    assert told[other] is Standing.PARKED
    story = story_of_strip(rig.database.path, other)
    assert "lacks its info file more.txt" in story.sentence
    stages = {one.kind: one.words for one in story.stages}
    assert stages["inspect"] == "waits for settle, which is parked"
    cancel_job(rig.database, story.broken[0])
    assert {cell.id: cell.standing for cell in overlook.look().strips}[other] == "cancelled"
    with pytest.raises(JobError, match="no strip nowhere"):
        story_of_strip(rig.database.path, "nowhere")
    overlook.close()


def test_looking_changes_nothing_and_makes_nothing(tmp_path: Path, rig: Rig, strip: str) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        open_to_read(rig.database.path).execute("DELETE FROM job")
    missing = tmp_path / "nowhere" / "queue.sqlite"
    assert Overlook(missing).look().is_empty
    assert not missing.parent.exists()
    overlook = Overlook(rig.database.path)
    with rig.database.change() as sql:  # in the midst of somebody's change
        sql.execute("UPDATE strip SET slice = 9")
        assert overlook.look().strips[0].slice == 0
    assert overlook.look().strips[0].slice == 9
    with rig.database.change() as sql:
        sql.execute("PRAGMA user_version = 99")
    assert "later version" in overlook.look().problem
    overlook.close()
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"no database at all" * 100)
    assert "cannot be read" in Overlook(broken).look().problem


def test_what_is_read_in_parts_is_what_is_read_at_once(rig: Rig, strip: str) -> None:
    """After whatever happens to two strips, in whatever order."""
    rig.configure(output=None, stable_seconds=0)
    rig.admit(Camera(seed=8).write(rig.raw / "Run2"))
    parts, names = Overlook(rig.database.path), ["Run1", "Run2"]
    before = parts.look().strips
    chance = random.Random(7)
    for number in range(60):
        doing = chance.choice(["do", "do", "do", "force", "reset", "pause", "cancel"])
        with contextlib.suppress(AssertionError, JobError):
            if doing == "do":
                rig.do_one()
            elif doing == "force":
                rig.admit(rig.raw / chance.choice(names), force=True)
            elif doing == "reset" and number % 3 == 0:
                reset_strip(rig.database, strip)
                rig.admit(rig.raw / "Run1")
            elif doing == "cancel":
                cancel_job(rig.database, chance.choice(list_jobs(rig.database)).id)
        at_once = Overlook(rig.database.path)
        assert parts.look().strips == at_once.look().strips
        at_once.close()
    now = parts.look().strips
    assert [one.id for one in now] == [one.id for one in before]
    rig.admit(Camera(seed=9).write(rig.raw / "Run3"))
    assert parts.look().strips[:2] == now  # and those are the very same cells
    assert all(one is other for one, other in zip(parts.look().strips, now, strict=False))
    parts.close()


stages = st.builds(
    StageState,
    kind=st.sampled_from([*STAGES, "of a later version"]),
    state=st.sampled_from(["waiting", "ready", "running", "done", "failed", "parked", "cancelled"]),
    begun=st.booleans(),
    trouble=st.sampled_from(["", "corrupt", "transient", "disk full"]),
)


@given(st.lists(stages, unique_by=lambda one: one.kind), st.booleans())
def test_every_strip_has_a_word_and_letters(told: list[StageState], asked: bool) -> None:
    standing, letters = standing_of(told, asked=asked)
    assert 1 <= len(letters) <= 2
    if any(one.state in {"failed", "parked"} for one in told):
        assert standing.needs_person  # whatever else goes on
    if standing in {Standing.REPORTED, Standing.CLEANED}:
        assert all(one.state == "done" for one in told if one.kind not in {"cleanup", "purge"})
    assert letters.upper() in LETTERS.values() or standing not in {Standing.WAITING}
