"""Rings to play with, and readers in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil

from parfocal.viewer import Ring, RingReader
from viewer.waiting import eventually

SHAPE = (64, 48)

# Reads until the stream ends. Frames are even, and their value is `t`: a mixed one is noticed.
READER = """
import json, sys, time
from pathlib import Path
import psutil
from parfocal.viewer import RingAddress, RingReader
reader = RingReader.attach(RingAddress.from_json(json.loads(sys.argv[1])))
pause = float(sys.argv[2])
me = psutil.Process()
print("attached", flush=True)
mixed = late = sequence = early = 0
while not reader.finished:
    reader.wait(0.05)
    for frame in reader.fresh():
        mixed += bool(frame.pixels.min() != frame.pixels.max())
        mixed += int(frame.pixels[0, 0]) != frame.coordinates["t"]
        late += frame.sequence <= sequence
        sequence = frame.sequence
        time.sleep(pause)
    if not early and reader.accepted > 50:
        early, files = me.memory_info().rss, me.num_fds()
said = {"accepted": reader.accepted, "dropped": reader.dropped, "damaged": reader.damaged}
said |= {"mixed": mixed, "late": late, "last": sequence}
if early:
    said |= {"grown": me.memory_info().rss - early, "files": me.num_fds() - files}
print(json.dumps(said))
"""
# Holds slots until it is killed.
HOLDER = """
import json, sys, time
from parfocal.viewer import RingAddress, RingReader
reader = RingReader.attach(RingAddress.from_json(json.loads(sys.argv[1])))
print([reader._block._leases.take(int(slot), writing=False) for slot in sys.argv[2:]], flush=True)
time.sleep(60)
"""
OWNER = """
import json, time
from parfocal.viewer import Ring
ring = Ring.create((4096, 4096), "uint16", slots=8)
print(json.dumps(ring.address.as_json()), flush=True)
time.sleep(60)
"""

STARTED: list[subprocess.Popen[str]] = []
"""By the test that runs: what a failed one did not end is ended after it."""


def start(code: str, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    """Start a process, and hear its first line."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True
    )
    STARTED.append(process)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def told(process: subprocess.Popen[str]) -> dict[str, int]:
    """What a reader says when its stream has ended."""
    return json.loads(process.communicate(timeout=30)[0])


def kill(process: subprocess.Popen[str]) -> None:
    """End it at once."""
    process.kill()
    process.communicate()


def written(ring: Ring) -> str:
    """The ring's address for a process."""
    return json.dumps(ring.address.as_json())


def plane(value: int, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """An even frame."""
    return np.full(shape, value, "uint16")


def read_all(reader: RingReader, seconds: float = 5.0) -> list[int]:
    """The `t` of what comes until something does."""
    found: list[int] = []

    def look() -> bool:
        found.extend(frame.coordinates["t"] for frame in reader.fresh())
        return bool(found)

    eventually(look, seconds)
    return found


def shared_files(process: int | None = None) -> dict[int, int]:
    """What a process, or this one, has of shared memory: bytes by the file's number. A file that
    it has only mapped counts with all of its length."""
    place = Path(f"/proc/{process or os.getpid()}")
    found: dict[int, int] = {}
    for line in (place / "maps").read_text().splitlines():
        stretch, *_, number, path = [*line.split(maxsplit=5), ""][:6]
        if path.startswith("/dev/shm/"):
            start, end = (int(edge, 16) for edge in stretch.split("-"))
            found[int(number)] = found.get(int(number), 0) + end - start
    for link in (place / "fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            if str(link.readlink()).startswith("/dev/shm/"):
                file = link.stat()
                found[file.st_ino] = 512 * file.st_blocks
    return found


def shared_bytes(process: int | None = None) -> int:
    """All of it; another program's, or another test's, is not counted."""
    return sum(shared_files(process).values())


def has_users(files: Collection[int]) -> bool:
    """Whether any process has one of these files of shared memory; without any they are gone."""
    for process in psutil.pids():
        with suppress(OSError):  # it has ended, or is somebody else's
            if not shared_files(process).keys().isdisjoint(files):
                return True
    return False


def open_files() -> frozenset[str]:
    """The files and sockets that this process has open. What is new among them counts: those of a
    test before may be closed meanwhile."""
    found = set()
    for link in list(Path("/proc/self/fd").iterdir()):
        with suppress(OSError):  # the one of this look is closed
            found.add(f"{link.name} {link.readlink()}")
    return frozenset(found)
