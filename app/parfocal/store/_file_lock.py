"""Hold a file for as long as this process lives: the kernel lets go of it, even after kill -9."""

import os
import sys
from pathlib import Path
from time import sleep

ATTEMPTS = 10
AGAIN_S = 0.01


def lock_file(descriptor: int) -> bool:
    """Lock an open file until it is closed; False where the file system has no locks."""
    if sys.platform == "win32":  # its locks keep others from reading
        return False
    import fcntl

    for _ in range(ATTEMPTS):  # somebody may be asking `is_locked` at this moment
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            sleep(AGAIN_S)
        except OSError:
            return False
    return False


def is_locked(path: Path) -> bool | None:
    """Whether somebody, this process included, has locked a file; None when that cannot be told."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return False
