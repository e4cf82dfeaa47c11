"""Make things beside their final place, and put them there whole.

An unfinished one lies in a folder that its maker has locked. A worker that was killed lets go of
the lock, and the next one goes on with what is there; one that only sleeps keeps it, and the next
one begins beside it.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path

from parfocal.jobs._errors import NeedsPerson, Transient
from parfocal.jobs._mounts import missing_share
from parfocal.jobs._work import Work
from parfocal.store import is_locked, lock_file, sync_to_disk

__all__ = ["is_ours", "made_of", "put_in_place", "refuse_unmounted", "set_aside", "workplace"]

MARK = ".partial-"
LOCK = "lock"
RAW = "raw-identity"


@contextmanager
def workplace(work: Work, final: Path) -> Iterator[Path]:
    """A folder beside `final`, ours alone; what a killed worker left for the same raw data is in
    it already. It is gone once the work is in place, and kept when the work was interrupted."""
    refuse_unmounted(work, final)
    _make_parents(final.parent)
    folder = final.with_name(f".{final.name}{MARK}{work.job.id}-{work.job.lease}")
    _adopt(work, final, folder)
    folder.mkdir(exist_ok=True)
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        lock_file(descriptor)
        (folder / RAW).write_text(work.strip.raw_identity)
        yield folder
    finally:
        os.close(descriptor)
    shutil.rmtree(folder, ignore_errors=True)


def refuse_unmounted(work: Work, final: Path) -> None:
    """Wait for a share that is to be mounted, or that held the products of other strips: what is
    made now would lie in the empty folder below it, and raw data might go for a copy that the
    share then hides."""
    if (share := missing_share(final)) is not None:
        raise Transient(f"{share} is not mounted, where {final} belongs: mount it")
    project = final.parents[len(work.strip.name.place.parts) - 2]
    if project.is_dir():
        return
    below = f"{project}{os.sep}"
    known = work.database.row(
        "SELECT 1 FROM artifact WHERE kind IN ('backup', 'store') AND substr(path, 1, ?) = ?",
        (len(below), below),
    )
    if known is not None:
        raise Transient(
            f"{project} is gone, and held the products of other strips: mount its share, or make "
            "the folder if it is to begin empty"
        )


def made_of(final: Path) -> Path:
    """The small file beside a product that says of which raw data it was made."""
    return final.with_name(f".{final.name}.strip.json")


def is_ours(work: Work, final: Path) -> bool:
    """Whether a product is there that was made of these very raw data; one of other data of this
    strip is set aside, and one of nobody knows what is left to a person."""
    if not (final.exists() or final.is_symlink()):
        return False
    try:
        told = json.loads(made_of(final).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        told = {}
    if not isinstance(told, dict) or told.get("strip") != work.job.strip:
        raise NeedsPerson(
            f"{final} exists already and was not made of this strip; move it away, then retry"
        )
    if told.get("raw_identity") == work.strip.raw_identity:
        for left in _left_by_killed(final):  # killed right after it had put this in place
            shutil.rmtree(left, ignore_errors=True)
        return True
    set_aside(work, final)
    return False


def set_aside(work: Work, final: Path) -> Path:
    """Keep what an older generation made, or what is damaged, beside the place of the new one."""
    number = work.job.generation - 1
    while (aside := final.with_name(f".{final.name}.previous-{number}")).exists():
        number += 1
    with work.leases.decisive(work.job):
        final.rename(aside)
    sync_to_disk(final.parent)
    return aside


def put_in_place(work: Work, made: Path, final: Path) -> None:
    """Give it its name, if the job is still ours: a lease that ended meanwhile is refused."""
    told = {"strip": work.job.strip, "raw_identity": work.strip.raw_identity}
    mark = made_of(final)
    fresh = mark.with_name(mark.name + ".new")
    with work.leases.decisive(work.job):
        fresh.write_text(json.dumps(told), encoding="utf-8")
        sync_to_disk(fresh)
        fresh.replace(mark)
        made.rename(final)
    sync_to_disk(final.parent)


def _make_parents(folder: Path) -> None:
    """Folders that survive a power cut: raw data may go for what lies in them."""
    missing = [one for one in (folder, *folder.parents) if not one.is_dir()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in missing:
        sync_to_disk(one.parent)


def _adopt(work: Work, final: Path, folder: Path) -> None:
    for left in _left_by_killed(final):
        try:
            same = (left / RAW).read_text() == work.strip.raw_identity
        except OSError:
            same = False
        if same and not folder.exists():
            left.rename(folder)
        else:
            shutil.rmtree(left, ignore_errors=True)


def _left_by_killed(final: Path) -> list[Path]:
    """The folders of workers that let go of them by dying; one that sleeps still holds its own."""
    found = sorted(final.parent.glob(f".{escape(final.name)}{MARK}*"))
    return [folder for folder in found if not is_locked(folder / LOCK)]
