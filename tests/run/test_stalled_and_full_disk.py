"""A disk that stalls is waited for, one that is full ends the run; no frame is lost unsaid."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from disks import fill, freezing_disk, frozen, small_disk
from run_sessions import At, items, plan, series, until

from parfocal.run import RunState
from parfocal.scope import Microscope
from parfocal.store import StoreReader, check, info
from parfocal.wiring import Session, prepare_run

Prepare = Callable[..., Session]

s = RunState
# 256² at 8 bit and a budget of 8 MB: four buffers of 16 frames and more
FRAMES = 300


@pytest.fixture
def freezing(tmp_path: Path) -> Iterator[Path]:
    with freezing_disk(tmp_path / "disk.img", 64 * 2**20) as folder:
        yield folder


def started_on(folder: Path, microscope: Microscope) -> Session:
    """A run of some seconds, once its first shard is on the disk."""
    experiment = plan(
        time_plan={"interval": 0.01, "loops": FRAMES}, channels=[{"config": "DAPI", "exposure": 1}]
    )
    session = prepare_run(
        experiment, microscope, folder / "cells.ome.zarr", live=False, budget_bytes=4 * 2**20
    )
    session.run.start()
    until(lambda: session.run.status().frames_stored > 0)
    return session


def held_back(session: Session) -> None:
    """Wait until the buffers are full, and see that nothing is taken any more."""
    until(lambda: session.run.status().blocked_s > 0.1, 20)
    before = session.run.status()
    time.sleep(0.3)
    after = session.run.status()
    assert after.frames_acquired == before.frames_acquired < FRAMES
    assert after.state is s.RUNNING
    assert after.buffer_bytes <= after.buffer_limit
    assert after.blocked_s > before.blocked_s + 0.2


def test_a_run_waits_for_a_stalled_disk_and_loses_nothing(freezing: Path, demo_camera: Microscope):
    session = started_on(freezing, demo_camera)
    with frozen(freezing):
        held_back(session)
    assert session.run.wait(20)
    status = session.run.status()
    session.close()
    assert (status.state, status.frames_stored, status.frames_skipped) == (s.COMPLETED, FRAMES, 0)
    assert status.blocked_s > 0.3
    assert info(status.store).missing == 0


def test_a_cancel_while_the_disk_stalls_frees_the_microscope_within_a_second(
    freezing: Path, demo_camera: Microscope, prepare: Prepare
):
    session = started_on(freezing, demo_camera)
    after = prepare(items(series(loops=2, interval=0)), demo_camera)
    with frozen(freezing):
        held_back(session)
        began = time.perf_counter()
        session.run.cancel("enough")
        # the camera is set back, too
        until(lambda: not demo_camera._in_run.locked(), 1.0)  # type: ignore[attr-defined]
        assert time.perf_counter() - began < 1.0
        assert session.run.status().state is s.CANCELLING  # the store cannot be closed yet
        after.run.execute()  # and the microscope takes the next run
        assert after.run.status().state is s.COMPLETED
        taken = session.run.status().frames_acquired
    assert session.run.wait(20)
    status = session.run.status()
    session.close()
    assert (status.state, status.reason) == (s.CANCELLED, "enough")
    stored = info(status.store)
    assert stored.state == "interrupted"
    # one frame may have waited for room in the camera's thread: it is an error in the status
    assert taken - len(status.errors) <= stored.acquired == status.frames_stored <= taken


def test_a_pause_while_the_disk_stalls_takes_no_further_frame(
    freezing: Path, demo_camera: Microscope
):
    session = started_on(freezing, demo_camera)
    with frozen(freezing):
        held_back(session)
        taken = session.run.status().frames_acquired
        session.run.pause()
    until(lambda: session.run.status().state is s.PAUSED)
    assert session.run.status().frames_acquired == taken
    session.run.cancel()
    assert session.run.wait(10)
    session.close()


def test_a_full_disk_ends_the_run_and_keeps_what_came(demo_camera: Microscope):
    with small_disk("64m") as folder:
        experiment = plan(time_plan={"interval": 0.01, "loops": FRAMES})
        session = prepare_run(
            experiment,
            demo_camera,
            folder / "cells.ome.zarr",
            live=False,
            budget_bytes=4 * 2**20,
            extra_sinks=(At((100, 0, 0, 0), lambda: fill(folder)),),
        )
        session.run.execute()
        status = session.run.status()
        session.close()
        assert status.state is s.FAILED
        assert "cells.ome.zarr" in status.reason
        assert status.fatal is not None
        assert status.fatal.source == "store"
        # within one shard of the failure: 16 frames were in the shard that failed, and while the
        # failure came back another one was begun
        assert status.frames_acquired < 100 + 3 * 16
        (folder / "filler").unlink()
        stored = info(status.store)
        assert (stored.state, stored.acquired) == ("interrupted", status.frames_stored)
        assert stored.acquired >= 80
        assert stored.acquired + stored.missing == FRAMES
        assert check(status.store).ok
        assert StoreReader(status.store).plane((79, 0, 0, 0)).any()


def test_a_disk_that_will_be_full_is_told_of_before_it_is(demo: Microscope):
    """Frames that were planned to fit, and another program that takes the room meanwhile."""
    with small_disk("24m") as folder:
        experiment = items(series(loops=120, interval=0.02, z_plan={"range": 3, "step": 1}))
        session = prepare_run(
            experiment,
            demo,
            folder / "cells.ome.zarr",
            live=False,
            extra_sinks=(At((9, 0, 0, 3), lambda: fill(folder, leave=2**20)),),
        )
        session.run.start()
        until(lambda: any(error.source == "disk" for error in session.run.status().errors))
        (error,) = (one for one in session.run.status().errors if one.source == "disk")
        assert "make room, or shorten the plan" in error.message
        (folder / "filler").unlink()
        session.run.cancel()
        assert session.run.wait(10)
        session.close()
