"""Say what a clean-up would take away and where the copies are, before anybody says yes to it."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from parfocal.jobs._cleanup import destination, files_taken, prerequisites, words_of_consent
from parfocal.jobs._config import CLEANING
from parfocal.jobs._errors import JobError
from parfocal.jobs._overview import open_to_read
from parfocal.jobs._raw import raw_files
from parfocal.jobs._strip import Strip

__all__ = ["CleanupPreview", "preview_cleanup"]


@dataclass(frozen=True, slots=True)
class CleanupPreview:
    """What would happen to the raw data of a strip; nothing has."""

    action: str
    raw: Path
    where: Path | None
    """Where they would go; None when they would be deleted."""
    taken: tuple[tuple[str, int], ...]
    """The files that would go, with their bytes."""
    kept: tuple[tuple[str, int], ...]
    copies: tuple[tuple[str, Path, bool], ...]
    """What must be verified of this generation first, and whether it is."""
    words: str
    """What has to be typed; empty where nothing has."""

    @property
    def bytes_taken(self) -> int:
        """Of the files that would go."""
        return sum(size for _, size in self.taken)


def preview_cleanup(queue: Path, strip: str) -> CleanupPreview | None:
    """Read it from the queue and the disk; None for a strip whose raw data stay."""
    try:
        with closing(open_to_read(queue)) as sql:
            row = sql.execute("SELECT * FROM strip WHERE id = ?", (strip,)).fetchone()
            if row is None:
                raise JobError(f"there is no strip {strip} any more")
            known = Strip.of(row)
            found = sql.execute(
                "SELECT kind, path, verified FROM artifact WHERE strip = ? AND generation = ?",
                (strip, known.generation),
            ).fetchall()
    except sqlite3.Error as problem:
        raise JobError(f"the queue {queue} cannot be read: {problem}") from problem
    action = known.config.cleanup
    if action not in CLEANING:
        return None
    return _of(known, action, {one["kind"]: one for one in found})


def _of(strip: Strip, action: str, artifacts: dict[str, sqlite3.Row]) -> CleanupPreview:
    where = destination(strip, action)
    raw = strip.raw
    if action == "trash" and where is not None and where.is_dir() and not raw.is_dir():
        raw, where, action = where, None, "delete"  # what is left to do is to empty the trash
    files = raw_files(raw) if raw.is_dir() else []
    names = [file.name for file in files]
    goes = files_taken(names) if where is None else frozenset(names)
    places = {"backup": strip.backup, "store": strip.store, "mip": strip.mip}
    copies = []
    for kind in prerequisites(strip.config):
        there = artifacts.get(kind)
        place = places[kind] if there is None else Path(there["path"])
        copies.append((kind, place or Path(), bool(there is not None and there["verified"])))
    consented = strip.config.delete_consent is not None
    return CleanupPreview(
        action,
        raw,
        where,
        tuple((file.name, file.size) for file in files if file.name in goes),
        tuple((file.name, file.size) for file in files if file.name not in goes),
        tuple(copies),
        words_of_consent(strip.config) if action == "delete" and not consented else "",
    )
