"""See that nothing is left: no child, no thread that would keep the program from ending."""

import threading
import time

import psutil

from parfocal.cli.selftest._course import SelfTestError

__all__ = ["leave_clean"]

PATIENCE_S = 5.0
LOOK_S = 0.05
# Python's own, which ends with us, and the virtual display
KEPT = ("resource_tracker", "Xvfb")


def leave_clean() -> str:
    """Raise the names of what is left after a few seconds."""
    deadline = time.monotonic() + PATIENCE_S
    while left := [*_children(), *_threads()]:
        if time.monotonic() > deadline:
            raise SelfTestError(f"left behind: {', '.join(left)}")
        time.sleep(LOOK_S)
    return "no process, no thread"


def _children() -> list[str]:
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            words = " ".join(child.cmdline())
            if child.status() != psutil.STATUS_ZOMBIE and not any(one in words for one in KEPT):
                found.append(words)
        except psutil.NoSuchProcess:
            continue
    return found


def _threads() -> list[str]:
    main = threading.main_thread()
    return [one.name for one in threading.enumerate() if one is not main and not one.daemon]
