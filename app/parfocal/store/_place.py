"""Make room for a new store, take it away again, or put it in the place of an older one."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from parfocal.store._errors import StoreError
from parfocal.store._files import sync_to_disk
from parfocal.store._journal import read_journal, refuse_while_recorded
from parfocal.store._layout import is_store, journal_path, sibling, spool_path, whole_path


@dataclass(slots=True)
class Place:
    """Where a recording writes (`root`) and where it will be found (`final`)."""

    root: Path
    final: Path
    made_parents: tuple[Path, ...]

    @property
    def replaces(self) -> bool:
        """Whether an older store stands at the final place until this one is complete."""
        return self.root != self.final

    def publish(self) -> None:
        """Put the new store in the place of the old one, which is deleted only after that."""
        old = sibling(self.final, "old")
        self.final.rename(old)
        try:
            self.root.rename(self.final)
        except OSError:
            old.rename(self.final)
            raise
        sync_to_disk(self.final.parent)
        self.root = self.final
        _forget(self.final)  # the old store was interrupted
        shutil.rmtree(old)

    def remove(self) -> None:
        """Take away everything that was made."""
        shutil.rmtree(self.root, ignore_errors=True)
        _forget(self.root)
        for folder in self.made_parents:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def prepare_place(path: Path, *, overwrite: bool) -> Place:
    """Make the folder of a new store; what is already there is refused or left until the end."""
    final = whole_path(path)
    if os.sep == "/" and "\\" in str(final):
        # TensorStore takes it for a folder: the planes would land beside the store
        raise StoreError(f"{final} cannot be created: its path holds a backslash")
    try:
        return _prepared(final, overwrite=overwrite)
    except (OSError, ValueError) as problem:  # ValueError: a NUL in the path
        why = getattr(problem, "strerror", None) or str(problem)
        raise StoreError(f"{final} cannot be created: {why}") from problem


def _prepared(final: Path, *, overwrite: bool) -> Place:
    refuse_while_recorded(final)
    story = read_journal(final)
    if final.exists() or final.is_symlink():
        if not overwrite:
            raise StoreError(f"{final} exists already: choose another name, or overwrite it")
        if not (is_store(final) or story is not None or _is_empty(final)):
            raise StoreError(f"{final} is no OME-Zarr store, so it is not overwritten")
        root = sibling(final, "replacing")
    else:
        root = final
    missing = [folder for folder in root.parents if not folder.exists()]
    made: list[Path] = []
    try:
        for folder in reversed(missing):
            folder.mkdir()
            made.insert(0, folder)
        root.mkdir()
    except OSError:
        for folder in made:
            folder.rmdir()
        raise
    _forget(root)  # of a store that is gone
    return Place(root, final, tuple(made))


def _forget(store: Path) -> None:
    """Delete the journal and the spool that are named as those of this store."""
    if journal_path(store).exists():
        journal_path(store).unlink()
    if spool_path(store).exists():
        shutil.rmtree(spool_path(store), ignore_errors=True)


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())
