"""Reserve a block of memory that other processes can open and that never outlives them."""

import contextlib
import mmap
import os
import sys
import tempfile
from pathlib import Path

from parfocal.viewer._errors import ViewerError

SHARED_FOLDER = Path("/dev/shm")


class SharedBlock:
    """Mapped memory with a path by which a process of the same user opens it.

    On Linux the file has no name: the path leads through our own /proc entry, so that the kernel
    frees it with its last user, even when all of them were killed at once; nothing has to be
    swept up. `multiprocessing.shared_memory` is not used: on Python 3.11 its resource tracker
    destroys the owner's block when an attached child exits.
    """

    def __init__(self, descriptor: int, path: str, *, named: Path | None = None) -> None:
        self.path = path
        self.descriptor = descriptor
        self._named = named
        flags = mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0)
        self.memory = mmap.mmap(descriptor, 0, flags=flags)

    @classmethod
    def reserve(cls, size: int) -> "SharedBlock":
        """Allocate every byte now: a block that is only sized dies of SIGBUS when written."""
        if sys.platform == "win32":
            raise ViewerError("live frames are not shared between processes on Windows yet")
        descriptor, named = _nameless() if sys.platform == "linux" else _temporary()
        try:
            if sys.platform == "linux":
                os.posix_fallocate(descriptor, 0, size)
                path = f"/proc/{os.getpid()}/fd/{descriptor}"
            else:
                os.ftruncate(descriptor, size)
                path = str(named)
            return cls(descriptor, path, named=named)
        except OSError as error:
            os.close(descriptor)
            if named is not None:
                named.unlink()
            raise ViewerError(
                f"a live view needs {size / 1e6:.0f} MB of shared memory in {SHARED_FOLDER},"
                f" which cannot be had: {error.strerror}"
            ) from error

    @classmethod
    def open(cls, path: str) -> "SharedBlock":
        """Open another process's block."""
        descriptor = _open(path)
        try:
            return cls(descriptor, path)
        except (OSError, ValueError) as error:
            os.close(descriptor)
            raise ViewerError(f"{path} is not a live stream: {error}") from error

    @staticmethod
    def read_start(path: str, count: int) -> bytes:
        """The first bytes of another process's block, unmapped: to map it may fill its gaps."""
        descriptor = _open(path)
        try:
            return os.pread(descriptor, count, 0)
        except OSError as error:
            raise ViewerError(f"{path} is not a live stream: {error}") from error
        finally:
            os.close(descriptor)

    def forget(self, start: int, length: int) -> None:
        """Give a stretch's memory back to the system; it reads as zeros from now on."""
        with contextlib.suppress(OSError):
            if remove := getattr(mmap, "MADV_REMOVE", None):
                self.memory.madvise(remove, start, length)

    def close(self) -> None:
        """Unmap and close; views of the memory must be gone."""
        self.memory.close()
        os.close(self.descriptor)
        if self._named is not None:
            self._named.unlink(missing_ok=True)


def _open(path: str) -> int:
    try:
        # O_NONBLOCK: a number that was given to a pipe meanwhile must not hang us.
        return os.open(path, os.O_RDWR | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ViewerError(f"the live stream at {path} has ended: {reason}") from error


def _nameless() -> tuple[int, None]:
    try:
        return os.open(SHARED_FOLDER, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600), None
    except OSError as error:
        raise ViewerError(
            f"a live view needs shared memory in {SHARED_FOLDER}: {error.strerror}"
        ) from error


def _temporary() -> tuple[int, Path]:
    descriptor, name = tempfile.mkstemp(prefix="parfocal-ring-")
    return descriptor, Path(name)
