"""Name what lies beside a store while it is made and after it was replaced."""

import os
from collections.abc import Sequence
from itertools import chain, count
from pathlib import Path

from parfocal.convert._errors import ConvertError
from parfocal.store import StoreError, refuse_while_recorded, store_around

__all__ = [
    "free_previous",
    "journal_of",
    "leave_recordings",
    "partial_of",
    "previous_stores",
    "refuse_inside",
    "refuse_places",
]


def partial_of(destination: Path, plan: str) -> Path:
    """The unfinished store of a plan."""
    return destination.with_name(f".{destination.name}.partial-{plan[:12]}")


def free_previous(destination: Path, plan: str) -> Path:
    """A name for the store that is replaced.

    The same conversion may replace its own store: what that one had replaced stays.
    """
    name = f".{destination.name}.previous-{plan[:12]}"
    numbered = (f"{name}-{number}" for number in count(2))
    names = map(destination.with_name, chain([name], numbered))
    return next(path for path in names if not (path.exists() or path.is_symlink()))


def previous_stores(destination: Path) -> list[Path]:
    """The stores that this one replaced, the newest first."""
    start = f".{destination.name}.previous-"
    with os.scandir(destination.parent) as entries:
        found = [Path(entry.path) for entry in entries if entry.name.startswith(start)]
    return sorted(found, key=lambda path: path.stat().st_ctime_ns, reverse=True)


def journal_of(partial: Path) -> Path:
    """The journal of an unfinished store."""
    return partial.with_name(partial.name + ".journal")


def refuse_places(source: Path, destination: Path, *, overwrite: bool) -> None:
    """Refuse what would touch the source or destroy something; nothing has been made yet."""
    outside = "choose a place outside"
    real, origin = Path(os.path.realpath(destination)), Path(os.path.realpath(source))
    if real == origin:
        raise ConvertError(f"{destination} is the source itself; choose another name")
    if origin in real.parents:
        raise ConvertError(
            f"{destination} would lie inside its source {source}; choose a place outside"
        )
    if real in origin.parents:
        raise ConvertError(f"{destination} holds its source {source}; {outside}")
    if (around := store_around(destination)) is not None:
        raise ConvertError(
            f"{destination} would lie inside the store {around}; choose a place outside"
        )
    if not destination.parent.is_dir():
        raise ConvertError(
            f"the folder {destination.parent} for the store does not exist; make it first"
        )
    if not destination.name.endswith(".zarr"):
        raise ConvertError(f"the name of {destination} must end in .ome.zarr, as stores do")
    if (destination.exists() or destination.is_symlink()) and not overwrite:
        raise ConvertError(f"{destination} exists already; choose another name, or overwrite it")
    if destination.exists() and not _is_store(destination):
        raise ConvertError(f"{destination} is no OME-Zarr store, so it is not overwritten")
    leave_recordings(destination)


def leave_recordings(destination: Path) -> None:
    """Refuse to take a store away from whoever records it: the rest of its frames would be written
    into the one in its place."""
    try:
        refuse_while_recorded(destination)
    except StoreError as problem:
        raise ConvertError(str(problem)) from problem


def refuse_inside(folders: Sequence[Path], destination: Path) -> None:
    """Refuse a place in a folder of the source that its path did not name."""
    real = Path(os.path.realpath(destination))
    for folder in folders:
        origin = Path(os.path.realpath(folder))
        if real == origin or origin in real.parents:
            raise ConvertError(
                f"{destination} would lie inside its source {folder}; choose a place outside"
            )


def _is_store(path: Path) -> bool:
    return any((path / name).is_file() for name in ("zarr.json", ".zgroup", ".zarray", ".zattrs"))
