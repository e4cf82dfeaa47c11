"""Put a finished store in its place; whatever stood there is kept, and no kill loses it."""

from pathlib import Path

from parfocal.convert._errors import ConvertError
from parfocal.convert._journal import Journal
from parfocal.convert._places import free_previous, leave_recordings
from parfocal.convert._swap import healed, swap
from parfocal.store import sync_to_disk

__all__ = ["publish", "take_back"]


def publish(
    partial: Path, destination: Path, plan: str, journal: Journal, *, overwrite: bool
) -> Path | None:
    """Put the store in its place, and say where the one is that was there.

    The new store goes to the name of the older one first and is exchanged with it then: so the
    older one never lies under a name that the next call writes to or deletes.
    """
    previous: Path | None = None
    if destination.exists():
        if not overwrite:
            raise ConvertError(
                f"{destination} has come into being meanwhile; the new store waits beside it: the "
                "same call with --overwrite replaces what is there"
            )
        leave_recordings(destination)  # one may have begun since this conversion did
        previous = free_previous(destination, plan)
        journal.publishes(previous.name, partial.stat().st_ino)
        partial.rename(previous)
        swap(previous, destination)
    else:
        partial.rename(destination)
    sync_to_disk(destination.parent)
    return previous


def take_back(partial: Path, destination: Path, journal: Journal) -> None:
    """Undo what a killed call had begun to publish, to do it again as if nothing had been."""
    healed(destination)
    if journal.published is None or partial.exists():
        return
    name, number = journal.published
    previous = destination.with_name(name)
    if previous.exists() and _is(destination, number):
        swap(previous, destination)
    if _is(previous, number):
        previous.rename(partial)


def _is(folder: Path, number: int) -> bool:
    return folder.exists() and folder.stat().st_ino == number
