"""A conversion keeps to its budget of memory, and is refused when it cannot."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numcodecs
import numpy as np
import pytest
import tifffile
import zarr
from zarr_stores import multiscales, pixels_of

from parfocal.convert import ConvertError, Wishes, convert, dry_run

MEASURED = """
import sys
from pathlib import Path
import h5py, tifffile, yaozarrs, zarr
from ome_zarr_models import v04, v05
from parfocal.cli.bench._process import peak_memory, reset_peak
from parfocal.convert import convert, Wishes

before = reset_peak()
wishes = Wishes(axes=sys.argv[3]) if len(sys.argv) > 3 else None
convert(Path(sys.argv[1]), Path(sys.argv[2]), wishes, budget_bytes=BUDGET)
print(peak_memory() - before)
"""
MB = 2**20
BUDGET = 80 * MB
LIBRARIES = 64 * MB
"""What threads, their stacks and the memory of TensorStore and HDF5 may take beside it."""
COUNT, SIDE = 88, 1024


def planes() -> Iterator[np.ndarray]:
    """185 MB that are quickly made: more than the budget and the libraries together."""
    noise = np.random.default_rng(4).integers(0, 4000, (SIDE + COUNT, SIDE)).astype("u2")
    for number in range(COUNT):
        yield noise[number : number + SIDE]


def write_zarr(file: Path, codec: Any, chunks: tuple[int, ...]) -> None:
    group = zarr.open_group(file, mode="w", zarr_format=2)
    shape = (COUNT, SIDE, SIDE)
    array = group.create_array("0", shape=shape, dtype="<u2", chunks=chunks, compressors=codec)
    array[:] = np.stack(list(planes()))
    group.attrs["multiscales"] = multiscales("zyx")


def write_tiff(file: Path, compression: str | None) -> None:
    shape = (COUNT, SIDE, SIDE)
    tifffile.imwrite(file, planes(), shape=shape, dtype="u2", compression=compression)


def write_hdf5(file: Path) -> None:
    with h5py.File(file, "w") as opened:
        options: dict[str, Any] = {"compression": "gzip", "compression_opts": 1}
        shape = (COUNT, SIDE, SIDE)
        dataset = opened.create_dataset("v", shape, "u2", chunks=(16, 128, 128), **options)
        dataset[:] = np.stack(list(planes()))


WRITERS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "repack of large chunks": ("v.zarr", lambda file: write_zarr(file, None, (16, SIDE, SIDE))),
    "thick chunks": ("v.zarr", lambda file: write_zarr(file, numcodecs.LZ4(), (64, 64, 64))),
    "uncompressed TIFF": ("v.tif", lambda file: write_tiff(file, None)),
    "HDF5": ("v.h5", write_hdf5),
}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak of a while")
@pytest.mark.parametrize("kind", WRITERS)
def test_memory_stays_within_the_budget(tmp_path: Path, kind: str) -> None:
    name, write = WRITERS[kind]
    write(tmp_path / name)
    script = MEASURED.replace("BUDGET", str(BUDGET))
    given = [str(tmp_path / name), str(tmp_path / "new.ome.zarr")]
    if not name.endswith(".zarr"):
        given.append("zyx")
    done = subprocess.run(
        [sys.executable, "-c", script, *given],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < BUDGET + LIBRARIES
    array = pixels_of(tmp_path / "new.ome.zarr")
    assert all(
        np.array_equal(found, plane) for found, plane in zip(array[0, 0], planes(), strict=True)
    )


def test_a_source_whose_pieces_are_too_large_is_refused_and_says_so(tmp_path: Path) -> None:
    group = zarr.open_group(tmp_path / "old.zarr", mode="w", zarr_format=2)
    data = np.random.default_rng(1).integers(0, 99, (16, 512, 512)).astype("<u2")
    group.create_array("0", data=data, chunks=data.shape, compressors=numcodecs.LZ4())
    group.attrs["multiscales"] = multiscales("zyx")
    with pytest.raises(ConvertError, match=r"31 MB of memory are needed .* 17 MB are allowed"):
        convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr", budget_bytes=16 * MB)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.zarr"]
    told = dry_run(tmp_path / "old.zarr", tmp_path / "new.ome.zarr", budget_bytes=16 * MB)
    assert any("it would be refused" in warning for warning in told.warnings)
    assert dry_run(tmp_path / "old.zarr", tmp_path / "new.ome.zarr").warnings == ()
    convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr", budget_bytes=64 * MB)
    assert np.array_equal(pixels_of(tmp_path / "new.ome.zarr")[0, 0], data)


def test_the_bytes_do_not_depend_on_the_budget(tmp_path: Path) -> None:
    data = np.random.default_rng(1).integers(0, 99, (40, 300, 300)).astype("<u2")
    np.save(tmp_path / "a.npy", data)
    files = []
    for name, budget in (("small", 40 * MB), ("large", 1024 * MB)):
        new = tmp_path / f"{name}.ome.zarr"
        convert(tmp_path / "a.npy", new, Wishes(axes="zyx"), budget_bytes=budget)
        chunks = [file for file in sorted(new.glob("A/**/c/**/*")) if file.is_file()]
        files.append({file.relative_to(new): file.read_bytes() for file in chunks})
    assert files[0] == files[1]
