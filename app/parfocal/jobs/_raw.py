"""Look at the raw data of a strip: which files there are, and whether they are still the same."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["MANIFEST", "RawFile", "fingerprint", "raw_files", "size_of"]

MANIFEST = "manifest.sha256"


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file below the folder of a strip."""

    name: str
    """Below the folder, with slashes."""
    path: Path
    size: int
    mtime_ns: int
    inode: int


def raw_files(folder: Path) -> list[RawFile]:
    """All of them, by name; a manifest that says of them what they are is none of them."""
    return sorted(_walk(folder, ""), key=lambda file: file.name)


def fingerprint(folder: Path) -> str:
    """Another text when a file came, went, grew or was written again; reads no contents."""
    told = "\n".join(f"{file.name}\0{file.size}\0{file.mtime_ns}" for file in raw_files(folder))
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()


def size_of(folder: Path) -> int:
    """Bytes of all its files."""
    return sum(file.size for file in raw_files(folder))


def _walk(folder: Path, before: str) -> Iterator[RawFile]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = before + entry.name
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), f"{name}/")
            elif entry.is_file() and name != MANIFEST:
                facts = entry.stat()
                yield RawFile(
                    name, Path(entry.path), facts.st_size, facts.st_mtime_ns, facts.st_ino
                )
