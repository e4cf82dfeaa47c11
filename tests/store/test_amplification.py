"""Every byte of a store is written once, whatever the plan: at most 5 % more are given to the disk.

Counted are the bytes of all write calls of a process while it records (`wchar` of /proc/self/io),
from `create` to the end of `close`: shards, metadata, tables, the journal, and the room kept for
the end. They are compared with the bytes of the store's files. The pixels are noise of 12 bits,
so that metadata do not dominate. Not `write_bytes`: that counts whole folios of the page cache, and
says 1.16 for 186 files of 98 KB that were each written once.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from store_recordings import grid, spec_of

from parfocal.store import ChannelInfo, Index, Recording, RecordingSpec, StoreReader, info

MOST = 1.05
FIGURES = logging.getLogger("figures")  # seen with -o log_cli=true --log-level=INFO
SIDE = (256, 256)


def shuffled() -> tuple[RecordingSpec, list[Index]]:
    """200 frames that arrive in an order that nobody planned."""
    planned = grid(t=50, c=2, z=2)
    order = np.random.default_rng(0).permutation(len(planned))
    return spec_of(planned, shape=SIDE), [planned[n] for n in order]


def in_order(spec: RecordingSpec) -> tuple[RecordingSpec, list[Index]]:
    """As it was planned."""
    return spec, list(spec.planned)


def slow_fields() -> tuple[RecordingSpec, list[Index]]:
    """31 fields × 2 channels, every 5 minutes."""
    planned = grid(t=3, p=31, c=2)
    due = [300.0 * t + 2.0 * p + c for t, p, c, _ in planned]
    return in_order(spec_of(planned, shape=SIDE, due=due))


def unbounded() -> tuple[RecordingSpec, list[Index]]:
    """It grows as long as frames come: 150 of them."""
    spec = spec_of(grid(c=2), shape=SIDE, unbounded=True, time_step_s=0.01)
    return spec, grid(t=150, c=2)


def two_cameras() -> tuple[RecordingSpec, list[Index]]:
    """The second one has planes of another size and type."""
    small = ChannelInfo("small", plane_shape=(200, 120), dtype="uint8")
    return in_order(spec_of(grid(t=100, c=2), shape=SIDE, channels=[ChannelInfo("large"), small]))


PLANS: dict[str, Callable[[], tuple[RecordingSpec, list[Index]]]] = {
    "out of order": shuffled,
    "last shard in part": lambda: in_order(spec_of(grid(t=70), shape=SIDE)),
    "z-stack": lambda: in_order(spec_of(grid(t=4, c=2, z=16), shape=SIDE)),
    "channel fastest": lambda: in_order(spec_of(grid(t=64, c=3), shape=SIDE)),
    "channel within z": lambda: in_order(
        spec_of([(t, 0, c, z) for t in range(4) for z in range(16) for c in range(2)], shape=SIDE)
    ),
    "XY no multiple of the chunk": lambda: in_order(spec_of(grid(t=16), shape=(1100, 700))),
    "unbounded t": unbounded,
    "two cameras": two_cameras,
    "one timepoint": lambda: in_order(spec_of(grid(), shape=(2048, 2048))),
    "31 fields × 2 channels": slow_fields,
    "float32": lambda: in_order(spec_of(grid(t=40), shape=SIDE, dtype="float32")),
    "uint8": lambda: in_order(spec_of(grid(t=100), shape=SIDE, dtype="uint8")),
}


def noise_for(spec: RecordingSpec, index: Index) -> np.ndarray:
    """A plane as this channel's camera gives it."""
    channel = spec.channels[index[2]]
    shape, dtype = channel.plane_shape or spec.plane_shape, channel.dtype or spec.dtype
    random = np.random.default_rng(index)
    return random.integers(0, 4096, shape, dtype=np.uint16).astype(dtype)


def written() -> int:
    """Bytes that this process has given to write calls so far."""
    lines = Path("/proc/self/io").read_text().splitlines()
    counts = {name: int(value) for name, value in (line.split(": ") for line in lines)}
    return counts["wchar"]


def record(name: str, path: Path) -> dict[str, Any]:
    """Record a plan in this process and count."""
    spec, order = PLANS[name]()
    planes = {index: noise_for(spec, index) for index in order}
    before = written()
    recording = Recording.create(path, spec, checkpoint_s=None)
    for index in order:
        recording.put(index, planes[index])
    recording.close()
    return {"written": written() - before, "frames": len(order)}


CHILD = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_amplification import PLANS, record
record("one timepoint", Path(sys.argv[2], "warm.ome.zarr"))
print(json.dumps({name: record(name, Path(sys.argv[2], f"{n}.ome.zarr"))
                  for n, name in enumerate(PLANS)}))
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Every plan, recorded by a process of its own: all that it writes are the stores."""
    if not Path("/proc/self/io").is_file():
        pytest.skip("the kernel counts written bytes in /proc/self/io, on Linux")
    folder = tmp_path_factory.mktemp("amplification")
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(Path(__file__).parent), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


@pytest.mark.parametrize("name", PLANS)
def test_bytes_are_written_once(
    name: str,
    recorded: tuple[Path, dict[str, Any]],
) -> None:
    folder, outcomes = recorded
    path, outcome = folder / f"{list(PLANS).index(name)}.ome.zarr", outcomes[name]
    stored = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    assert stored > 3_000_000
    amplification = outcome["written"] / stored
    FIGURES.info("%s: %.4f", name, amplification)
    assert 0.999 <= amplification <= MOST
    found, reader = info(path), StoreReader(path)
    assert (found.acquired, found.missing) == (outcome["frames"], 0)
    spec, order = PLANS[name]()
    for index in order[:: max(1, len(order) // 5)]:
        np.testing.assert_array_equal(reader.plane(index), noise_for(spec, index))
