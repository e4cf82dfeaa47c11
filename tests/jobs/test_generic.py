"""Ingestion, migration, pyramids and exports go through the same queue, and survive a kill."""

from __future__ import annotations

import contextlib
import io
import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hand_clock import LaterClock
from zarr_stores import pixels_of, write_volume

from parfocal.cli import run_verb
from parfocal.jobs import Database, Worker, is_idle, list_jobs
from parfocal.store import check, info

KILLED = """
import os, signal, sys, threading
from pathlib import Path
from parfocal.jobs import Database, Leases, Worker

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

Leases.complete = kill
Worker(Database(Path(sys.argv[1]))).run(threading.Event())
"""


def later(queue: Path, *words: object) -> tuple[int, Any]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run_verb([*map(str, words), "--later", "--queue", str(queue), "--json"])
    return code, json.loads(out.getvalue()) if code == 0 else err.getvalue()


def work(database: Database) -> None:
    Worker(database).run(threading.Event(), lambda: is_idle(database))


def test_the_four_verbs_leave_it_to_the_queue(tmp_path: Path, database: Database) -> None:
    queue = database.path
    pixels = np.arange(3 * 40 * 50, dtype="u2").reshape(3, 40, 50)
    np.save(tmp_path / "s.npy", pixels)
    write_volume(tmp_path / "old.zarr")
    new, moved = tmp_path / "s.ome.zarr", tmp_path / "old.ome.zarr"
    code, told = later(
        queue, "ingest", tmp_path / "s.npy", "-o", new, "--voxel-size", "2,1,1", "--axes", "zyx"
    )
    assert (code, told["state"], told["kind"]) == (0, "ready", "ingest")
    assert later(queue, "ingest", tmp_path / "s.npy", "-o", new)[1]["id"] == told["id"]
    later(queue, "migrate", tmp_path / "old.zarr", "-o", moved)
    work(database)
    assert np.array_equal(pixels_of(new)[0, 0], pixels)
    assert info(new).voxel_size_um == (2, 1, 1)
    assert check(moved, deep=True).ok
    later(queue, "pyramid", moved)
    later(queue, "export", new, "--mip", "z", "-o", tmp_path / "s.tif")
    work(database)
    assert (tmp_path / "s.tif").is_file()
    assert {job.state for job in list_jobs(database)} == {"done"}
    # asked for anew after it is over it is another job, and what is there is not overwritten
    again = later(queue, "ingest", tmp_path / "s.npy", "-o", new)[1]
    work(database)
    assert again["id"] != told["id"]
    (job,) = [job for job in list_jobs(database) if job.id == again["id"]]
    assert job.state == "parked"
    assert "exists already" in job.error
    code, refusal = later(queue, "ingest", tmp_path / "none.npy", "-o", new)
    assert (code, "there is nothing at" in refusal) == (1, True)


@pytest.mark.parametrize("kind", ["ingest", "export", "pyramid"])
def test_a_kill_after_the_work_and_before_it_is_written_down(tmp_path: Path, kind: str) -> None:
    clock = LaterClock()
    database = Database(tmp_path / "q.sqlite", clock)
    write_volume(tmp_path / "old.zarr")
    store = tmp_path / "old.ome.zarr"
    assert later(database.path, "ingest", tmp_path / "old.zarr", "-o", store)[0] == 0
    if kind != "ingest":
        work(database)
        words = ["-o", tmp_path / "x.tif", "--volume"] if kind == "export" else []
        assert later(database.path, kind, store, *words)[0] == 0
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(database.path)], timeout=60, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    clock.ahead += 31
    work(database)
    assert {job.state for job in list_jobs(database)} == {"done"}, list_jobs(database)
    assert check(store, deep=True).ok
    database.close()
