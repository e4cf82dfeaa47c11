"""A deep check finds a flipped bit wherever it is in a shard, in any codec and format."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
import pyarrow.parquet as pq
import pytest
import zarr
from foreign_stores import write_image
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_recordings import grid, plane_of, put_all, spec_of

from parfocal.store import Recording, check
from parfocal.store._check_pixels import check_array, decode_array
from parfocal.store._check_record import Expected
from parfocal.store._ngff import find_images

PLANNED = grid(t=2, c=2, z=3)
ARRAY = "A/1/0/0"


@pytest.fixture(scope="module", params=["lz4", "zstd", "none"])
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("deep") / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(PLANNED), codec=request.param)
    put_all(recording, PLANNED)
    recording.close()
    return path


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_bit_flip_in_any_byte_of_a_shard_is_found(recorded: Path, data: st.DataObject) -> None:
    shards = sorted(file for file in (recorded / ARRAY / "c").rglob("*") if file.is_file())
    shard = data.draw(st.sampled_from(shards))
    whole = shard.read_bytes()
    # the last bytes are the index, small beside the chunks
    last = st.integers(max(0, len(whole) - 60), len(whole) - 1)
    place = data.draw(st.integers(0, len(whole) - 1) | last)
    altered = bytearray(whole)
    altered[place] ^= 1 << data.draw(st.integers(0, 7))
    shard.write_bytes(altered)
    try:
        named = _rules(recorded)
    finally:
        shard.write_bytes(whole)
    assert named & {"shard-truncated", "chunk-unreadable"}
    assert not _rules(recorded)


def test_an_altered_index_is_found_without_decoding(recorded: Path, tmp_path: Path) -> None:
    path = Path(shutil.copytree(recorded, tmp_path / "cells.ome.zarr"))
    shard = path / ARRAY / "c/0/0/0/0/0"
    altered = bytearray(shard.read_bytes())
    altered[-12] ^= 1  # the low byte of the last chunk's length: still inside the file
    shard.write_bytes(altered)
    (found,) = [found for found in check(path).findings if found.rule == "shard-truncated"]
    assert (found.path, found.severity) == (f"{ARRAY}/c/0/0/0/0/0", "error")
    assert "checksum" in found.message


def _rules(root: Path) -> set[str]:
    """What the array's own checks say, since the rest takes 0.1 s and knows nothing of chunks."""
    (image,) = find_images(root)
    said = [
        *check_array(root, ARRAY, image, Expected("error")),
        *decode_array(root, ARRAY),
    ]
    return {found.rule for found in said}


def test_every_damaged_shard_is_named_once(recorded: Path, tmp_path: Path) -> None:
    path = Path(shutil.copytree(recorded, tmp_path / "cells.ome.zarr"))
    shards = sorted(file for file in (path / ARRAY / "c").rglob("*") if file.is_file())
    assert len(shards) > 1
    for shard in shards:
        altered = bytearray(shard.read_bytes())
        altered[3] ^= 4
        shard.write_bytes(altered)
    report = check(path, deep=True)
    named = [found.path for found in report.findings if found.rule == "chunk-unreadable"]
    assert named == [shard.relative_to(path).as_posix() for shard in shards]


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_a_chunk_of_another_program_that_cannot_be_decoded_is_named(
    tmp_path: Path, version: str
) -> None:
    path = tmp_path / "image.zarr"
    write_image(path, version=version)
    assert not [found for found in check(path, deep=True).findings if found.severity == "error"]
    chunk = path / ("0/c/0/0/0/0" if version == "0.5" else "0/0.0.0.0")
    chunk.write_bytes(chunk.read_bytes()[:-3])
    assert check(path).ok
    (found,) = [found for found in check(path, deep=True).findings if found.severity == "error"]
    assert (found.rule, found.path) == ("chunk-unreadable", chunk.relative_to(path).as_posix())


def test_an_index_that_points_outside_its_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "image.zarr"
    write_image(path, levels=1)
    shutil.rmtree(path / "0")
    from zarr.codecs import BytesCodec, ShardingCodec

    codec: Any = ShardingCodec(chunk_shape=(1, 1, 8, 6), index_codecs=[BytesCodec()])
    array = zarr.open_group(path).create_array(
        "0",
        shape=(2, 3, 16, 12),
        chunks=(2, 3, 16, 12),
        dtype="uint16",
        serializer=codec,
        compressors=None,
        dimension_names=["c", "z", "y", "x"],
    )
    array[:] = np.ones(array.shape, array.dtype)
    assert check(path, deep=True).findings == ()
    shard = path / "0/c/0/0/0/0"
    whole = shard.read_bytes()
    for place in (-9, -1):  # the high bytes of the last offset and of the last length
        altered = bytearray(whole)
        altered[place] ^= 0x40
        shard.write_bytes(altered)
        (found,) = check(path).findings
        assert (found.rule, found.path) == ("shard-truncated", "0/c/0/0/0/0")
        assert "outside the file" in found.message


def test_sound_shards_in_the_wrong_places_are_found_by_their_frames(
    recorded: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copytree(recorded, tmp_path / "cells.ome.zarr"))
    first, second = path / ARRAY / "c/0/0/0/0/0", path / ARRAY / "c/1/1/0/0/0"
    first.rename(path / "between")
    second.rename(first)
    (path / "between").rename(second)
    found = {finding.rule: finding for finding in check(path, deep=True).findings}
    assert set(found) == {"frame-pixels"}
    assert "t=0 p=0 c=0 z=0, frame t=0 p=0 c=0 z=1" in found["frame-pixels"].message
    assert "and 3 more" in found["frame-pixels"].message
    assert check(path).ok  # its checksums go with it


def test_the_checksum_of_a_frame_is_that_of_what_came(recorded: Path) -> None:
    rows = pq.read_table(recorded / "parfocal/run/frames.parquet").to_pylist()
    assert len(rows) == len(PLANNED)
    for row in rows:
        plane = plane_of((row["t"], row["p"], row["c"], row["z"]))
        assert row["crc32c"] == google_crc32c.value(plane)
