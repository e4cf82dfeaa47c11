"""Put a finished store in its place; whatever stood there is kept, and no kill loses it."""

from pathlib import Path

from parfocal.convert._errors import ConvertError
from parfocal.convert._journal import Journal
from parfocal.convert._places import free_previous, leave_recordings
from parfocal.convert._swap import healed, swap
from parfocal.store import StoreError, read_json, sync_to_disk

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
        journal.publishes(previous.name, _which(partial))
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
    name, which = journal.published
    previous = destination.with_name(name)
    if previous.exists() and _which(destination) == which:
        swap(previous, destination)
    if _which(previous) == which:
        previous.rename(partial)


def _which(store: Path) -> str:
    """What tells a store from every other: when it was begun, and its place on the disk, since
    either alone may come again."""
    try:
        told = read_json(store / "parfocal/run/zarr.json")["attributes"]["parfocal"]["started"]
        return f"{told} {store.stat().st_ino}"
    except (OSError, StoreError, KeyError, TypeError):
        return ""
