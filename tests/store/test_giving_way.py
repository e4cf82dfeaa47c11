"""Compressing may wait, a camera may not: the threads that encode give way."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest
from store_recordings import grid, put_all, spec_of

from parfocal.store import Recording
from parfocal.store._giving_way import NICENESS, POOL, THREADS


def niceness() -> dict[int, int]:
    """Of each thread of TensorStore."""
    pool = [it for it in THREADS.iterdir() if (it / "comm").read_text().startswith(POOL)]
    return {int(it.name): os.getpriority(os.PRIO_PROCESS, int(it.name)) for it in pool}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives a thread its own priority")
def test_encoders_give_way_and_the_threads_that_take_frames_do_not(tmp_path: Path) -> None:
    planned = grid(t=3, z=2)
    recording = Recording.create(tmp_path / "cells.ome.zarr", spec_of(planned))
    for stored in (2, 4, 6):  # whatever threads one shard begins are told with the next
        put_all(recording, planned[stored - 2 : stored])
        while len(recording.committed()) < stored:
            pass
    assert NICENESS in niceness().values()
    own = {each.native_id for each in threading.enumerate() if each.native_id is not None}
    assert {os.getpriority(os.PRIO_PROCESS, number) for number in own} == {os.nice(0)}
    recording.close()
