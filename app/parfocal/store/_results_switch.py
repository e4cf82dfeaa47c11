"""Put a complete folder in the place of another one, so that a kill leaves one of the two."""

import ctypes
import errno
import os
import sys
from functools import cache
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from parfocal.store._errors import StoreError, cause
from parfocal.store._files import sync_to_disk

PATIENCE_S = 5.0
AGAIN_S = 0.05
AT_FDCWD = {"linux": -100, "darwin": -2}
EXCHANGE = 2  # RENAME_EXCHANGE of Linux, and by chance RENAME_SWAP of macOS
CALLS = {"linux": "renameat2", "darwin": "renameatx_np"}
CANNOT = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM}


def put_in_place(fresh: Path, final: Path, former: Path) -> None:
    """`fresh` becomes `final`; what was there becomes `former`.

    Linux and macOS exchange two folders in one step; a kill after it leaves the older one under
    the name `fresh`. Windows and some network disks cannot: there are two renames, and a kill
    between them leaves nothing at `final`.
    """
    try:
        if not final.exists():
            fresh.rename(final)
        elif exchanged(fresh, final):
            fresh.rename(former)
        else:
            _patiently(final, former)
            try:
                _patiently(fresh, final)
            except OSError:
                former.rename(final)
                raise
        for folder in {fresh.parent, final.parent, former.parent}:
            sync_to_disk(folder)
    except OSError as problem:
        raise StoreError(f"{final} cannot be replaced: {cause(problem)}") from problem


def exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders in one step, where the disk can."""
    call = _call()
    if call is None:
        return False
    here = AT_FDCWD[sys.platform]
    if call(here, os.fsencode(one), here, os.fsencode(other), EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(other))


@cache
def _call() -> Any:
    name = CALLS.get(sys.platform)
    call = getattr(ctypes.CDLL(None, use_errno=True), name, None) if name else None
    if call is not None:
        call.argtypes = [
            ctypes.c_int,
            ctypes.c_char_p,
            ctypes.c_int,
            ctypes.c_char_p,
            ctypes.c_uint,
        ]
    return call


def _patiently(source: Path, target: Path) -> None:
    """Windows does not rename a folder while somebody reads a file in it."""
    began = monotonic()
    while True:
        try:
            source.rename(target)
        except PermissionError:
            if monotonic() - began > PATIENCE_S:
                raise
            sleep(AGAIN_S)
        else:
            return
