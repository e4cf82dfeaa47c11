"""The same name with other data: a person is asked once, and what is answered is done once."""

from __future__ import annotations

from pathlib import Path

import pytest
from camera import Camera
from rig import Rig

from parfocal.jobs import (
    Conflict,
    Database,
    JobError,
    Overlook,
    Standing,
    Watcher,
    answer_conflict,
    list_jobs,
    told_since,
)


@pytest.fixture
def rig(tmp_path: Path, database: Database) -> Rig:
    """A strip that is done, and another session that writes under its name."""
    made = Rig(tmp_path, database, stable_seconds=0, output=None)
    made.admit(Camera().write(made.raw / "Run1"))
    made.work()
    made.configure(stable_seconds=0, output=None, watch=[str(tmp_path / "scan-2")])
    Camera(seed=8).write(tmp_path / "scan-2" / "Run1")
    watcher = Watcher(database, made.config)
    watcher.look()
    Camera(seed=8).spool(tmp_path / "scan-2" / "Run1", 9)  # it grows: still one question
    watcher.look()
    return made


@pytest.fixture
def conflict(rig: Rig) -> Conflict:
    overlook = Overlook(rig.database.path)
    overview = overlook.look()
    overlook.close()
    assert [cell.standing for cell in overview.strips] == [Standing.ASKED]
    (found,) = overview.conflicts
    assert (found.raw, found.known) == (rig.root / "scan-2" / "Run1", rig.raw / "Run1")
    told = [one for one in told_since(rig.database.path, 0) if one.notice.needs_me]
    assert [one.strip for one in told] == [found.strip]
    return found


def overview_of(rig: Rig) -> object:
    overlook = Overlook(rig.database.path)
    try:
        return overlook.look()
    finally:
        overlook.close()


def test_the_same_strip_again_keeps_the_first_aside(rig: Rig, conflict: Conflict) -> None:
    assert answer_conflict(rig.database, conflict.key, "again").action == "start"
    with pytest.raises(JobError, match="answered this meanwhile"):
        answer_conflict(rig.database, conflict.key, "again")
    rig.configure(stable_seconds=0, output=None, info_file=None)
    assert {job.generation for job in list_jobs(rig.database)} == {1, 2}
    assert overview_of(rig).conflicts == ()  # type: ignore[attr-defined]


def test_another_strip_goes_to_a_project_of_its_own(rig: Rig, conflict: Conflict) -> None:
    for wrong in ("", "a/b"):
        with pytest.raises(JobError, match="no name of a project"):
            answer_conflict(rig.database, conflict.key, "other", wrong)
    with pytest.raises(JobError, match="of brain: "):
        answer_conflict(rig.database, conflict.key, "other", "brain")
    decision = answer_conflict(rig.database, conflict.key, "other", "brain 2")
    assert decision.strip == "brain 2/slice-000/camera-01/strip-001"
    done = {job.strip: job.generation for job in list_jobs(rig.database)}
    assert done == {"brain/slice-000/camera-01/strip-001": 1, decision.strip: 1}


def test_what_is_left_alone_is_never_asked_about_again(rig: Rig, conflict: Conflict) -> None:
    before = list_jobs(rig.database)
    assert answer_conflict(rig.database, conflict.key, "leave").action == "skip"
    Watcher(rig.database, rig.config).look()
    assert list_jobs(rig.database) == before
    assert overview_of(rig).conflicts == ()  # type: ignore[attr-defined]


def test_a_strip_that_was_forced_elsewhere_is_asked_about_no_more(
    rig: Rig, conflict: Conflict
) -> None:
    rig.admit(conflict.raw, force=True)
    assert overview_of(rig).conflicts == ()  # type: ignore[attr-defined]
