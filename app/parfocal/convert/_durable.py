"""Make sure that a whole folder survives a power cut."""

import ctypes
import os
import sys
from pathlib import Path

from parfocal.store import sync_to_disk

__all__ = ["sync_tree"]


def sync_tree(root: Path) -> None:
    """Flush every file below a folder.

    On Linux the file system is told once: a store of 320 images has 10,000 files and folders, and
    flushing each took 100 s on a disk that others use.
    """
    if sys.platform == "linux" and _file_system(root):
        return
    for path in root.rglob("*"):
        sync_to_disk(path)
    sync_to_disk(root)


def _file_system(root: Path) -> bool:
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "syncfs"):
        return False
    descriptor = os.open(root, os.O_RDONLY)
    try:
        return bool(library.syncfs(descriptor) == 0)
    finally:
        os.close(descriptor)
