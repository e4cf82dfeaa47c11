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
    journal_path,
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
    wanted = accepted_name(
        name.removesuffix(suffix), "a store", root.parent, suffix=suffix, before=stem
    )
    new = root.with_name(f"{wanted}{suffix}")
    if new.name == root.name:  # as paths, Windows takes them for the same where only the case is
        return root
    _refuse_while_written(root, stem, suffix)
    ours = [one for one in (quarantine_path(root), spool_path(root), *beside) if one.exists()]
    moves = [(one, one.with_name(one.name.replace(root.name, new.name, 1))) for one in ours]
    _refuse_taken(new, [(root, new), *moves])
    _move([(root, new), *moves])
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


def _refuse_taken(new: Path, moves: list[tuple[Path, Path]]) -> None:
    """Also what a store of that name has left beside it, which is gone: its journal would be taken
    for the one of this store, and a store that it had replaced be put in the place of this one."""
    hidden = (one for one in new.parent.iterdir() if one.name.startswith(f".{new.name}."))
    left = (journal_path(new), quarantine_path(new), spool_path(new), *hidden)
    olds = [old for old, _ in moves]
    for there in (*(to for _, to in moves), *left):
        if there.is_symlink() or (there.exists() and not any(map(there.samefile, olds))):
            raise StoreError(f"{there} exists already: choose another name")


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
