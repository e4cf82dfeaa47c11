"""From any stage on a strip can be done once more, and its raw data are no less safe for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from camera import Camera
from rig import Rig, files_of

from parfocal.jobs import (
    Database,
    JobError,
    Leases,
    State,
    cancel_jobs,
    force_from,
    list_jobs,
    preview_cleanup,
    retry_jobs,
    stages_to_force,
    story_of_strip,
)
from parfocal.jobs._records import artifacts_of


@pytest.fixture
def rig(tmp_path: Path, database: Database) -> Rig:
    return Rig(tmp_path, database, stable_seconds=0)


def test_from_each_stage_on_it_is_done_again_and_nothing_before(rig: Rig) -> None:
    strip = rig.admit(Camera().write(rig.raw / "Run1")).strip
    rig.work()
    for stage in stages_to_force(story_of_strip(rig.database.path, strip).strip):
        before = {kind: job.lease for kind, job in rig.jobs().items()}
        inode = rig.product(".ome.zarr").stat().st_ino, rig.backup.stat().st_ino
        force_from(rig.database, strip, stage)
        states = rig.states()
        assert states[stage] in {"ready", "waiting"}
        assert states["report"] == "waiting" or stage == "report"
        assert set(rig.work()) == set(before)
        assert set(rig.states().values()) == {"done"}
        if stage == "settle":
            continue  # another generation, with other jobs
        again = {kind for kind, job in rig.jobs().items() if job.lease > before[kind]}
        left = {"settle", "inspect", "archive", "verify_archive"}
        assert stage in again
        assert "report" in again
        assert ("archive" in again) is (stage == "archive")
        assert stage not in {"compress", "verify_store", "preview"} or not again & left
        after = rig.product(".ome.zarr").stat().st_ino, rig.backup.stat().st_ino
        assert (after[0] != inode[0]) is (stage == "compress")
        assert (after[1] != inode[1]) is (stage == "archive")
        verified = artifacts_of(rig.database, strip, rig.jobs()["report"].generation)
        assert all(one.verified for one in verified.values())
    aside = [path.name for path in rig.product("").parent.iterdir() if "previous" in path.name]
    assert len(aside) == 2  # the store and its projection


def test_clean_up_never_happens_on_the_word_of_an_older_verification(rig: Rig) -> None:
    rig.configure(stable_seconds=0, cleanup="delete")
    folder = Camera().write(rig.raw / "Run1")
    raw = files_of(folder)
    strip = rig.admit(folder).strip
    rig.work()
    queue = rig.database.path
    preview = preview_cleanup(queue, strip)
    assert preview is not None
    assert preview.words == "delete brain"
    assert [name for name, _ in preview.taken] == sorted(n for n in raw if n.endswith(".dat"))
    assert [kind for kind, _, verified in preview.copies if verified] == ["backup", "store", "mip"]
    assert files_of(folder) == raw
    force_from(rig.database, strip, "verify_archive", "delete brain")
    with rig.database.change() as sql:  # as if somebody had let the clean-up go first
        sql.execute("UPDATE job SET state = 'waiting' WHERE kind = 'verify_archive'")
        sql.execute("UPDATE job SET state = 'ready' WHERE kind = 'cleanup'")
    rig.do("cleanup")
    assert rig.states()["cleanup"] == "parked"
    assert files_of(folder) == raw
    story = story_of_strip(queue, strip)
    assert story.consent_wanted is not None
    with rig.database.change() as sql:
        sql.execute("UPDATE job SET state = 'ready' WHERE kind = 'verify_archive'")
    rig.do("verify_archive")
    retry_jobs(rig.database, story.broken, "delete brain")
    rig.work()
    assert rig.states()["cleanup"] == "done"
    assert story_of_strip(queue, strip).cleaned
    left = files_of(folder)
    assert {name: raw[name] for name in left} == left
    for stage in ("settle", "compress", "cleanup"):
        with pytest.raises(JobError, match="cleaned away"):
            force_from(rig.database, strip, stage)


def test_what_is_being_worked_on_is_cancelled_before_it_is_forced(rig: Rig) -> None:
    folder = Camera().write(rig.raw / "Run1")
    strip = rig.admit(folder).strip
    rig.do("inspect", "archive")
    leases = Leases(rig.database)
    claimed = leases.claim("one", {})
    assert claimed is not None
    for stage in (claimed.kind, "settle"):
        with pytest.raises(JobError, match="one is working on it"):
            force_from(rig.database, strip, stage)
    with pytest.raises(JobError, match="no stage cleanup"):
        force_from(rig.database, strip, "cleanup")
    story = story_of_strip(rig.database.path, strip)
    cancel_jobs(rig.database, story.unfinished)
    assert leases.renew(claimed)
    leases.cancelled(claimed)
    assert {job.state for job in list_jobs(rig.database)} == {State.DONE, State.CANCELLED}
    retry_jobs(rig.database, story_of_strip(rig.database.path, strip).broken)
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(JobError, match="is not there"):
        force_from(rig.database, strip, "archive")
    folder.with_name("elsewhere").rename(folder)
    rig.work()
    assert set(rig.states().values()) == {"done"}
