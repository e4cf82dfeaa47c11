"""Notice that an open store was moved, and where to.

A run that replaces an older store records beside it and takes its place at the end: a viewer that
opened it by its first path would show only black from then on.
"""

import os
import sys
from pathlib import Path


class Whereabouts:
    """Holds a folder open, so that the system tells its present path (on Linux)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        if sys.platform == "linux":
            self._descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def moved_to(self) -> Path | None:
        """The new path since the last time, if there is one."""
        if self._descriptor is None:
            return None
        now = Path(f"/proc/self/fd/{self._descriptor}").readlink()
        if now == self._path or not now.is_dir():
            return None
        self._path = now
        return now

    def close(self) -> None:
        """Let go of the folder."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
