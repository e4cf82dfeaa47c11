"""See what changed on the disk without asking it to tell: network disks do not. No widgets."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from parfocal.store import store_stamp
from parfocal.ui.tasks import Task

Stamp = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """Folders whose entries are others now, and stores that are not what they were."""

    folders: tuple[Path, ...]
    stores: tuple[Path, ...]


def changes(task: Task, folders: Mapping[Path, int], stores: Mapping[Path, Stamp]) -> Changes:
    """Compare times: one question a folder, a few a store; nothing is listed or read."""
    other = []
    for folder, time_ns in folders.items():
        task.report()
        if _time_ns(folder) != time_ns:
            other.append(folder)
    touched = []
    for path, stamp in stores.items():
        task.report()
        if store_stamp(path) != stamp:
            touched.append(path)
    return Changes(tuple(other), tuple(touched))


def _time_ns(folder: Path) -> int:
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116 - hundreds of them every few seconds
    except OSError:
        return 0
