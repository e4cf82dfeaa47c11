"""Compressing may wait, a camera may not: the threads that encode give way."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest
from store_recordings import grid, put_all, spec_of

from parfocal.store import Recording
from parfocal.store._giving_way import NICENESS, POOL, THREADS


def niceness() -> dict[int, int]:
    """Of each thread of TensorStore."""
    found = []
    for thread in THREADS.iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # some end meanwhile
            if (thread / "comm").read_text().startswith(POOL):
                found.append(int(thread.name))
    return niceness_of(found)


def niceness_of(threads: Iterable[int]) -> dict[int, int]:
    found = {}
    for number in threads:
        with contextlib.suppress(ProcessLookupError):
            found[number] = os.getpriority(os.PRIO_PROCESS, number)
    return found


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
    assert set(niceness_of(own).values()) == {os.nice(0)}
    recording.close()
