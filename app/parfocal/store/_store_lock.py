"""Let one program at a time change what is not pixels: its lists, its provenance, its results."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import local
from time import monotonic, sleep

from parfocal.store._errors import StoreError, cause
from parfocal.store._layout import EDIT, EXTRAS, LOCK

PATIENCE_S = 30.0
AGAIN_S = 0.02
FAR = 2**40  # Windows locks bytes, also those beyond the end
_HELD = local()


@contextmanager
def changing(root: Path) -> Iterator[None]:
    """Be the only one who changes the store; a lock of the kernel's, gone with a killed process.

    A thread that holds it already goes on.
    """
    require_own(root)
    held: set[Path] = _HELD.__dict__.setdefault("roots", set())
    if root in held:
        yield
        return
    try:
        descriptor = os.open(root / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as problem:
        raise StoreError(f"{root} cannot be written: {cause(problem)}") from problem
    try:
        _wait(descriptor, root)
        held.add(root)
        if (root / EDIT).is_file():
            # what a killed edit decided comes before anything else is changed: it would lose that
            from parfocal.store._edit_commit import finish_edit

            finish_edit(root)
        yield
    finally:
        held.discard(root)
        os.close(descriptor)


def require_own(root: Path) -> None:
    """Nothing is ever written into a foreign store."""
    if not root.is_dir():
        raise StoreError(f"{root} is no folder: give the path of an .ome.zarr store")
    if not (root / EXTRAS / "zarr.json").is_file():
        raise StoreError(
            f"{root} was not made by Parfocal, so nothing is written into it: ingest it first"
        )


def _wait(descriptor: int, root: Path) -> None:
    began = monotonic()
    while not _taken(descriptor):
        if monotonic() - began > PATIENCE_S:
            raise StoreError(
                f"{root} has been changed by another program for {PATIENCE_S:.0f} s; "
                "wait until it has ended, or end it"
            )
        sleep(AGAIN_S)


def _taken(descriptor: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a network disk without locks: one person, one program
    return True
