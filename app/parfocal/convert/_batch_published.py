"""Know what stands at a destination, so that a worker that was killed knows its own store again."""

from pathlib import Path

from parfocal.convert._batch import BatchItem
from parfocal.store import StoreError, read_store_metadata

__all__ = ["standing", "was_published"]

NOTHING = "nothing"


def standing(destination: Path) -> str:
    """What stands there, in a word that changes when it is exchanged."""
    try:
        facts = destination.stat()
    except OSError:
        return NOTHING
    return f"{facts.st_dev}-{facts.st_ino}"


def was_published(item: BatchItem, before: str) -> bool:
    """Whether the store of this very source stands where something else, or nothing, stood.

    A store is published after its check only: what is found so is whole. With `overwrite` a
    second conversion would put this one in the place of the store that was there before.
    """
    if standing(item.destination) in (before, NOTHING):
        return False
    try:
        return read_store_metadata(item.destination).source_uri == item.source.as_uri()
    except StoreError:
        return False
