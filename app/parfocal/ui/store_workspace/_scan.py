"""Look for stores under a folder, one folder after the other, never into a store. No widgets."""

import os
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from parfocal.ui.settings import first_data_folder
from parfocal.ui.tasks import Task
from parfocal.ui.text import tr

# Folders deeper than this are not looked into: a person sorts by project, day and sample
DEPTH = 8
# A network disk with a folder a frame must not fill the memory
MOST_STORES = 100_000
MOST_ENTRIES = 500_000
AT_ONCE = 500
ZARR_FILES = frozenset(("zarr.json", ".zgroup", ".zarray", ".zattrs"))
# full of chunks, and no store that could be opened
CHUNKED = (".n5", ".quarantine", ".spool")


@dataclass(frozen=True, slots=True)
class FoundStore:
    """A store's name in its folder, and when the folder last changed."""

    name: str
    modified: float


@dataclass(frozen=True, slots=True)
class Listing:
    """Stores of one folder; with the `last` of them it is known which are there, and which not.

    `problem` says why a folder could not be listed.
    """

    folder: Path
    stores: tuple[FoundStore, ...]
    last: bool = True
    time_ns: int = 0
    folders: tuple[str, ...] = ()
    problem: str = ""
    cut: bool = False


Put = Callable[[Listing], object]


def scan(folder: Path, task: Task, put: Put, known: Collection[Path] = ()) -> None:
    """Put what is in `folder`, then below it; folders that are `known` are not looked into again.

    The top comes first: that is what a person sees first.
    """
    if is_store(folder):
        put(Listing(folder, (), problem=tr("a store itself: add its folder")))
        return
    waiting = deque([(folder, 0)])
    left = MOST_STORES
    while waiting and left > 0:
        place, depth = waiting.popleft()
        below, found = _list(place, task, put, left)
        left -= found
        if depth < DEPTH:
            waiting.extend((one, depth + 1) for one in below if one not in known)


def is_store(folder: Path) -> bool:
    """Whether a folder is a store itself."""
    return folder.name.endswith(".zarr") or any((folder / name).is_file() for name in ZARR_FILES)


def _list(folder: Path, task: Task, put: Put, left: int) -> tuple[list[Path], int]:
    """Put one folder's stores, sorted by name; the folders in it, and how many stores it has."""
    names: list[str] = []
    others: list[str] = []
    time_ns = _time_ns(folder)  # before the listing: what comes meanwhile is seen the next time
    entries = 0
    try:
        with os.scandir(folder) as listed:
            for entry in listed:
                entries += 1
                if entries % AT_ONCE == 0:
                    task.report()  # leaves when a cancel was asked for
                if entries > MOST_ENTRIES:
                    break
                if entry.name.startswith(".") or entry.name.endswith(CHUNKED):
                    continue
                if entry.name in ZARR_FILES:
                    return [], 0  # a store that is not called one; whoever listed it knows
                if entry.is_dir():
                    (names if entry.name.endswith(".zarr") else others).append(entry.name)
    except FileNotFoundError:
        if folder == first_data_folder():  # nobody chose it, and the first run makes it
            put(Listing(folder, ()))
            return [], 0
        put(Listing(folder, (), problem=tr("not there now: is its disk connected?")))
        return [], 0
    except OSError as problem:
        put(Listing(folder, (), problem=problem.strerror or str(problem)))
        return [], 0
    stores = [*names, *(name for name in others if _is_unnamed_store(folder / name))]
    taken = set(stores)
    stores.sort(key=str.lower)
    cut = entries > MOST_ENTRIES or len(stores) > left
    below = sorted(name for name in others if name not in taken)
    for start in range(0, max(1, len(stores[:left])), AT_ONCE):
        task.report()
        part = stores[:left][start : start + AT_ONCE]
        last = start + AT_ONCE >= len(stores[:left])
        found = tuple(_found(folder / name) for name in part)
        told = tuple(below) if last else ()
        put(Listing(folder, found, last, time_ns if last else 0, told, cut=cut and last))
    return [folder / name for name in below], len(stores)


def _is_unnamed_store(folder: Path) -> bool:
    return any(os.path.isfile(folder / name) for name in ZARR_FILES)  # noqa: PTH113 - no exception


def _found(path: Path) -> FoundStore:
    return FoundStore(path.name, _time_ns(path) / 1e9)


def _time_ns(path: Path) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 - thousands of them
    except OSError:
        return 0
