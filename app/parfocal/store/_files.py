"""Write and read small files so that a crash leaves the old one or the new one, never a half."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parfocal.store._errors import StoreError


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write `value` beside `path` and rename it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    fresh.replace(path)


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
