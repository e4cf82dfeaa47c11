"""Find files that do not belong into a store: locks left behind, two formats side by side."""

import os
from collections.abc import Iterator
from pathlib import Path

from parfocal.store._findings import Finding
from parfocal.store._layout import LOCK_SUFFIX

OLD_METADATA = (".zarray", ".zgroup", ".zattrs")


def check_files(root: Path, *, locks: bool) -> Iterator[Finding]:
    """Stray locks (not while it is being recorded), and metadata of both Zarr formats."""
    for folder, names in _odd_names(root):
        for name in names:
            path = (Path(folder) / name).relative_to(root).as_posix()
            if name in OLD_METADATA:
                message = "Zarr version 2 metadata lie beside version 3 metadata"
                yield Finding(path, "mixed-formats", "error", message, "delete the one not meant")
            elif locks:
                message = "a lock that a killed writer left behind"
                fix = "parfocal recover, or delete the file"
                yield Finding(path, "stray-lock", "error", message, fix)


def _odd_names(root: Path) -> Iterator[tuple[str, list[str]]]:
    """Folder by folder; never a list of all files, which a million chunks would make 300 MB."""
    waiting = [str(root)]
    while waiting:
        folder = waiting.pop()
        old: list[str] = []
        locks: list[str] = []
        current = False
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(LOCK_SUFFIX):
                    locks.append(entry.name)
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.name in OLD_METADATA:
                    old.append(entry.name)
                elif entry.name == "zarr.json":
                    current = True
        yield folder, sorted([*locks, *(old if current else [])])
