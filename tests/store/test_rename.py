"""A store gets another name in one step, with what is named after it, or nothing is changed."""

from __future__ import annotations

import fcntl
import json
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import pytest
from store_recordings import grid, plane_of, spec_of

from parfocal.store import Recording, StoreError, check, info, rename_store, write_table


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(grid(t=2)))
    for index in grid(t=2):
        recording.put(index, plane_of(index))
    recording.close()
    return path


def names(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


def test_what_is_named_after_it_goes_along_and_the_store_is_as_it_was(store: Path) -> None:
    write_table(store, "notes", [{"a": 1}])
    quarantine = store.with_name(f"{store.name}.quarantine")
    previous = store.with_name(f".{store.name}.previous-1")
    for one in (quarantine, previous):
        one.mkdir()
    new = rename_store(store, "drug 2", [previous])
    assert new == store.with_name("drug 2.ome.zarr")
    assert names(store.parent) == {
        "drug 2.ome.zarr",
        "drug 2.ome.zarr.quarantine",
        ".drug 2.ome.zarr.previous-1",
    }
    assert (info(new).state, info(new).acquired) == ("completed", 2)
    assert check(new, deep=True).ok
    assert rename_store(new, "cells.ome.zarr", []) == store  # an ending that was typed is none
    assert rename_store(store, "cells") == store
    other_case = rename_store(store, "Cells")  # it stands in nobody's way but its own
    assert names(store.parent) >= {"Cells.ome.zarr", "Cells.ome.zarr.quarantine"}
    assert other_case.name == "Cells.ome.zarr"


@contextmanager
def changed(store: Path) -> Iterator[None]:
    write_table(store, "notes", [{"a": 1}])
    with (store / "parfocal/lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def replaced(store: Path) -> Iterator[None]:
    recording = Recording.create(store, spec_of(grid(t=2)), overwrite=True)
    yield
    recording.close("interrupted")


@contextmanager
def killed(store: Path) -> Iterator[None]:
    journal = store.with_name(f"{store.name}.journal")
    told = {"journal": 1, "pid": 2**30, "process_started": 1.0, "host": socket.gethostname()}
    journal.write_text(json.dumps(told) + "\n")
    yield


@contextmanager
def taken(store: Path) -> Iterator[None]:
    store.with_name("new.ome.zarr").mkdir()
    yield


@contextmanager
def taken_beside(store: Path) -> Iterator[None]:
    for one in (store, store.with_name("new.ome.zarr")):
        one.with_name(f"{one.name}.quarantine").mkdir()
    yield


@contextmanager
def left_over(store: Path, name: str) -> Iterator[None]:
    store.with_name(name).write_text("of a store that is gone")
    yield


journal_left = partial(left_over, name="new.ome.zarr.journal")
previous_left = partial(left_over, name=".new.ome.zarr.previous-abc")


@pytest.mark.skipif(sys.platform == "win32", reason="its locks are others")
@pytest.mark.parametrize(
    ("how", "said"),
    [
        (changed, "is being changed by another program"),
        (replaced, "cells.replacing.ome.zarr is being recorded"),
        (killed, "recover it before"),
        (taken, "new.ome.zarr exists already"),
        (taken_beside, "new.ome.zarr.quarantine exists already"),
        (journal_left, "new.ome.zarr.journal exists already"),
        (previous_left, ".new.ome.zarr.previous-abc exists already"),
    ],
)
def test_what_is_refused_changes_nothing(
    how: Callable[[Path], AbstractContextManager[None]], said: str, store: Path
) -> None:
    with how(store):
        before = names(store.parent)
        with pytest.raises(StoreError, match=said):
            rename_store(store, "new")
        assert names(store.parent) == before


def test_a_recording_that_goes_on_keeps_its_name(tmp_path: Path) -> None:
    recording = Recording.create(tmp_path / "live.ome.zarr", spec_of(grid(t=2)))
    with pytest.raises(StoreError, match="is being recorded"):
        rename_store(recording.path, "new")
    recording.close("interrupted")
    assert rename_store(recording.path, "new").name == "new.ome.zarr"


def test_what_was_to_replace_it_and_was_stopped_is_a_store_of_its_own(store: Path) -> None:
    other = Recording.create(store, spec_of(grid(t=2)), overwrite=True)
    other.close("cancelled", "stopped by the operator")
    rename_store(store, "new")
    assert names(store.parent) == {"new.ome.zarr", "cells.replacing.ome.zarr"}


@pytest.mark.parametrize("name", ["", "  ", "a/b", "a:b", "../up", ".hidden", "con", "x" * 250])
def test_a_name_that_some_disk_does_not_take_is_refused(name: str, store: Path) -> None:
    with pytest.raises(StoreError, match="cannot be the name of a store"):
        rename_store(store, name)
    assert names(store.parent) == {store.name}


def test_what_is_no_store_is_not_renamed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(StoreError, match="is no Zarr store"):
        rename_store(tmp_path / "mine", "yours")


def test_a_rename_that_fails_midway_is_taken_back(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quarantine = store.with_name(f"{store.name}.quarantine")
    quarantine.mkdir()
    real = Path.rename

    def refusing(self: Path, target: Path) -> Path:
        if self == quarantine:
            raise PermissionError(13, "Permission denied")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", refusing)
    with pytest.raises(StoreError, match="cannot be renamed"):
        rename_store(store, "new")
    assert names(store.parent) == {store.name, quarantine.name}
