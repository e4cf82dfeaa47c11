"""Read a scan's file to change it, see what it would say then, and put it in its place whole."""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parfocal.jobs._config import LARGEST
from parfocal.jobs._errors import JobError
from parfocal.jobs._yaml_edit import comments_in, reads, with_values
from parfocal.jobs._yaml_lines import Lines
from parfocal.store import sync_to_disk

__all__ = ["Rewritten", "ScanFile", "read_scan_file", "rewrite", "write_scan_file"]


@dataclass(frozen=True, slots=True)
class ScanFile:
    """A file as it was read, right or wrong; `text` has its own ends of lines."""

    path: Path
    text: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A file's text with other values, and the comments that it has not got any more."""

    text: str
    lost: tuple[str, ...] = ()


def read_scan_file(path: Path) -> ScanFile:
    """What is there; only what holds no `key: value` at all is refused."""
    text = _text_of(path)
    told = Lines(str(path), text).value
    if not isinstance(told, dict):
        raise JobError(f"{path} is no configuration: it holds no `key: value`")
    return ScanFile(path, text, told)


def rewrite(text: str, values: Mapping[str, Any]) -> Rewritten:
    """The text with these values instead; "" for a new file."""
    made = with_values(text, values)
    if not reads(made, values):
        raise JobError("this cannot be written as YAML that says the same when it is read")
    lost = comments_in(text) - comments_in(made)
    return Rewritten(made, tuple(lost.elements()))


def write_scan_file(path: Path, text: str, *, before: str | None = None) -> None:
    """Put a text in its place whole, or leave what is there. `before`: what was read of it; another
    program's changes since then are not written over."""
    try:
        # a link stays one, and what it leads to is changed
        place = path.resolve()
        if before is not None and _text_of(place) != before:
            raise JobError(
                f"{path} was changed by somebody else since it was opened here; "
                "copy what you need of the preview, and edit it again"
            )
        _replace(place, text)
    except OSError as problem:
        raise JobError(
            f"{path} cannot be written: {problem.strerror or problem}; nothing was changed"
        ) from problem


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise JobError(f"{path} is too large to be a scan's file")
        # with its mark at the beginning and its ends of lines: they are somebody's too
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        why = getattr(problem, "strerror", None) or "it is not text"
        raise JobError(f"{path} cannot be read: {why}") from problem


def _replace(place: Path, text: str) -> None:
    fresh = place.with_name(f".{place.name}.new")
    try:
        with fresh.open("wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            shutil.copymode(place, fresh)
        fresh.replace(place)
        with suppress(OSError):  # it is in its place; not every share lets a folder be flushed
            sync_to_disk(place.parent)
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
