"""A disk that is full ends a conversion with a sentence, harms nothing, and is gone on with."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from disks import fill, small_disk
from zarr_stores import COMPRESSORS, write_volume, written

from parfocal.convert import ConvertError, convert
from parfocal.convert._zarr_source import tree_identity

pytestmark = pytest.mark.usefixtures("small_shards")


@pytest.fixture
def disk() -> Iterator[Path]:
    with small_disk("4m") as folder:
        yield folder


@pytest.mark.parametrize("codec", ["blosc-lz4", "bz2"])
@pytest.mark.parametrize("leave", [0, 10_000, 250_000])
def test_a_full_disk_is_one_sentence_and_the_same_call_goes_on(
    codec: str, leave: int, disk: Path, tmp_path: Path
) -> None:
    write_volume(tmp_path / "old.zarr", compressors=COMPRESSORS[codec])
    convert(tmp_path / "old.zarr", tmp_path / "whole.ome.zarr")
    whole, untouched = written(tmp_path / "whole.ome.zarr"), tree_identity(tmp_path / "old.zarr")
    new = disk / "new.ome.zarr"
    write_volume(tmp_path / "older.zarr", compressors=COMPRESSORS["zstd"])
    convert(tmp_path / "older.zarr", new)
    before = written(new)
    fill(disk, leave)
    with pytest.raises(ConvertError, match=r"cannot be written: .*[Nn]o space") as said:
        convert(tmp_path / "old.zarr", new, overwrite=True)
    assert "\n" not in str(said.value)
    assert written(new) == before
    assert tree_identity(tmp_path / "old.zarr") == untouched
    (disk / "filler").unlink()
    convert(tmp_path / "old.zarr", new, overwrite=True)
    assert written(new) == whole
    assert not [path for path in disk.iterdir() if ".partial-" in path.name]


@pytest.mark.parametrize("room", [27, 75, 111])
def test_a_disk_that_takes_no_more_files_is_one_sentence(room: int, tmp_path: Path) -> None:
    """Within a shard, and while what is said of all of them is written."""
    write_volume(tmp_path / "old.zarr")
    with small_disk("8m", f"nr_inodes={room}") as disk:
        with pytest.raises(ConvertError, match=r"cannot be written: .*[Nn]o space") as said:
            convert(tmp_path / "old.zarr", disk / "new.ome.zarr")
        assert "\n" not in str(said.value)


def test_the_verb_says_so_without_a_traceback(disk: Path, tmp_path: Path) -> None:
    write_volume(tmp_path / "old.zarr")
    shutil.copytree(tmp_path / "old.zarr", disk / "old.zarr")
    fill(disk, 100_000)
    command = ["migrate", str(disk / "old.zarr"), "-o", str(disk / "new.ome.zarr")]
    done = subprocess.run(
        [sys.executable, "-m", "parfocal", *command],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "space" in done.stderr
