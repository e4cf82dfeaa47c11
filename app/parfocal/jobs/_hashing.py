"""Copy files and take their hash on the way; read copies again from the disk, not from memory."""

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import uuid4

from parfocal.jobs._errors import Corrupt
from parfocal.store import sync_to_disk

__all__ = ["COPYING", "copy_hashed", "hash_file", "read_manifest", "write_manifest"]

BLOCK = 4 * 2**20
AHEAD = 2 * BLOCK
FLUSH = 64 * 2**20
COPYING = re.compile(r"\.[0-9a-f]{32}\.copying")
"""The end of the name of a file that is being copied."""
LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")

Passed = Callable[[int], None]


def copy_hashed(source: Path, target: Path, passed: Passed) -> str:
    """Copy a file, whole and on the disk when this returns; the SHA-256 of what was read."""
    digest = hashlib.sha256()
    block = memoryview(bytearray(BLOCK))
    done = 0
    # a name of its own, also when somebody who was given up copies on
    fresh = target.with_name(f"{target.name}.{uuid4().hex}.copying")
    with source.open("rb", buffering=0) as read, fresh.open("wb", buffering=0) as write:
        while count := read.readinto(block):
            part = block[:count]
            digest.update(part)
            while part:  # a raw file may take less than it was given
                part = part[write.write(part) :]
            _forget(write.fileno(), done, count)  # which lets the disk begin with it
            done += count
            if done % FLUSH < count:
                # an acquisition that begins now shares its disk with little
                os.fsync(write.fileno())
            passed(count)
        facts = os.fstat(read.fileno())
        os.fsync(write.fileno())
        os.utime(fresh, ns=(facts.st_atime_ns, facts.st_mtime_ns))
        _forget(write.fileno())
    fresh.replace(target)
    return digest.hexdigest()


def hash_file(path: Path, passed: Passed) -> str:
    """The SHA-256 of what the disk gives back, not of what the system still has in memory."""
    digest = hashlib.sha256()
    block = memoryview(bytearray(BLOCK))
    done = 0
    with path.open("rb", buffering=0) as read:
        _forget(read.fileno())
        while count := read.readinto(block):
            done += count
            _fetch(read.fileno(), done)  # the disk reads on while this is hashed
            digest.update(block[:count])
            passed(count)
        _forget(read.fileno())  # nobody reads it again, and others need the memory
    return digest.hexdigest()


def write_manifest(path: Path, hashes: Mapping[str, str]) -> None:
    """As `sha256sum -c` reads it; whole and on the disk when this returns."""
    fresh = path.with_name(path.name + ".new")
    lines = [f"{digest}  {name}\n" for name, digest in sorted(hashes.items())]
    fresh.write_text("".join(lines), encoding="utf-8", errors="surrogateescape")
    sync_to_disk(fresh)
    fresh.replace(path)
    sync_to_disk(path.parent)


def read_manifest(path: Path, *, torn: bool = False) -> dict[str, str]:
    """The hash of each file that a manifest names; of a `torn` one, what can be read."""
    found = {}
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    for number, line in enumerate(text.splitlines(), 1):
        match = LINE.fullmatch(line)
        if match is None and torn:
            continue
        if match is None:
            raise Corrupt(f"{path}, line {number}, is no line of a manifest: {line[:80]!r}")
        found[match[2]] = match[1]
    return found


def _fetch(descriptor: int, start: int) -> None:
    """Let the disk read what comes next."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, start, AHEAD, os.POSIX_FADV_WILLNEED)


def _forget(descriptor: int, start: int = 0, length: int = 0) -> None:
    """Let the system write its copy in memory and drop it; a flipped bit on the disk does not
    change that copy. All of the file, where no length is told."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, start, length, os.POSIX_FADV_DONTNEED)
