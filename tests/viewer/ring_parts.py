"""Rings to play with, and readers in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

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


def start(code: str, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    """Start a process, and hear its first line."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True
    )
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


def free_bytes() -> int:
    """What is left of shared memory."""
    place = os.statvfs("/dev/shm")
    return place.f_bavail * place.f_frsize


def open_files() -> int:
    """How many files and sockets this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))
