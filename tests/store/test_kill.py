"""After kill -9 at any moment the store opens, and every plane that it claims is right."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from store_recordings import grid, plane_of

from parfocal.store import StoreError, StoreReader, check, info
from parfocal.store._journal import read_journal
from parfocal.store._layout import journal_path

SHAPE = (256, 256)
PLANNED = grid(t=400, p=2, z=2)
VICTIM = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from store_recordings import grid, plane_of, spec_of
from parfocal.store import Recording
planned = grid(t=400, p=2, z=2)
recording = Recording.create(sys.argv[1], spec_of(planned, shape={SHAPE}), checkpoint_s=0.05)
print("ready", flush=True)
for index in planned:
    recording.put(index, plane_of(index, {SHAPE}))
recording.close()
"""


@pytest.mark.parametrize("moment", [0.0, 0.15, 0.4])
def test_a_killed_recording_keeps_what_it_acknowledged(tmp_path: Path, moment: float) -> None:
    path = tmp_path / "cells.ome.zarr"
    victim = subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "ready\n"
        time.sleep(moment)
        if moment:
            assert info(path).state == "recording"
        os.kill(victim.pid, signal.SIGKILL)
    finally:
        victim.kill()
        victim.wait()
        if victim.stdout is not None:
            victim.stdout.close()
    found, story = info(path), read_journal(path)
    assert story is not None
    assert journal_path(path).exists()
    assert found.state == "interrupted"
    assert found.planned == len(PLANNED)
    assert found.acquired == len(story.committed) < len(PLANNED)
    assert found.missing == found.planned - found.acquired
    reader = StoreReader(path)
    for index in story.committed:
        np.testing.assert_array_equal(reader.plane(index), plane_of(index, SHAPE))
    journal_path(path).unlink()
    # without the journal what is on the disk is counted: at least what was acknowledged
    assert info(path).acquired >= found.acquired
    assert info(path).state == "interrupted"
    report = check(path, deep=True)
    assert "not-closed" in {finding.rule for finding in report.findings}
    assert not report.ok
    assert {f.rule for f in report.findings if f.severity == "error"} <= {
        "not-closed",
        "stray-lock",
        "no-chunks",
    }


def test_what_is_being_recorded_is_not_overwritten(tmp_path: Path) -> None:
    from store_recordings import spec_of

    from parfocal.store import Recording

    path = tmp_path / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(grid(t=2)))
    try:
        with pytest.raises(StoreError, match="is being recorded right now"):
            Recording.create(path, spec_of(grid(t=2)), overwrite=True)
    finally:
        recording.close("interrupted")
