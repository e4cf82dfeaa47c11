"""The older store to try migrating on is one of Zarr v2 to others, and nothing is overwritten."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import zarr

from convert.zarr_stores import pixels_of
from parfocal import ParfocalError
from parfocal.__main__ import main
from parfocal.cli._old_store import write_old_store
from parfocal.convert import convert


def test_the_older_store_is_read_by_others_and_migrated_as_one_of_unknown_size(
    tmp_path: Path,
) -> None:
    old, new = tmp_path / "scan.zarr", tmp_path / "new.ome.zarr"
    write_old_store(old)
    root = zarr.open_group(old, mode="r")
    assert root.metadata.zarr_format == 2
    pixels = root["data"][:]
    assert pixels.shape == (2, 2, 2, 3, 256, 256)
    assert pixels.std() > 20  # cells
    report = convert(old, new)
    assert [each["action"] for each in report.arrays] == ["repack"] * 4
    assert report.guessed == ("nobody says how large a voxel is: 1 × 1 × 1 µm was taken",)
    assert report.warnings == ()
    for field in range(2):
        assert np.array_equal(pixels_of(new, field), pixels[:, field])
    with pytest.raises(ParfocalError, match=r"scan\.zarr is there already"):
        write_old_store(old)


def test_what_it_would_not_do_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    old = ["demo", "--old-store", "old/scan.zarr"]
    assert main([*old, "-o", "here", "--viewer-shot", "a.png"]) == 1
    assert main(old) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first == (
        "parfocal: --old-store makes old/scan.zarr and nothing else: leave out -o and --viewer-shot"
    )
    assert second == (
        f"parfocal: the folder {tmp_path / 'old'} for the store does not exist; make it first"
    )
    assert list(tmp_path.iterdir()) == []
