"""Write and read small files so that a crash leaves the old one or the new one, never a half."""

import json
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np

from parfocal.store._errors import StoreError

# What Python makes of a byte that is no UTF-8
STRAY = re.compile("[\ud800-\udfff]")
FLUSHES_AT_ONCE = 4


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write `value` beside `path` and rename it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, indent=2, ensure_ascii=False, default=_simple)
    with replacing(path) as fresh:
        fresh.write_text(legible(text) + "\n", encoding="utf-8")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """The file to write instead of `path`, whose place it takes then; nothing of it is left when
    that fails: a full disk left halves in stores that were closed in good order."""
    fresh = path.with_name(path.name + ".new")
    try:
        yield fresh
        fresh.replace(path)
    except BaseException:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise


def read_json(path: Path) -> dict[str, Any]:
    """The object in `path`; a StoreError that names the file when it is none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise StoreError(f"{path} cannot be read: {problem.strerror}") from problem
    except ValueError as problem:
        raise StoreError(f"{path} is not JSON: {problem}") from problem
    if not isinstance(value, dict):
        raise StoreError(f"{path} holds {type(value).__name__} where an object is expected")
    return value


def json_line(value: Mapping[str, Any]) -> bytes:
    """The value as one line of a file that only grows."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_simple)
    return legible(text).encode() + b"\n"


def legible(text: str) -> str:
    """The text without what UTF-8 cannot say.

    A device of Micro-Manager may tell "20 °C" in Latin-1, which comes as "20 \\udcb0C": a whole
    recording ended for a single such frame.
    """
    return text if text.isascii() else STRAY.sub(_latin, text)


def _latin(stray: re.Match[str]) -> str:
    byte = ord(stray[0]) - 0xDC00
    return chr(byte) if 0x80 <= byte <= 0xFF else "\N{REPLACEMENT CHARACTER}"


def _simple(value: Any) -> Any:
    """A number of NumPy is a number; of anything else its text is kept, so that no word of a
    device or a plan can keep a recording from being closed."""
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else str(value)


def sync_to_disk(path: Path) -> None:
    """Make sure that a file or a folder's entries survive a power cut."""
    if path.is_dir():
        if os.name == "nt":  # Windows has no handle on a folder to flush
            return
        descriptor = os.open(path, os.O_RDONLY)
    else:
        # Windows flushes only a handle that may write
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_all_to_disk(paths: Iterable[Path]) -> None:
    """The same for several, at once: a file system then writes its own journal once for all.

    14 of them, one after the other, took 33 ms on a disk that others wrote to as well.
    """
    left = deque(paths)
    problems: list[OSError] = []

    def flush() -> None:
        with suppress(IndexError):
            while True:
                path = left.popleft()
                try:
                    sync_to_disk(path)
                except OSError as problem:
                    problems.append(problem)

    others = [
        # daemons: a disk that has stalled must not keep the program from leaving
        Thread(target=flush, name="parfocal flush", daemon=True)
        for _ in range(min(len(left), FLUSHES_AT_ONCE) - 1)
    ]
    for thread in others:
        thread.start()
    flush()
    for thread in others:
        thread.join()
    if problems:
        raise problems[0]
