"""Put the store that a conversion replaced back in its place."""

from pathlib import Path

from parfocal.convert._errors import ConvertError
from parfocal.convert._places import leave_recordings, previous_stores
from parfocal.convert._swap import swap
from parfocal.store import sync_to_disk

__all__ = ["discard_previous", "rollback"]


def rollback(store: Path) -> Path:
    """Exchange the store and the one before it; doing it twice changes nothing."""
    store = store.absolute()
    earlier = previous_stores(store) if store.parent.is_dir() else []
    if not earlier:
        raise ConvertError(f"there is no earlier {store.name} beside {store}")
    if store.exists():
        leave_recordings(store)
        swap(earlier[0], store)
    else:
        earlier[0].rename(store)
    sync_to_disk(store.parent)
    return store


def discard_previous(store: Path) -> tuple[Path, ...]:
    """Delete the stores that this one replaced."""
    import shutil

    found = tuple(previous_stores(store.absolute()))
    for one in found:
        shutil.rmtree(one)
    return found
