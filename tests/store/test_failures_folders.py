"""A folder that cannot be written, goes away or never was: a sentence, and nothing left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from disks import fill, small_disk
from store_recordings import SHAPE, grid, plane_of, put_all, spec_of

from parfocal.store import Recording, StoreError, StoreReader, check, info

PLANNED = grid(t=12, z=2)
FEW = 4 * SHAPE[0] * SHAPE[1] * 2


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach; pytest's own are for one user only."""
    folder = Path(tempfile.mkdtemp(prefix="parfocal-tests-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


# root is asked for no permission, so these are tried as a user that owns nothing
AS_NOBODY = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from store_recordings import SHAPE, grid, put_all, spec_of
from parfocal.store import Recording, StoreError
# what is imported late is out of reach for a user without rights
warm = Recording.create(Path(sys.argv[3]) / "warm.ome.zarr", spec_of(grid()))
put_all(warm, grid())
warm.close()
os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
path, planned, said = Path(sys.argv[2]), grid(t=12, z=2), []
try:
    recording = Recording.create(path, spec_of(planned), budget_bytes=4 * SHAPE[0] * SHAPE[1] * 2)
    put_all(recording, planned[:2])
    while not recording.committed():
        pass
    for folder in [path, *path.rglob("*")]:
        if folder.is_dir():
            folder.chmod(0o555)
    for number, index in enumerate(planned[2:]):
        put_all(recording, [index])
except StoreError as problem:
    said.append(str(problem))
try:
    recording.close("interrupted")
except NameError:
    pass
except StoreError as problem:
    said.append(str(problem))
finally:
    for folder in [path, *path.rglob("*")]:
        if folder.is_dir():
            folder.chmod(0o755)
print(*said, sep="\\n")
"""


def as_nobody(path: Path, elsewhere: Path) -> list[str]:
    """What a user without any rights is told when they record here."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("becoming another user needs root on Linux")
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(Path(__file__).parent), str(path), str(elsewhere)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_folder_of_somebody_else_is_refused(open_folder: Path, tmp_path: Path) -> None:
    open_folder.chmod(0o755)
    path = open_folder / "cells.ome.zarr"
    (said,) = as_nobody(path, tmp_path)
    assert said == f"{path} cannot be created: Permission denied"
    (said,) = as_nobody(open_folder / "new" / "cells.ome.zarr", tmp_path / "b")
    assert said.endswith("cannot be created: Permission denied")
    assert list(open_folder.iterdir()) == []


def test_a_store_that_becomes_read_only_fails_within_a_shard(
    open_folder: Path, tmp_path: Path
) -> None:
    path = open_folder / "cells.ome.zarr"
    during, ending = as_nobody(path, tmp_path)
    assert during.startswith(f"{path} cannot be written: PERMISSION_DENIED")
    assert ending.startswith(f"{path}: its end could not be written: ")
    found = info(path)
    # the process is gone, its last words could not be written: the journal still tells
    assert (found.state, found.acquired, found.missing) == ("interrupted", 2, len(PLANNED) - 2)
    np.testing.assert_array_equal(StoreReader(path).plane(PLANNED[1]), plane_of(PLANNED[1]))


def vanish(path: Path) -> None:
    """Somebody deletes the store."""
    shutil.rmtree(path)


def vanish_with_its_parent(path: Path) -> None:
    """Somebody moves the folder above."""
    path.parent.rename(path.parent.with_name("elsewhere"))


def become_a_file(path: Path) -> None:
    """Somebody puts a file in its place."""
    path.rename(path.with_name("moved.ome.zarr"))
    path.write_text("not a store")


@pytest.mark.parametrize("happen", [vanish, vanish_with_its_parent, become_a_file])
def test_a_store_that_goes_away_is_said_within_a_shard(
    tmp_path: Path, happen: Callable[[Path], None]
) -> None:
    path = tmp_path / "data" / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(PLANNED), budget_bytes=FEW)
    put_all(recording, PLANNED[:2])
    while not recording.committed():
        pass
    happen(path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(StoreError, match="was moved or deleted while it was being recorded"):
        put_all(recording, PLANNED[2:])
    with pytest.raises(StoreError, match="was moved or deleted while it was being recorded"):
        recording.close("interrupted")
    # nothing is begun anew in its place; only the journal beside it may go
    assert set(tmp_path.rglob("*")) <= set(before)


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link.ome.zarr").symlink_to("nowhere")
    (tmp_path / "folder").symlink_to("nowhere")
    (tmp_path / "circle").symlink_to("circle")
    before = sorted(tmp_path.rglob("*"))
    for path, overwrite, sentence in (
        (tmp_path / "link.ome.zarr", False, "exists already"),
        (tmp_path / "link.ome.zarr", True, "is no OME-Zarr store, so it is not overwritten"),
        (tmp_path / "folder" / "cells.ome.zarr", False, "cannot be created"),
        (tmp_path / "circle" / "cells.ome.zarr", False, "cannot be created"),
    ):
        with pytest.raises(StoreError, match=sentence) as refused:
            Recording.create(path, spec_of(PLANNED), overwrite=overwrite)
        assert str(path) in str(refused.value)
    assert sorted(tmp_path.rglob("*")) == before


def record(path: Path) -> str:
    """Record everything; the sentence that was told, or nothing."""
    recording = None
    try:
        recording = Recording.create(path, spec_of(PLANNED[:4]))
        put_all(recording, PLANNED[:4])
        recording.close()
    except StoreError as problem:
        return str(problem)
    assert check(path, deep=True).ok
    assert info(path).missing == 0
    return ""


@pytest.mark.parametrize("length", [200, 246, 247, 248, 255, 256, 400])
def test_a_name_of_any_length_is_taken_or_refused(tmp_path: Path, length: int) -> None:
    path = tmp_path / ("x" * (length - len(".ome.zarr")) + ".ome.zarr")
    said = record(path)
    assert ("File name too long" in said) == bool(said) == (length > 247)
    assert [entry.name for entry in tmp_path.iterdir()] == ([] if said else [path.name])


@pytest.mark.parametrize("short_of_the_limit", [60, 44, 42, 40, 38, 36, 34, 32, 30, 25, 20, 5, -10])
def test_a_path_of_any_length_is_taken_or_refused(tmp_path: Path, short_of_the_limit: int) -> None:
    """The system takes 4,095 bytes; the files inside a store need some of them."""
    wanted = 4095 - short_of_the_limit - len(os.fsencode(tmp_path)) - len("/a.ome.zarr")
    path = tmp_path.joinpath(*["d" * 99] * (wanted // 100), "e" * (wanted % 100), "a.ome.zarr")
    said = record(path)
    assert said or short_of_the_limit > 5
    assert not said or short_of_the_limit < 60
    if said:
        assert "too long" in said.lower()
    if "cannot be created" in said:
        assert list(tmp_path.iterdir()) == []


def made_and_closed(path: Path) -> str:
    """What is said when a recording is made here; where it is made, it can also be ended."""
    try:
        recording = Recording.create(path, spec_of(PLANNED))
    except StoreError as problem:
        said = str(problem)
    else:
        recording.close("interrupted")
        assert (info(path).state, info(path).acquired) == ("interrupted", 0)
        return ""
    assert f"{path} cannot be created: the disk is full" in said
    return said


@pytest.mark.parametrize("left", [0, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 160, 200, 400])
def test_a_store_is_made_whole_or_not_at_all_on_a_nearly_full_disk(
    tmp_path: Path, left: int
) -> None:
    with small_disk("1m") as disk:
        fill(disk, left * 1024)
        path = disk / "new" / "cells.ome.zarr"
        said = made_and_closed(path)
        assert said or left > 100
        assert not said or left < 400
        if said:
            assert [entry.name for entry in disk.iterdir()] == ["filler"]


@pytest.mark.parametrize("entries", [4, 8, 12, 16, 20, 24, 28, 40, 80])
def test_a_store_is_made_whole_or_not_at_all_with_few_entries_left(
    tmp_path: Path, entries: int
) -> None:
    with small_disk("4m", f"nr_inodes={entries}") as disk:
        path = disk / "new" / "cells.ome.zarr"
        said = made_and_closed(path)
        assert said or entries > 20
        assert not said or entries < 80
        if said:
            assert list(disk.iterdir()) == []


@pytest.mark.parametrize("problem", [KeyboardInterrupt, TypeError, MemoryError])
@pytest.mark.parametrize("spool", [False, True])
def test_a_creation_that_is_interrupted_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: type[BaseException], spool: bool
) -> None:
    def warm(*_: object) -> None:
        raise problem

    monkeypatch.setattr("parfocal.store._shards.BufferPool.warm", warm)
    expected = StoreError if problem is MemoryError else problem
    with pytest.raises(expected):
        Recording.create(tmp_path / "new/cells.ome.zarr", spec_of(PLANNED), spool=spool)
    assert list(tmp_path.iterdir()) == []


def test_what_a_store_that_is_gone_left_beside_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "cells.ome.zarr"
    for overwrite in (False, True):
        name = "cells.replacing" if overwrite else "cells"
        (tmp_path / f"{name}.ome.zarr.journal").write_text('{"journal":1}\n')
        (tmp_path / f"{name}.ome.zarr.spool").mkdir()
        recording = Recording.create(path, spec_of(grid()), overwrite=overwrite, spool=overwrite)
        put_all(recording, grid())
        recording.close()
        assert list(tmp_path.iterdir()) == [path]
