"""Keep levels beside their store while they are made, so that the store is whole at any moment.

A writer that is killed leaves locks and half a level; here they are outside of what others read.
The next attempt goes on with the shards that the journal acknowledges and makes the others anew.
"""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from parfocal.store._errors import StoreError
from parfocal.store._files import read_json, write_json
from parfocal.store._journal import Journal, read_journal
from parfocal.store._layout import LOCK_SUFFIX, journal_path
from parfocal.store._metadata import read_record
from parfocal.store._pyramid_plan import METHOD

SUFFIX = ".pyramid"


class Scratch:
    """A folder beside the store, on the same disk, and the journal of what is written there."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._root = _beside(store)
        self._identity = _identity(store)
        story = read_journal(self._root)
        if story is not None and story.alive:
            raise StoreError(f"the pyramid of {store} is being made right now; wait until it ends")
        self._acknowledged = {} if story is None else dict(story.shards)
        try:
            journal_path(self._root).unlink(missing_ok=True)
            self._journal = Journal(self._root, 0)
        except OSError as problem:
            raise self._refused(problem) from problem
        try:
            self._begin(self._root / "pyramid.json")
        except OSError as problem:
            self._journal.remove()
            raise self._refused(problem) from problem

    @staticmethod
    def is_left(store: Path) -> bool:
        """Whether a killed attempt left something."""
        root = _beside(store)
        return root.exists() or journal_path(root).exists()

    def level(self, path: str, target: Path, document: Mapping[str, Any]) -> Path:
        """The array of a level in here, with what is already made of it.

        One that lies in the store and is not listed (moved in by an attempt that was killed just
        then, or made while it was recorded) is taken out again and completed.
        """
        array = self._root / path
        if target.is_dir() and not any(path.is_file() for path in target.rglob("*")):
            shutil.rmtree(target)  # a recording with a live level was killed as it began it
        if target.exists():
            self._take_out(target, array)
        if array.is_dir() and not _same_array(array, document):
            shutil.rmtree(array)
        if not array.is_dir():
            write_json(array / "zarr.json", document)
        return array

    def has(self, array: Path, file: str) -> bool:
        """Whether a shard was acknowledged and still is as it was; it is again from now on."""
        key = (array / file).relative_to(self._root).as_posix()
        shard = array / file
        if key not in self._acknowledged or not shard.is_file():
            return False
        if shard.stat().st_size != self._acknowledged[key]:
            return False
        self._journal.shard(key, shard, [])
        return True

    def acknowledge(self, array: Path, file: str) -> None:
        """A shard is committed."""
        self._journal.shard((array / file).relative_to(self._root).as_posix(), array / file, [])

    def require_same_store(self) -> None:
        """A level must not be moved into another store that took this one's place meanwhile."""
        if _identity(self._store) != self._identity:
            raise StoreError(f"{self._store} was replaced while its pyramid was being made")

    def remove(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self._root, ignore_errors=True)
        self._journal.remove()

    def _begin(self, label: Path) -> None:
        """Go on with what a killed attempt left, if that was for this very store."""
        if not label.is_file() or read_json(label) != self._identity:
            shutil.rmtree(self._root, ignore_errors=True)
            write_json(label, self._identity)

    def _refused(self, problem: OSError) -> StoreError:
        why = problem.strerror or problem
        return StoreError(f"{self._root} cannot be made beside its store: {why}")

    def _take_out(self, target: Path, array: Path) -> None:
        file = target / "zarr.json"
        ours = file.is_file() and METHOD in read_json(file).get("attributes", {})
        if not ours:
            raise StoreError(f"{target} is not listed as a level and is no level of Parfocal's")
        shutil.rmtree(array, ignore_errors=True)
        array.parent.mkdir(parents=True, exist_ok=True)
        target.rename(array)
        for shard in settled(array):
            key = shard.relative_to(self._root).as_posix()
            self._acknowledged[key] = shard.stat().st_size


def settled(array: Path) -> Iterator[Path]:
    """The files of an array and then its folders; the locks of killed writers are deleted."""
    folders = [array]
    for path in sorted(array.rglob("*")):
        if path.is_dir():
            folders.append(path)
        elif path.name.endswith(LOCK_SUFFIX):
            path.unlink()
        else:
            yield path
    yield from folders


def _beside(store: Path) -> Path:
    place = store.resolve()  # a link may lie on another disk, and a level is moved in
    return place.with_name(place.name + SUFFIX)


def _identity(store: Path) -> dict[str, Any]:
    """What another store at the same path would not share."""
    record = read_record(store) or {}
    try:
        inode = store.stat().st_ino
    except OSError as problem:
        raise StoreError(f"{store} was moved or deleted while its pyramid was made") from problem
    told = {key: record.get(key) for key in ("started", "ended", "state", "acquired")}
    return {"inode": inode, **told}


def _same_array(array: Path, document: Mapping[str, Any]) -> bool:
    """Shards may have another shape: those made while it was recorded follow the recording's."""
    file = array / "zarr.json"
    if not file.is_file():
        return False
    return {**read_json(file), "chunk_grid": None} == {**document, "chunk_grid": None}
