"""Put a finished folder in the place of another in one step, so that no kill finds neither."""

import ctypes
import os
import sys
from pathlib import Path

__all__ = ["healed", "swap"]

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def swap(one: Path, other: Path) -> None:
    """Exchange two folders. Where the system cannot in one step, in three: `other` is the one
    that is missing for a moment."""
    if sys.platform == "linux" and _exchanged(one, other):
        return
    aside = _aside(other)
    other.rename(aside)
    try:
        one.rename(other)
    except OSError:
        aside.rename(other)
        raise
    aside.rename(one)


def healed(other: Path) -> None:
    """Put back what a kill in the midst of the three steps had left aside."""
    if not other.exists() and (aside := _aside(other)).exists():
        aside.rename(other)


def _aside(other: Path) -> Path:
    return other.with_name(other.name + ".aside")


def _exchanged(one: Path, other: Path) -> bool:
    """Ask the kernel; False where the C library or the file system cannot."""
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2"):
        return False
    paths = os.fsencode(one), os.fsencode(other)
    done: int = library.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE)
    return done == 0
