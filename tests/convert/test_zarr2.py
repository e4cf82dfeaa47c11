"""Every way in which Zarr v2 encodes an array comes over with the right pixels."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import zarr
from zarr_stores import (
    REPACKED,
    Way,
    every_way,
    multiscales,
    pixels_of,
    some_ways,
    write_series,
    write_volume,
)

from parfocal.convert import ConvertError, convert, dry_run
from parfocal.store import check, info
from parfocal.store._shard_index import locate_chunks, read_sharding


def test_each_order_endian_and_codec_with_every_separator_and_fill_value_by_turns(
    tmp_path: Path,
) -> None:
    ways = some_ways()
    assert {(way.separator, str(way.fill)) for way in ways} == {
        (separator, fill) for separator in "./" for fill in ("0", "1", "None", "nan")
    }
    comes_over(tmp_path, ways)


@pytest.mark.soak
def test_every_order_endian_codec_separator_and_fill_value(tmp_path: Path) -> None:
    comes_over(tmp_path, list(every_way()))


def comes_over(tmp_path: Path, ways: list[Way]) -> None:
    expected = write_series(tmp_path / "old.zarr", ways)
    report = convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr")
    actions = [each["action"] for each in report.arrays]
    assert actions == ["repack" if way.compressor in REPACKED else "transcode" for way in ways]
    for number, known in enumerate(expected):
        found = pixels_of(tmp_path / "new.ome.zarr", number)
        assert np.array_equal(found, known, equal_nan=known.dtype.kind == "f"), ways[number]
    assert check(tmp_path / "new.ome.zarr", deep=True).ok
    assert info(tmp_path / "new.ome.zarr").voxel_size_um == (2.0, 0.5, 0.5)


@pytest.mark.parametrize("compressor", ["blosc-lz4", "zstd", "none"])
def test_a_repacked_chunk_is_the_sources_byte_for_byte(tmp_path: Path, compressor: str) -> None:
    way = Way("F", ">", compressor, ".", 0)
    write_series(tmp_path / "old.zarr", [way])
    convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr")
    array = tmp_path / "new.ome.zarr" / "A/1/0/0"
    sharding = read_sharding(zarr.open_array(array, mode="r").metadata.to_dict())
    assert sharding is not None
    source = {
        file.read_bytes() for file in (tmp_path / "old.zarr/0/0").iterdir() if file.name[0] != "."
    }
    taken = set()
    for file in (array / "c").rglob("*"):
        if file.is_file():
            found, problem = locate_chunks(file, sharding)
            assert found is not None, problem
            raw = file.read_bytes()
            taken |= {raw[start : start + length - 4] for _, start, length in found.tolist()}
    assert taken == source


def test_chunks_that_are_not_there_stay_away(tmp_path: Path) -> None:
    data = np.zeros((4, 1, 1, 64, 64), "u2")
    group = zarr.open_group(tmp_path / "old.zarr", mode="w", zarr_format=2)
    array = group.create_array("0", data=data, chunks=(1, 1, 1, 32, 32), overwrite=True)
    assert array.nchunks_initialized == 0
    data[2, 0, 0, :10, :10] = 5
    array[:] = data
    group.attrs["multiscales"] = multiscales("tczyx")
    convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr")
    new = tmp_path / "new.ome.zarr"
    assert np.array_equal(pixels_of(new), data)
    facts = info(new)
    assert (facts.state, facts.planned, facts.acquired) == ("completed", 4, 4)
    assert check(new).ok


@pytest.mark.parametrize("harm", ["cut short", "overwritten", "of another size", "empty"])
@pytest.mark.parametrize("compressor", ["blosc-lz4", "blosc-zstd", "zstd", "gzip", "none", "lz4"])
def test_a_damaged_chunk_is_named_and_nothing_is_kept(
    tmp_path: Path, compressor: str, harm: str
) -> None:
    write_series(tmp_path / "old.zarr", [Way("C", "<", compressor, ".", 0)])
    chunk = tmp_path / "old.zarr/0/0/0.1.1.0.1"
    raw = chunk.read_bytes()
    other = {
        "cut short": raw[: len(raw) // 2],
        "overwritten": b"\x07" * 20,
        "of another size": struct.pack("<I", 9) + raw,
        "empty": b"",
    }
    chunk.write_bytes(other[harm])
    with pytest.raises(ConvertError, match=r"0\.1\.1\.0\.1"):
        convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.zarr"]


def test_a_dry_run_says_what_becomes_of_each_array_and_writes_nothing(tmp_path: Path) -> None:
    ways = [Way("C", "<", "blosc-lz4", ".", 0), Way("C", "<", "bz2", ".", 0)]
    write_series(tmp_path / "old.zarr", ways)
    report = dry_run(tmp_path / "old.zarr", tmp_path / "new.ome.zarr").as_json()
    assert [each["action"] for each in report["arrays"]] == ["repack", "transcode"]
    assert "bz2" in report["arrays"][1]["reason"]
    assert (report["dry_run"], report["verified"]) == (True, False)
    assert report["bytes"] == 2 * 2 * (2 * 3 * 20 * 40)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.zarr"]


def test_the_source_is_not_touched(tmp_path: Path) -> None:
    from parfocal.convert._zarr_source import tree_identity

    write_volume(tmp_path / "old.zarr")
    before = tree_identity(tmp_path / "old.zarr")
    convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr")
    assert tree_identity(tmp_path / "old.zarr") == before
