"""Measure in a process of its own: a folder to write in, its memory, the bytes that it wrote."""

import multiprocessing
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np
import psutil

Given = ParamSpec("Given")
Measured = TypeVar("Measured")


def in_a_process(
    measure: Callable[Given, Measured], *given: Given.args, **named: Given.kwargs
) -> Measured:
    """A fresh process, so that no run inherits another one's memory, threads or imports."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(measure, *given, **named).result()


@contextmanager
def scratch(parent: Path | None = None) -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="parfocal-bench-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def back_memory(most: int) -> None:
    """Touch memory and free it again, so that what is measured gets pages that really exist.

    A virtual machine takes 2.1 s to back a GiB for the first time and 0.1 s afterwards; without
    this the runs measure the host, and differ by a factor of two.
    """
    size = min(most, psutil.virtual_memory().available // 2)
    np.empty(size, dtype=np.uint8)[::4096] = 1


def written_bytes() -> int:
    """Bytes that this process gave to write calls."""
    if not hasattr(psutil.Process, "io_counters"):
        return 0
    counters = psutil.Process().io_counters()
    return int(getattr(counters, "write_chars", counters.write_bytes))


def reset_peak() -> int:
    """Forget the highest memory so far; returns what is in use now."""
    if sys.platform == "linux":
        Path("/proc/self/clear_refs").write_text("5")
    return int(psutil.Process().memory_info().rss)


def peak_memory() -> int:
    """The highest memory since `reset_peak` (elsewhere than on Linux: since the start, or now)."""
    if sys.platform == "linux":
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    memory = psutil.Process().memory_info()
    return int(getattr(memory, "peak_wset", memory.rss))
