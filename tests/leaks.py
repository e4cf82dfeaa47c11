"""Take stock of what this process holds, and say what a test added and did not give back."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

PATIENCE_S = 3.0  # processes and threads need a moment to be gone after they were asked
LOOKS = 20  # at least: on a busy computer one of them takes half of the patience

# What libraries start once for good and never stop. Nothing of ours is named like these.
LIBRARY_THREADS = re.compile(
    r"zarr_io|asyncio_\d+|Dummy-\d+|ThreadPoolExecutor-\d+_\d+|pymmcore|QtHandler|fsspecIO"
)
LIBRARY_PROCESSES = ("multiprocessing.resource_tracker", "Xvfb")
# Files that libraries keep open: their own code and data, fonts, caches and devices.
LIBRARY_FILES = re.compile(
    r"^/(dev|proc|sys|usr|etc|lib|var|opt)/|/\.venv/|site-packages|/cache/|/pymmcore-plus/|^/memfd:|\.pytest|/fontconfig/|\.hypothesis"
)


@dataclass(frozen=True)
class Belongings:
    """One stock-taking."""

    windows: frozenset[int]
    threads: frozenset[threading.Thread]
    processes: frozenset[int]
    blocks: frozenset[str]
    files: frozenset[str]

    @classmethod
    def now(cls) -> Belongings:
        """Count what is held at this moment."""
        return cls(
            windows=frozenset(_windows()),
            threads=frozenset(_threads()),
            processes=frozenset(_processes()),
            blocks=frozenset(_shared_blocks()),
            files=frozenset(_open_files()),
        )

    @classmethod
    def left_since(cls, before: Belongings) -> list[str]:
        """Say in words what came since `before` and did not go within the patience."""
        return [
            *(f"window {w}" for w in _lasting(_windows, before.windows, _settle_widgets).values()),
            *(f"thread {t.name}" for t in _lasting(_threads, before.threads)),
            *(f"process {p}" for p in _lasting(_processes, before.processes).values()),
            *(f"shared memory {b}" for b in _lasting(_shared_blocks, before.blocks)),
            *(f"open file {f}" for f in _lasting(_open_files, before.files, gc.collect).values()),
        ]


def _lasting(
    take: Callable[[], dict], before: frozenset, nudge: Callable[[], object] = lambda: None
) -> dict:
    deadline = time.monotonic() + PATIENCE_S
    looks = 0
    while True:
        looks += 1
        left = {key: words for key, words in take().items() if key not in before}
        if not left or (looks > LOOKS and time.monotonic() > deadline):
            return left
        nudge()
        time.sleep(0.02)


def _windows() -> dict[int, str]:
    widgets = sys.modules.get("PyQt6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return {}
    from PyQt6 import sip

    return {
        sip.unwrapinstance(widget): f"{type(widget).__name__} {widget.objectName()!r}"
        for widget in widgets.QApplication.topLevelWidgets()
    }


def _settle_widgets() -> None:
    # pymmcore-widgets leaves up to 32 top-levels until deferred deletes have run.
    from PyQt6.QtCore import QCoreApplication, QEvent

    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()


def _threads() -> dict[threading.Thread, str]:
    return {
        thread: thread.name
        for thread in threading.enumerate()
        if thread is not threading.main_thread() and not LIBRARY_THREADS.match(thread.name)
    }


def _processes() -> dict[int, str]:
    found: dict[int, str] = {}
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            command = " ".join(child.cmdline()) or child.name()
            if not any(name in command for name in LIBRARY_PROCESSES):
                found[child.pid] = f"{child.pid} {child.status()} {command[:120]}"
    return found


def _shared_blocks() -> dict[str, str]:
    folder = Path("/dev/shm")
    if not folder.is_dir():
        return {}
    return {
        name: name
        for name in sorted(path.name for path in folder.iterdir())
        if name.startswith(("parfocal", "psm_", "pf-")) and not _of_a_stranger(name)
    }


def _of_a_stranger(name: str) -> bool:
    """Whether a block's name carries the number of a live process outside our family."""
    if not name.startswith("parfocal"):
        return False  # Python's own names are random digits, not a process
    family = {os.getpid(), *(child.pid for child in psutil.Process().children(recursive=True))}
    numbers = [int(digits) for digits in re.findall(r"\d{2,7}", name)]
    return any(psutil.pid_exists(n) and n not in family for n in numbers)


def _open_files() -> dict[str, str]:
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        return {}
    found: dict[str, str] = {}
    for entry in folder.iterdir():
        with contextlib.suppress(OSError):
            target = str(entry.readlink())
            # a ring of the viewer's has no name: it shows as an open "/dev/shm/#NUMBER (deleted)"
            ring = target.startswith("/dev/shm/#")
            if ring or (target.startswith("/") and not LIBRARY_FILES.search(target)):
                found[f"{entry.name} {target}"] = target
    return found
