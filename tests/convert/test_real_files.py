"""Files that nobody here wrote come over equal to what others read of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
import zarr
from zarr_stores import pixels_of

from parfocal.convert import convert
from parfocal.store import check, info

SHARED = Path(__file__).parents[2].parent / "shared" / "data"


@pytest.fixture(scope="module")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f"the real files are not at {SHARED}")
    return SHARED


@pytest.mark.parametrize(
    ("folder", "inside", "channels"),
    [
        ("12_bit_pycromanager_mda", "", ("DAPI", "FITC")),
        ("ndtiffv2.0_test", "Full resolution", ("channel 0", "channel 1")),
    ],
)
def test_ndtiff_equals_what_tifffile_reads(
    shared: Path, tmp_path: Path, folder: str, inside: str, channels: tuple[str, ...]
) -> None:
    source = shared / "ndtiff" / folder
    convert(source, tmp_path / "n.ome.zarr")
    (file,) = (source / inside).glob("*.tif")
    reference = tifffile.imread(file)
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr")[:, :, 0], reference)
    facts = info(tmp_path / "n.ome.zarr")
    assert facts.channels == channels
    assert facts.voxel_size_um == (1.0, 1.0, 1.0)  # it says PixelSize_um 1, and no step
    assert check(tmp_path / "n.ome.zarr", deep=True).ok


def test_a_truncated_last_file_is_told_and_its_frames_are_missing(
    shared: Path, tmp_path: Path
) -> None:
    shutil.copytree(shared / "ndtiff" / "12_bit_pycromanager_mda", tmp_path / "cut")
    (file,) = (tmp_path / "cut").glob("*.tif")
    file.chmod(0o644)
    raw = file.read_bytes()
    file.unlink()
    file.write_bytes(raw[:-9000])
    report = convert(tmp_path / "cut", tmp_path / "n.ome.zarr")
    assert "missing of position 0: 1 frame, cut off a file's end" in report.warnings
    facts = info(tmp_path / "n.ome.zarr")
    assert (facts.planned, facts.acquired) == (8, 7)
    file.with_name("NDTiff.index").chmod(0o644)
    index = file.with_name("NDTiff.index").read_bytes()
    file.with_name("NDTiff.index").write_bytes(index[:-7])
    report = convert(tmp_path / "cut", tmp_path / "m.ome.zarr")
    assert any("index was cut short" in warning for warning in report.warnings)
    assert info(tmp_path / "m.ome.zarr").acquired == 7


def test_ngff_04_equals_what_zarr_reads(shared: Path, tmp_path: Path) -> None:
    source = shared / "ngff04" / "2d.zarr"
    reference = np.asarray(zarr.open_array(source / "0", mode="r")[:])
    report = convert(source, tmp_path / "n.ome.zarr")
    found = pixels_of(tmp_path / "n.ome.zarr")
    assert np.array_equal(found.reshape(reference.shape), reference)
    assert {each["action"] for each in report.arrays} == {"repack"}
    assert check(tmp_path / "n.ome.zarr", deep=True).ok
