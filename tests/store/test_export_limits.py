"""Exports and pyramids of arrays larger than the budget stay in it, and a full disk is said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from store_recordings import grid, spec_of

from parfocal.store import Recording, StoreError, check, export, write_pyramid

MB = 2**20
SHAPE = (1024, 1024)
CHILD = """
import resource, sys
from pathlib import Path
from parfocal.store import export, write_pyramid
import tensorstore, tifffile
from parfocal.store import _export_tiff
path, out, what, budget = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
# the first small one loads what is loaded once
export(path.with_name("small.ome.zarr"), out.with_name("first" + out.name), mip="z")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
if what == "pyramid":
    write_pyramid(path)
else:
    export(path, out, mip=what if what != "volume" else None, volume=what == "volume",
           budget_bytes=budget)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


def noisy(path: Path, planned: list, shape: tuple[int, int] = SHAPE) -> Path:
    recording = Recording.create(path, spec_of(planned, shape=shape), budget_bytes=64 * MB)
    random = np.random.default_rng(3)
    planes = [random.integers(0, 4000, shape).astype("uint16") for _ in range(4)]
    for number, index in enumerate(planned):
        recording.put(index, planes[number % 4])
    recording.close()
    return path


def grown(path: Path, out: Path, what: str, budget: int) -> int:
    """How much the peak memory of a process grew by an export."""
    told = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), str(out), what, str(budget)],
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    return int(told.stdout)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    noisy(folder / "small.ome.zarr", grid(z=2), (64, 64))
    return noisy(folder / "cells.ome.zarr", grid(t=2, z=64))


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("z", "z.ome.zarr"),
        ("y", "y.tif"),
        ("volume", "all.tif"),
        ("volume", "all.ome.zarr"),
        ("pyramid", "none.tif"),  # the last: it changes the store
    ],
)
def test_an_array_of_many_times_the_budget_stays_within_it(
    large: Path, tmp_path: Path, what: str, name: str
) -> None:
    budget = 32 * MB  # an eighth of the array; decoded, being encoded and TensorStore's own
    assert grown(large, tmp_path / name, what, budget) < 4 * budget


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_four_gigabytes_stay_within_a_quarter_of_one(tmp_path: Path) -> None:
    noisy(tmp_path / "small.ome.zarr", grid(z=2), (64, 64))
    path = noisy(tmp_path / "cells.ome.zarr", grid(t=4, z=128), (2048, 2048))
    for what, name in (("z", "z.ome.zarr"), ("x", "x.tif"), ("volume", "all.tif")):
        assert grown(path, tmp_path / name, what, 128 * MB) < 256 * MB, what
    assert grown(path, tmp_path / "none.tif", "pyramid", 0) < 256 * MB


@pytest.fixture
def little_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 6 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "none", str(folder)]
    made = subprocess.run(mount, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"the kernel refuses a tmpfs: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("name", ["out.tif", "out.ome.zarr"])
def test_a_full_disk_is_said_and_nothing_is_left(large: Path, little_disk: Path, name: str) -> None:
    with pytest.raises(StoreError, match=r"out\..* cannot be written: .*(full|space)"):
        export(large, little_disk / name, volume=True)
    assert list(little_disk.iterdir()) == []


def test_a_disk_that_a_pyramid_fills_leaves_the_store_as_it_was(little_disk: Path) -> None:
    path = little_disk / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(grid(), shape=(1450, 1400)))
    recording.put((0, 0, 0, 0), np.random.default_rng(0).integers(0, 2**16, (1450, 1400), "u2"))
    recording.close()
    (little_disk / "filling").write_bytes(bytes(1_400_000))
    with pytest.raises(StoreError, match=r"cells.* cannot be written: .*disk is full"):
        write_pyramid(path)
    assert sorted(p.name for p in little_disk.iterdir()) == ["cells.ome.zarr", "filling"]
    assert check(path, deep=True).findings == ()
    (little_disk / "filling").unlink()
    assert write_pyramid(path).made == 2
