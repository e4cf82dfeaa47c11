"""Keep the computer from falling asleep: `with keep_awake("recording cells.ome.zarr"): …`.

Where there is nothing to ask (a container, a bare window manager) it does nothing.
"""

import ctypes
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

__all__ = ["KeepAwake", "keep_awake"]

_log = logging.getLogger(__name__)

ENDS_WITHIN_S = 1.0
# SetThreadExecutionState of Windows
CONTINUOUS, SYSTEM_REQUIRED = 0x80000000, 0x00000001


class KeepAwake(Protocol):
    """Awake inside, free to sleep outside; enter and leave it in the same thread."""

    def __call__(self, why: str) -> AbstractContextManager[None]: ...


@contextmanager
def keep_awake(why: str) -> Iterator[None]:
    """No sleep and no idling as long as this goes on."""
    if sys.platform == "win32":
        with _execution_state():
            yield
        return
    with _inhibitor(_command(why)):
        yield


def _command(why: str) -> list[str]:
    """A program that inhibits sleep until its input ends, as it does when we are killed too."""
    if sys.platform == "darwin":
        return ["caffeinate", "-i", "-s", "cat"]
    who = ["--who=Parfocal", f"--why={why}"]
    return ["systemd-inhibit", "--what=sleep:idle", *who, "--mode=block", "cat"]


@contextmanager
def _inhibitor(command: list[str]) -> Iterator[None]:
    if shutil.which(command[0]) is None:
        _log.info("%s is not installed: this computer may fall asleep in a run", command[0])
        yield
        return
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    # in a session of its own: neither Ctrl-C nor the end of a terminal is for it
    with subprocess.Popen(
        command, stdin=pipe, stdout=nothing, stderr=nothing, cwd=os.sep, start_new_session=True
    ) as process:
        try:
            yield
        finally:
            if process.poll() is not None:
                _log.info("%s refused: this computer may fall asleep in a run", command[0])
            assert process.stdin is not None  # it was asked for above
            process.stdin.close()
            try:
                process.wait(ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def _execution_state() -> Iterator[None]:
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - only Windows has it
    kernel.SetThreadExecutionState(CONTINUOUS | SYSTEM_REQUIRED)
    try:
        yield
    finally:
        kernel.SetThreadExecutionState(CONTINUOUS)
