"""A store is made where it was asked for or not at all, and an old one is kept until the end."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from store_recordings import grid, plane_of, put_all, spec_of

from parfocal.store import Recording, StoreError, StoreReader, check, info
from parfocal.store._layout import journal_path

PLANNED = grid(t=2, z=2)
BIG = (512, 512)


def record(path: Path, **options: Any) -> Recording:
    recording = Recording.create(path, spec_of(PLANNED), **options)
    put_all(recording, PLANNED)
    return recording


def test_a_path_with_two_dots_is_recorded_read_and_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to("elsewhere/deep")
    for start, path in {"elsewhere": "../a.ome.zarr", ".": "link/../b.ome.zarr"}.items():
        monkeypatch.chdir(tmp_path / start)
        record(Path(path)).close()
        assert info(path).acquired == len(PLANNED)
        assert check(path, deep=True).ok
        np.testing.assert_array_equal(StoreReader(path).plane(PLANNED[0]), plane_of(PLANNED[0]))
    assert (tmp_path / "a.ome.zarr").is_dir()
    assert (tmp_path / "elsewhere" / "b.ome.zarr").is_dir()  # above where the link leads


def test_an_existing_store_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "cells.ome.zarr"
    record(path).close()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(StoreError, match=r"cells\.ome\.zarr exists already"):
        Recording.create(path, spec_of(PLANNED))
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_that_is_no_store_is_never_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter.txt").write_text("years of work")
    with pytest.raises(StoreError, match="is no OME-Zarr store"):
        Recording.create(folder, spec_of(PLANNED), overwrite=True)
    assert [child.name for child in tmp_path.rglob("*")] == ["thesis", "chapter.txt"]


def test_the_old_store_stays_until_the_new_one_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "cells.ome.zarr"
    record(path).close("completed", "the first")
    second = record(path, overwrite=True)
    assert second.path != path
    assert info(path).reason == "the first"
    second.close("completed", "the second")
    assert second.path == path
    assert info(path).reason == "the second"
    assert [child.name for child in tmp_path.iterdir()] == [path.name]
    np.testing.assert_array_equal(second.get((1, 0, 0, 1)), plane_of((1, 0, 0, 1)))


def test_an_interrupted_overwrite_keeps_both(tmp_path: Path) -> None:
    path = tmp_path / "cells.ome.zarr"
    record(path).close("completed", "the first")
    second = record(path, overwrite=True)
    second.close("interrupted", "stopped")
    assert info(path).reason == "the first"
    assert info(second.path).reason == "stopped"
    assert second.path.name == "cells.replacing.ome.zarr"


def test_what_misses_planes_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "cells.ome.zarr"
    record(path).close("completed", "the first")
    second = Recording.create(path, spec_of(PLANNED), overwrite=True)
    put_all(second, PLANNED[:-1])
    second.skip(PLANNED[-1], "the camera delivered no frame")
    second.close("completed")
    assert info(path).reason == "the first"
    assert (info(second.path).state, info(second.path).missing) == ("completed", 1)


@pytest.mark.parametrize("parent", ["a file", "missing/below/a file"])
def test_a_place_that_cannot_be_is_refused_with_a_sentence(tmp_path: Path, parent: str) -> None:
    (tmp_path / "a file").write_text("")
    (tmp_path / "missing").mkdir()
    (tmp_path / "missing" / "below").write_text("")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(StoreError, match=r"cells\.ome\.zarr cannot be created: Not a directory"):
        Recording.create(tmp_path / parent / "cells.ome.zarr", spec_of(PLANNED))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"voxel_um": (1.0, 0.0, 1.0)}, "voxel size or time step that is not above zero"),
        ({"voxel_um": (1.0, float("nan"), 1.0)}, "voxel size or time step"),
        ({"due_s": [0.0]}, "has 1 due times for 4 planes"),
        ({"fields": []}, "plans a field beyond its 0"),
        ({"channels": []}, "plans a channel beyond its 0"),
        ({"dtype": "complex64"}, "pixels of type complex64"),
        ({"dtype": "bool"}, "pixels of type bool"),
        ({"plane_shape": (0, 5)}, r"planes of shape \(0, 5\)"),
        ({"planned": [*PLANNED[:3], PLANNED[0]]}, "plans a plane twice"),
        ({"planned": [], "due_s": []}, "has no plane to record"),
        ({"planned": [(0, 0, 0, -1)], "due_s": [0.0]}, "negative index"),
    ],
)
def test_a_senseless_recording_is_refused_before_the_disk(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    from dataclasses import replace

    with pytest.raises(StoreError, match=sentence):
        Recording.create(tmp_path / "cells.ome.zarr", replace(spec_of(PLANNED), **changes))
    with pytest.raises(StoreError, match="asks for the codec 'jpeg'"):
        Recording.create(tmp_path / "cells.ome.zarr", spec_of(PLANNED), codec="jpeg")  # type: ignore[arg-type]  # what a settings file may hold
    with pytest.raises(StoreError, match="less than one plane"):
        Recording.create(tmp_path / "cells.ome.zarr", spec_of(PLANNED), budget_bytes=10)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.decode()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_told_and_what_came_before_is_readable(small_disk: Path) -> None:
    path = small_disk / "cells.ome.zarr"
    planned = grid(t=40, z=1)
    spec = spec_of(planned, shape=BIG, due=[index[0] * 60.0 for index in planned])
    noise = np.random.default_rng(0)
    planes = [noise.integers(0, 65535, BIG).astype("uint16") for _ in planned]
    recording = Recording.create(path, spec, budget_bytes=2**20)
    told = None
    try:
        for index, plane in zip(planned, planes, strict=True):
            recording.wait_for_room([index])
            recording.put(index, plane)
    except StoreError as problem:
        told = str(problem)
    assert told is not None
    assert str(path) in told
    assert "the disk is full" in told
    assert recording.status().error == told
    kept = recording.committed()
    assert 0 < len(kept) < len(planned)
    # the last words may not fit on that disk either; they are lost aloud, and the journal stays
    last_words = ""
    try:
        recording.close("interrupted", "the disk is full")
    except StoreError as problem:
        last_words = str(problem)
    assert journal_path(path).exists() == ("its end could not be written" in last_words)
    found = info(path)
    assert found.state == "interrupted"
    assert found.acquired <= len(kept) + 1
    reader = StoreReader(path)
    for index in kept:
        np.testing.assert_array_equal(reader.plane(index), planes[index[0]])
