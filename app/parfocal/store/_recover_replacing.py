"""Say how an overwritten store stands, and end the exchange when a kill came into the middle."""

import re
from pathlib import Path

from parfocal.store._errors import StoreError
from parfocal.store._files import sync_to_disk
from parfocal.store._layout import is_store
from parfocal.store._metadata import read_record

REPLACING = re.compile(r"(.+)\.replacing(?:-\d+)?((?:\.ome)?\.zarr|)")


def final_place(root: Path) -> Path | None:
    """Where a store that was to replace another one would have gone; None for any other."""
    match = REPLACING.fullmatch(root.name)
    return None if match is None else root.with_name(match[1] + match[2])


def find_replacing(final: Path) -> Path | None:
    """The store that was to replace the one at `final`, when a kill left it beside."""
    for candidate in sorted(final.parent.glob("*.replacing*")) if final.parent.is_dir() else ():
        if final_place(candidate) == final and is_store(candidate):
            return candidate
    return None


def end_exchange(root: Path) -> tuple[Path, str]:
    """Where the store is now, and how the one that it was to replace stands.

    A kill between the two renames left the old store aside and the new one, which is complete,
    not yet in its place: there is nothing to decide, so it is put there.
    """
    final = final_place(root)
    if final is None:
        return root, ""
    if is_store(final):
        return root, f"{final}, which it was to replace, still is as it was"
    old = [path for path in sorted(root.parent.glob("*.old*")) if _was_moved(path, final)]
    record = read_record(root) or {}
    if old and record.get("state") == "completed" and not record.get("missing"):
        root.rename(final)
        sync_to_disk(final.parent)
        return final, f"it is in its place now; the one that it replaces is {old[-1]}"
    return root, f"{final}, which it was to replace, is not there"


def require_there(root: Path) -> None:
    """Refuse a path without a store, and name the one that a killed overwrite left beside."""
    if root.exists():
        return
    replacing = find_replacing(root)
    hint = f"; {replacing} was to take its place: recover that one" if replacing else ""
    raise StoreError(f"{root} does not exist{hint}")


def _was_moved(path: Path, final: Path) -> bool:
    match = re.fullmatch(r"(.+)\.old(?:-\d+)?((?:\.ome)?\.zarr|)", path.name)
    return match is not None and path.with_name(match[1] + match[2]) == final
