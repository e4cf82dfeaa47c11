"""A viewer without its window, for what its process does, and what may be left of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil

from parfocal.viewer._record import PREFIX, records_folder

# What a viewer is without its window: it hears, answers, says how it is, and prints what it must.
CHILD = """
import os, sys, time
from parfocal.viewer import _link
_link._HANGS_S = float(sys.argv[1])
link = _link.HostLink(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
link.first()
later = []
while True:
    for message in link.messages() if sys.argv[2] == "polls" else []:
        if message["op"] == "close":
            link.close()
            os._exit(0)
        if message["op"] == "crash":
            said = ["Traceback (most recent call last):", "  in it", "ValueError: too blue", ""]
            sys.stderr.write("\\n".join(said))
            os._exit(3)
        later.append(message)
        if message["op"] != "later":  # which is answered before the next one
            for one in later:
                link.send({"id": one["id"], "result": {"heard": one["op"]}})
            later.clear()
    link.shows(link.standing)
    link.send({"status": {}})
    time.sleep(0.01)
"""


def spawn(hangs_s: float = 120.0, how: str = "polls") -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(hangs_s), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def left_outside() -> list[Path]:
    runtime = Path(os.environ["XDG_RUNTIME_DIR"])
    return [*records_folder().glob("*"), *runtime.rglob(f"{PREFIX}*")]


def gone(process: psutil.Process) -> bool:
    """Whether it has ended."""
    # Where nobody adopts orphans (a container without init) a zombie stays; it holds nothing.
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
