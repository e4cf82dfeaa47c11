"""Hold a slot while you read or write it; the kernel gives back what a dead process held."""

import errno
import os
import struct
import sys

from parfocal.viewer._errors import ViewerError

if sys.platform != "win32":
    import fcntl

_BUSY = (errno.EACCES, errno.EAGAIN)


class Leases:
    """Locks on bytes of the block's file: many readers or one writer of a byte.

    The first bytes stand for the slots; those behind them for a reader's place among the bells
    and for the ring's writer, who hold theirs for as long as they live.

    Kernel locks and no flags in the memory: they order the two sides on every processor, and a
    viewer that was killed in the middle of a frame leaves nothing to reclaim. On Linux they
    belong to the open file, so that reader and writer may live in one process.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def take(self, slot: int, *, writing: bool) -> bool:
        """Try to hold a slot; never waits."""
        try:
            _lock(self._descriptor, slot, "write" if writing else "read")
        except OSError as error:
            if error.errno in _BUSY:
                return False
            raise ViewerError(f"place {slot} of a live stream cannot be held: {error}") from error
        return True

    def give_back(self, slot: int) -> None:
        """Let go of a slot."""
        _lock(self._descriptor, slot, "none")


if sys.platform == "linux":
    _KINDS = {"read": fcntl.F_RDLCK, "write": fcntl.F_WRLCK, "none": fcntl.F_UNLCK}
    _FLOCK = struct.Struct("hhqqi0q")  # struct flock of 64-bit Linux

    def _lock(descriptor: int, slot: int, kind: str) -> None:
        request = _FLOCK.pack(_KINDS[kind], os.SEEK_SET, slot, 1, 0)
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, request)

elif sys.platform != "win32":
    _KINDS = {
        "read": fcntl.LOCK_SH | fcntl.LOCK_NB,
        "write": fcntl.LOCK_EX | fcntl.LOCK_NB,
        "none": fcntl.LOCK_UN,
    }

    def _lock(descriptor: int, slot: int, kind: str) -> None:
        fcntl.lockf(descriptor, _KINDS[kind], 1, slot)

else:

    def _lock(*_: object) -> None:
        raise ViewerError("live frames are not shared between processes on Windows yet")
