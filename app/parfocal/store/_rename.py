"""Give a store another name, together with what lies beside it and is named after it."""

import glob
from collections.abc import Iterable
from pathlib import Path

from parfocal.store._errors import StoreError, cause
from parfocal.store._file_lock import is_locked
from parfocal.store._journal import read_journal
from parfocal.store._layout import (
    LOCK,
    is_store,
    quarantine_path,
    split_name,
    spool_path,
    whole_path,
)
from parfocal.store._results_names import accepted_name


def rename_store(store: Path | str, name: str, beside: Iterable[Path] = ()) -> Path:
    """Name it `name`, which needs no ending, and return where it is now.

    `beside` are more files and folders that bear its name and shall bear the new one. It is one
    rename in one folder: nothing in the store changes, and what is refused changes nothing.
    """
    root = whole_path(store)
    stem, suffix = split_name(root.name)
    wanted = accepted_name(name.removesuffix(suffix), "a store", root.parent, suffix=suffix)
    new = root.with_name(f"{wanted}{suffix}")
    if new == root:
        return root
    if new.exists() or new.is_symlink():
        raise StoreError(f"{new} exists already: choose another name")
    _refuse_while_written(root, stem, suffix)
    ours = [one for one in (quarantine_path(root), spool_path(root), *beside) if one.exists()]
    _move([(root, new), *((one, _follows(one, root, new)) for one in ours)])
    return new


def _refuse_while_written(root: Path, stem: str, suffix: str) -> None:
    if not is_store(root):
        raise StoreError(f"{root} is no Zarr store, so it is not renamed")
    # a recording that takes its place at the end finds it by its name
    for one in (root, *root.parent.glob(f"{glob.escape(stem)}.replacing*{suffix}")):
        story = read_journal(one)
        if story is not None and story.alive:
            raise StoreError(f"{one} is being recorded: rename {root.name} when that is over")
        if story is not None:
            raise StoreError(
                f"{one} was not closed by its recording: recover it before you rename {root.name}"
            )
    if (root / LOCK).exists() and is_locked(root / LOCK):
        raise StoreError(f"{root} is being changed by another program: wait for the end of that")


def _follows(one: Path, root: Path, new: Path) -> Path:
    there = one.with_name(one.name.replace(root.name, new.name, 1))
    if there.exists() or there.is_symlink():
        raise StoreError(f"{there} exists already: choose another name")
    return there


def _move(moves: list[tuple[Path, Path]]) -> None:
    """All of them or none."""
    done: list[tuple[Path, Path]] = []
    try:
        for old, new in moves:
            old.rename(new)
            done.append((old, new))
    except OSError as problem:
        for old, new in reversed(done):
            new.rename(old)
        raise StoreError(f"{moves[0][0]} cannot be renamed: {cause(problem)}") from problem
