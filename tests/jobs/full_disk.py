"""Run in a mount namespace of its own: a small disk that is really full, and one read-only.

`full_disk.py ROOT KIND`: KIND says whose disk is small: archive, output, queue or read-only.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from camera import Camera
from rig import Rig, working

from parfocal.jobs import Database, Worker, holds, is_idle, retry_job


def main(root: Path, kind: str) -> None:
    small = root / {"archive": "backup", "output": "stores", "queue": "queue"}.get(kind, "backup")
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(small)], check=True)
    (root / "queue").mkdir(exist_ok=True)
    database = Database(root / "queue" / "q.sqlite")
    rig = Rig(root, database, stable_seconds=0)
    folder = Camera(files=8, height=256, width=256).write(rig.raw / "Run1")
    rig.admit(folder)
    if kind == "read-only":
        subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
        told = _read_only(rig, small)
    else:
        told = _full(rig, small)
    told["end"] = dict(rig.states())
    told["partial"] = [str(path) for path in root.rglob("*partial*")]
    database.close()
    sys.stdout.write(json.dumps(told))


def _full(rig: Rig, small: Path) -> dict[str, object]:
    filler = small / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    told: dict[str, object] = {}
    with working(Worker(rig.database)):
        time.sleep(4)
        told["while full"] = dict(rig.database.row("SELECT max(attempt) AS attempts FROM job"))
        told["holds"] = holds(rig.database)
        told["done while full"] = [k for k, state in rig.states().items() if state == "done"]
        filler.unlink()
        end = time.monotonic() + 40
        while set(rig.states().values()) != {"done"} and time.monotonic() < end:
            time.sleep(0.2)
    return told


def _read_only(rig: Rig, small: Path) -> dict[str, object]:
    worker = Worker(rig.database)
    worker.run(threading.Event(), lambda: is_idle(rig.database))
    job = rig.jobs()["archive"]
    told = {"parked": [str(job.state), job.error]}
    subprocess.run(["mount", "-o", "remount,rw", str(small)], check=True)
    retry_job(rig.database, job.id)
    Worker(rig.database).run(threading.Event(), lambda: is_idle(rig.database))
    return told


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
