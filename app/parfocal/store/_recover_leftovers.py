"""Find what a killed writer leaves in a store, and move what is broken out of it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from parfocal.store._journal import is_foreign
from parfocal.store._layout import (
    EDITED_SUFFIX,
    LOCK_SUFFIX,
    STAGING,
    journal_path,
    quarantine_path,
    reserve_path,
)

# What `write_json` and the tables are written to before they are renamed into place
EDITED = f"zarr.json{EDITED_SUFFIX}"
HALF_WRITTEN = ("zarr.json.new", ".parquet.new", EDITED, f"{EDITED}.new")


def leftovers(root: Path) -> Iterator[Path]:
    """Locks and half-written files in the store; not those of a result that is being made.

    Folder by folder, never a list of all files: a million shards would make 300 MB of it.
    """
    waiting = [str(root)]
    staging = str(root / STAGING)
    while waiting:
        found: list[str] = []
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.path != staging:
                        waiting.append(entry.path)
                elif entry.name.endswith((LOCK_SUFFIX, *HALF_WRITTEN)):
                    found.append(entry.path)
        yield from map(Path, sorted(found))


def quarantine(root: Path, file: Path) -> str:
    """Move a file out of the store, to the same place in a folder beside it; says which it was."""
    name = file.relative_to(root)
    file.replace(_free(quarantine_path(root) / name))
    return name.as_posix()


def set_aside_journal(root: Path) -> list[str]:
    """Move the journal of another recording away, if that is what lies beside the store."""
    journal = journal_path(root)
    if not is_foreign(root):
        return []
    journal.replace(_free(quarantine_path(root) / journal.name))
    return [journal.name]


def keep_a_copy(root: Path, file: Path) -> str:
    """Copy a broken file there, since a part of it is about to be kept in its place."""
    name = file.relative_to(root)
    shutil.copy2(file, _free(quarantine_path(root) / name))
    return name.as_posix()


def drop_reserve(root: Path) -> None:
    """Give back the room that was taken for the end of the recording."""
    shutil.rmtree(reserve_path(root), ignore_errors=True)
    if reserve_path(root).is_file():  # a single file in stores of the first versions
        reserve_path(root).unlink()


def _free(wanted: Path) -> Path:
    wanted.parent.mkdir(parents=True, exist_ok=True)
    place, number = wanted, 2
    while place.exists():
        place = wanted.with_name(f"{wanted.name}.{number}")
        number += 1
    return place
