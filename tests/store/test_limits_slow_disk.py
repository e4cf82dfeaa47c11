"""On a disk that is too slow `put` waits: nothing is dropped, and neither memory nor files grow."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
import pytest
from disks import slow_disk

from parfocal.store import StoreReader, check, info

FRAMES = 5_000
MB = 10**6
FIGURES = logging.getLogger("figures")  # seen with -o log_cli=true --log-level=INFO
# In a process of its own, so that its memory and its files are the recording's. It warms up on
# another disk, since imports and thread pools belong to the session. Memory and descriptors are
# sampled by a thread of its own, 100 times a second, the whole time.
RECORDER = """
import json, os, sys, threading
from pathlib import Path

import google_crc32c
import numpy as np
import psutil

from parfocal.store import ChannelInfo, FieldInfo, Recording, RecordingSpec

target, elsewhere, group, frames, side, budget = sys.argv[1:4] + [int(n) for n in sys.argv[4:]]
noise = np.random.default_rng(0).integers(0, 4096, (16, side, side), dtype=np.uint16)

def record(path, frames):
    planned = [(t, 0, 0, 0) for t in range(frames)]
    spec = RecordingSpec("slow", [FieldInfo("0")], [ChannelInfo("0")], planned, [0.0] * frames,
                         (side, side), np.uint16)
    recording = Recording.create(path, spec, budget_bytes=budget, checkpoint_s=1.0)
    sums, over = [], 0
    for t in range(frames):
        plane = noise[t % 16] ^ np.uint16(t)
        sums.append(google_crc32c.value(plane))
        recording.put((t, 0, 0, 0), plane)
        if t % 16 == 0:
            status = recording.status()
            over = max(over, status.buffer_bytes - status.buffer_limit)
    blocked, frames_a_shard = recording.status().blocked_s, recording.geometry.frames
    recording.close()
    return sums, blocked, frames_a_shard, over

record(elsewhere, 256)
process, samples, done = psutil.Process(), [], threading.Event()
def sample():
    while not done.wait(0.01):
        samples.append((process.memory_info().rss, process.num_fds()))
before = (process.memory_info().rss, process.num_fds())
sampler = threading.Thread(target=sample)
sampler.start()
Path(group, "cgroup.procs").write_text(str(os.getpid()))
sums, blocked, frames_a_shard, over = record(target, frames)
done.set()
sampler.join()
print(json.dumps(dict(sums=sums, blocked=blocked, frames_a_shard=frames_a_shard, over=over,
                      before=before, samples=samples)))
"""


@dataclass(frozen=True)
class Outcome:
    """What the recording process saw of itself."""

    sums: list[int]
    blocked: float
    frames_a_shard: int
    over: int
    before: tuple[int, int]
    samples: list[tuple[int, int]]


def record_slowly(disk: Path, group: Path, elsewhere: Path, *, side: int, budget: int) -> Outcome:
    """Record 5,000 frames as fast as the disk takes them."""
    path = disk / "slow.ome.zarr"
    arguments = [path, elsewhere / "warm.ome.zarr", group, FRAMES, side, budget]
    done = subprocess.run(
        [sys.executable, "-c", RECORDER, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    values: dict[str, Any] = json.loads(done.stdout)
    return Outcome(**values)


def verify(disk: Path, outcome: Outcome, *, budget: int, allowance: int) -> str:
    """Every frame by its checksum, memory and descriptors by their highest sample."""
    path = disk / "slow.ome.zarr"
    found, array = info(path), StoreReader(path).array()
    assert (found.state, found.acquired, found.missing) == ("completed", FRAMES, 0)
    assert check(path).ok
    step = outcome.frames_a_shard
    for first in range(0, FRAMES, step):
        block = array[first : min(first + step, FRAMES), 0, 0].read().result()
        assert [google_crc32c.value(np.ascontiguousarray(p)) for p in block] == outcome.sums[
            first : first + step
        ]
    assert outcome.blocked > 1.0  # the disk was the slower one, or nothing was proven
    assert outcome.over <= 0  # the recording's own count
    memory = [rss - outcome.before[0] for rss, _ in outcome.samples]
    assert max(memory) <= budget + allowance
    opened = [number - outcome.before[1] for _, number in outcome.samples]
    # its journal, and the shards that TensorStore's threads are writing: never one a shard (79)
    assert max(opened) <= 16
    assert min(opened[-len(opened) // 4 :]) <= 2  # between two shards all are closed again
    return (
        f"{FRAMES} frames, {outcome.blocked:.1f} s blocked, {max(memory) / MB:.0f} MB of memory "
        f"with a budget of {budget / MB:.0f} MB, at most {max(opened)} more files open"
    )


def test_5000_frames_on_a_slow_disk_wait_and_are_all_stored(
    tmp_path: Path,
) -> None:
    budget = 16 * 2**20
    with slow_disk(400 * 2**20, 40 * MB) as (disk, group):
        outcome = record_slowly(disk, group, tmp_path, side=128, budget=budget)
        # beyond the buffers: what TensorStore's threads hold of a shard, 50 MB were seen; the
        # frames themselves are 164 MB
        figures = verify(disk, outcome, budget=budget, allowance=100 * MB)
    FIGURES.info("%s", figures)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_5000_frames_of_a_real_camera_on_a_slow_disk_wait_and_are_all_stored(
    tmp_path: Path,
) -> None:
    """10.5 GB raw, about 60 s; the disk image takes 9 GB while it runs."""
    budget = 2**29
    with slow_disk(10 * 2**30, 150 * MB) as (disk, group):
        outcome = record_slowly(disk, group, tmp_path, side=1024, budget=budget)
        # the encoding allowance that the geometry grants
        figures = verify(disk, outcome, budget=budget, allowance=400 * MB)
    FIGURES.info("%s", figures)
