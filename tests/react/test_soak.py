"""A long closed loop leaves its process as it was: memory, descriptors and threads."""

from __future__ import annotations

import gc
import statistics
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import psutil
import pytest
from loop_runs import looking

from parfocal.plan import Stimulation, TimeRange
from parfocal.run import RunState
from parfocal.store import check, read_table
from parfocal.wiring import Session

PICTURES, LIT_EVERY = 2000, 4
WARM, LATE = 500, 1900  # pictures: the libraries have made their pools and caches by then
LOOKS = 15


class Held(NamedTuple):
    """What the process has."""

    memory: float
    files: int
    threads: int


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_two_thousand_pictures_with_light_leave_memory_and_descriptors_flat(
    prepare: Callable[..., Session],
) -> None:
    light = Stimulation(exposure=5, deadline=60, timepoints=TimeRange(step=LIT_EVERY))
    session = prepare(looking(loops=PICTURES, interval=0.05, light=light), budget_bytes=2**26)
    session.run.start()
    warm = held_at(session, WARM)
    late = held_at(session, LATE)
    assert session.run.wait(600)
    status = session.run.status()
    assert (status.state, status.errors) == (RunState.COMPLETED, ())
    assert status.stimulations == (PICTURES // LIT_EVERY, 0, 0)
    assert status.frames_stored == PICTURES + PICTURES // LIT_EVERY
    print(f"{warm} after {WARM} pictures, {late} after {LATE}")  # noqa: T201 - with pytest -s
    assert late.memory - warm.memory < 24e6
    assert late.files <= warm.files
    assert late.threads <= warm.threads
    tracks = read_table(session.run.store, "tracks-a").to_pandas()
    assert set(tracks.t) == set(range(PICTURES))
    assert check(session.run.store).ok


def held_at(session: Session, pictures: int) -> Held:
    """What this process has when so many were taken: the middle of a few looks."""
    process = psutil.Process()
    while session.run.status().event < pictures:
        assert session.run.status().state in (RunState.PREPARING, RunState.RUNNING)
        time.sleep(0.1)
    memory, files = [], []
    for _ in range(LOOKS):
        gc.collect()
        memory.append(process.memory_info().rss)
        files.append(process.num_fds())
        time.sleep(0.2)
    return Held(statistics.median(memory), int(statistics.median(files)), threading.active_count())
