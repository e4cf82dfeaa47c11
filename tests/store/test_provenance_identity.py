"""The identity of a content is the same for equal pixels and another one for others."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorstore as ts
from foreign_stores import write_image
from store_recordings import grid, put_all, spec_of

from parfocal.store import Recording, StoreError, content_identity

PLANNED = grid(t=2, z=2)


def recorded(path: Path, codec: Any = "lz4") -> Path:
    recording = Recording.create(path, spec_of(PLANNED), codec=codec)
    put_all(recording, PLANNED)
    recording.close()
    return path


def change_a_pixel(array: Path) -> None:
    kvstore = {"driver": "file", "path": f"{array}/"}
    opened = ts.open({"driver": "zarr3", "kvstore": kvstore}, open=True).result()
    value = int(opened[0, 0, 0, 3, 3].read().result())
    opened[0, 0, 0, 3, 3] = np.uint16(value ^ 1)


@pytest.mark.parametrize("codec", ["lz4", "none"])
def test_equal_pixels_have_equal_names_and_one_pixel_changes_them(
    tmp_path: Path, codec: str
) -> None:
    one, two = recorded(tmp_path / "1.ome.zarr", codec), recorded(tmp_path / "2.ome.zarr", codec)
    for path in ("", "A/1/0", "A/1/0/0"):
        names = {content_identity(store, path, quick=q) for store in (one, two) for q in (0, 1)}
        assert len(names) == 1
    before = {path: content_identity(one, path) for path in ("", "A/1/0", "A/1/0/0")}
    change_a_pixel(one / "A/1/0/0")
    for path, name in before.items():
        assert content_identity(one, path) != name
        assert content_identity(one, path, quick=True) == content_identity(one, path)


@pytest.mark.parametrize("codec", ["lz4", "none"])
def test_any_flipped_bit_of_a_shard_changes_the_name(tmp_path: Path, codec: str) -> None:
    store = recorded(tmp_path / "cells.ome.zarr", codec)
    shard = next(file for file in (store / "A/1/0/0/c").rglob("*") if file.is_file())
    sound, before = shard.read_bytes(), content_identity(store, "A/1/0")
    random = np.random.default_rng(3)
    for place in [0, len(sound) - 1, *random.integers(0, len(sound), 40).tolist()]:
        flipped = bytearray(sound)
        flipped[place] ^= 1 << int(random.integers(8))
        shard.write_bytes(flipped)
        assert content_identity(store, "A/1/0") != before, place
    shard.write_bytes(sound)
    assert content_identity(store, "A/1/0") == before


def test_a_file_touched_since_is_not_believed(tmp_path: Path) -> None:
    store = recorded(tmp_path / "cells.ome.zarr", "none")
    before = content_identity(store, "A/1/0")
    shard = next(file for file in (store / "A/1/0/0/c").rglob("*") if file.is_file())
    told = time.time() - 5
    raw = bytearray(shard.read_bytes())
    raw[7] ^= 1
    shard.write_bytes(raw)
    assert content_identity(store, "A/1/0", quick=True) == before
    assert content_identity(store, "A/1/0", quick=True, touched_since=told) != before
    assert content_identity(store, "A/1/0", quick=True, touched_since=time.time() + 5) == before


def test_what_is_no_pixel_of_full_resolution_changes_nothing(tmp_path: Path) -> None:
    store = recorded(tmp_path / "cells.ome.zarr")
    before = content_identity(store, "A/1/0")
    write_image(store / "A/1/0/labels/cells")
    (store / "parfocal/tables").mkdir()
    assert content_identity(store, "A/1/0") == before
    copy = Path(shutil.copytree(store, tmp_path / "copy.ome.zarr"))
    assert content_identity(copy, "A/1/0") == before


def test_foreign_arrays_and_plain_files_have_names_too(tmp_path: Path) -> None:
    write_image(tmp_path / "old.zarr", version="0.4")
    write_image(tmp_path / "new.zarr")
    for name in ("old.zarr", "new.zarr"):
        before = content_identity(tmp_path / name, "", quick=True)
        files = [file for file in (tmp_path / name / "0").rglob("*") if file.name.strip("0.") == ""]
        chunk = next(file for file in files if file.is_file())
        chunk.write_bytes(chunk.read_bytes()[:-1] + b"?")
        assert content_identity(tmp_path / name, "", quick=True) != before
    (tmp_path / "new.zarr/notes").mkdir()
    (tmp_path / "new.zarr/notes/a.txt").write_text("a")
    before = content_identity(tmp_path / "new.zarr", "notes")
    (tmp_path / "new.zarr/notes/a.txt").write_text("b")
    assert content_identity(tmp_path / "new.zarr", "notes") != before


def test_what_is_not_there_has_no_name(tmp_path: Path) -> None:
    store = recorded(tmp_path / "cells.ome.zarr")
    with pytest.raises(StoreError, match="A/9/9"):
        content_identity(store, "A/9/9")
