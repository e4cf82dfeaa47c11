"""Recover the store of a recording that was killed: keep what is whole, say what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from parfocal.store._errors import StoreError, cause
from parfocal.store._finish import COMPLETED, INTERRUPTED
from parfocal.store._frame_table import count_rows
from parfocal.store._images import ImageMap, image_map
from parfocal.store._journal import read_journal
from parfocal.store._labels import follow_images
from parfocal.store._layout import (
    EDIT,
    EVERY_CHUNK,
    is_store,
    journal_path,
    reserve_path,
    spool_path,
    whole_path,
)
from parfocal.store._metadata import read_record
from parfocal.store._ngff import find_images
from parfocal.store._progress import Course, Progress
from parfocal.store._provenance import record_provenance
from parfocal.store._recover_inventory import Inventory, take_inventory
from parfocal.store._recover_leftovers import leftovers, set_aside_journal
from parfocal.store._recover_repair import clear, repair, sweep
from parfocal.store._recover_replacing import end_exchange, require_there
from parfocal.store._recover_report import RecoveryReport
from parfocal.store._recover_spool import spooled_frames, unwritten
from parfocal.store._spool import SpooledFrame
from parfocal.store._store_lock import changing

EDIT_ENDED = "a change of its metadata was brought to its end"
CLOSED = (COMPLETED, INTERRUPTED, "recovered")


def recover(
    path: Path | str,
    progress: Progress | None = None,
    *,
    cancelled: Event | None = None,
    deep: bool = False,
) -> RecoveryReport:
    """Make the store at `path` whole after its recording was killed; a second call does nothing.

    Shards that the journal does not acknowledge are kept when their index and their checksums are
    right. `deep` looks at the checksums of all others too, of a closed store as well, and marks
    planes that cannot be read as missing. It may be killed at any moment and called again.
    """
    root = whole_path(path)
    course = Course(f"the recovery of {root}", progress, cancelled)
    try:
        _require_recording(root)
        root, note = end_exchange(root)
        return _recover(root, note, course, deep=deep)
    except (OSError, ValueError) as problem:
        raise StoreError(f"{root} cannot be recovered: {cause(problem)}") from problem


def _recover(root: Path, note: str, course: Course, *, deep: bool) -> RecoveryReport:
    if (read_record(root) or {}).get("absent") == EVERY_CHUNK:
        return _tidied(root, note)
    if _has_nothing_to_do(root, course, deep=deep):
        return _report(root, note, changed=False)
    edit = (root / EDIT).is_file()
    with changing(root):  # which brings an edit to its end
        _require_recording(root)
        if edit:
            note = "; ".join(filter(None, (note, EDIT_ENDED)))
        # again: another recover may have been faster, and what was seen before it is no longer so
        if _has_nothing_to_do(root, course, deep=deep):
            return _report(root, note, changed=edit)
        moved = set_aside_journal(root)
        seen = _look(root, course, deep=deep)
        if _is_closed(root) and seen.agrees(root):  # a kill came when everything had been said
            moved += sweep(root)
            clear(root)
            return _report(root, note, changed=True, moved=moved)
        repair(root, seen.record, seen.images, seen.found, seen.frames, course, moved)
        follow_images(root)
        report = _report(root, note, changed=True)
        told = {"deep": deep, "kept": report.kept, "lost": report.lost, "missing": report.missing}
        record_provenance(root, "recover", parameters=told)
        return report


def _tidied(root: Path, note: str) -> RecoveryReport:
    """A store that was converted: it was whole before it had its name, and a chunk that is not
    there is black. Only what a kill left of a later change is brought to its end or taken away."""
    edit = (root / EDIT).is_file()
    if not edit and not _is_littered(root):
        return _report(root, note, changed=False)
    with changing(root):  # which brings an edit to its end
        moved = [*set_aside_journal(root), *sweep(root)]
    note = "; ".join(filter(None, (note, EDIT_ENDED if edit else "")))
    return _report(root, note, changed=edit or bool(moved), moved=moved)


def _has_nothing_to_do(root: Path, course: Course, *, deep: bool) -> bool:
    if not _is_closed(root) or _is_littered(root):
        return False
    return _look(root, course, deep=deep).agrees(root)


@dataclass(frozen=True, slots=True)
class _Look:
    """What was seen of a store before anything in it was changed."""

    record: Mapping[str, Any]
    images: ImageMap
    found: Inventory
    frames: list[SpooledFrame]

    def agrees(self, root: Path) -> bool:
        """Whether all that the store says of its planes is so."""
        claimed = int(self.found.claimed.sum())
        told = self.record.get("acquired") == claimed
        whole = self.found.sound and not unwritten(self.frames, self.found)
        return told and whole and count_rows(root) == claimed


def _look(root: Path, course: Course, *, deep: bool) -> _Look:
    record = read_record(root) or {}
    images = find_images(root)
    places = image_map(record, images)
    levels = [f"{image.path}/{level.path}" for image in images for level in image.levels[1:]]
    closed = _is_closed(root)
    frames = spooled_frames(root, record)
    found = take_inventory(
        root,
        places,
        levels,
        course,
        closed=closed,
        deep=deep,
        unbounded=bool(record.get("unbounded")) and not closed,
        timepoints=max((frame.index[0] + 1 for frame in frames), default=0),
    )
    if not (found.published or found.held.any() or frames):
        raise _killed_at_birth(root)
    return _Look(record, places, found, frames)


def _require_recording(root: Path) -> None:
    """Refuse what was not recorded by Parfocal, is being recorded, or cannot be repaired."""
    require_there(root)
    story = read_journal(root)
    if story is not None and story.held:
        raise StoreError(
            f"{root} is being recorded right now; recover it when that program has ended"
        )
    bare = not is_store(root) or read_record(root) is None
    if bare and story is not None and story.committed:
        raise StoreError(
            f"{root} has lost its metadata, though {len(story.committed)} planes were stored in "
            "it; restore them from a copy and recover it then"
        )
    if bare and story is not None:
        raise _killed_at_birth(root)
    if not is_store(root):
        raise StoreError(f"{root} is no OME-Zarr store")
    if bare:
        raise StoreError(
            f"{root} was not recorded by Parfocal, so there is nothing to recover; it is untouched"
        )


def _killed_at_birth(root: Path) -> StoreError:
    return StoreError(
        f"the recording of {root} was killed while the store was being made: it holds no frame, "
        "so there is nothing to recover; delete it"
    )


def _is_closed(root: Path) -> bool:
    return (read_record(root) or {}).get("state") in CLOSED


def _is_littered(root: Path) -> bool:
    beside = (journal_path(root), spool_path(root), reserve_path(root), root / EDIT)
    return any(path.exists() for path in beside) or any(True for _ in leftovers(root))


def _report(root: Path, note: str, *, changed: bool, moved: Sequence[str] = ()) -> RecoveryReport:
    """What the store says of itself now; so a second call reports the same."""
    record = read_record(root) or {}
    recovery = record.get("recovery") or {}
    return RecoveryReport(
        store=root,
        state=str(record.get("state")),
        kept=int(record.get("acquired", 0)),
        lost=int(recovery.get("lost", 0)),
        missing=int(record.get("missing", 0)),
        unacknowledged=int(recovery.get("unacknowledged", 0)),
        from_spool=int(recovery.get("from_spool", 0)),
        quarantined=tuple(moved) or tuple(recovery.get("quarantined", ())),
        changed=changed,
        note=note,
    )
