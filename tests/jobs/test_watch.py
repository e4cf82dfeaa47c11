"""`parfocal watch` on a rig that writes: every strip goes its way, and people are told."""

from __future__ import annotations

import contextlib
import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from camera import Camera
from hand_clock import LaterClock
from receiver import Receiver
from rig import Rig, files_of

from parfocal.cli import run_verb
from parfocal.jobs import Database, Watcher, list_jobs


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver().listening() as listening:
        yield listening


@pytest.fixture
def rig(tmp_path: Path, database: Database) -> Rig:
    return Rig(tmp_path, database)


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


@contextlib.contextmanager
def verb(*words: object) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [sys.executable, "-m", "parfocal", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.communicate()


def said(*words: object) -> tuple[int, Any]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run_verb([*map(str, words), "--json"])
    return code, json.loads(out.getvalue()) if out.getvalue() else err.getvalue()


def test_watch_takes_two_growing_cameras_from_end_to_end(rig: Rig, receiver: Receiver) -> None:
    rig.configure(
        cleanup="delete",
        delete_consent="delete brain",
        strips_per_slice=4,
        notify=[{"webhook": receiver.url}],
        stable_seconds=1,
    )
    with verb("watch", rig.file, "--queue", rig.database.path, "--json") as watching:
        until(lambda: bool(rig.database.rows("SELECT 1 FROM sqlite_master WHERE name = 'job'")))
        first = Camera().write(rig.raw / "Run1", pause_s=0.4)
        raw = files_of(first)
        second = Camera(seed=8).write(rig.raw / "Run1_C2", pause_s=0.1)
        until(lambda: len([j for j in list_jobs(rig.database) if j.state == "done"]) == 18)
        until(lambda: len(receiver.taken) == 4)
        watching.send_signal(signal.SIGTERM)
        told = json.loads(watching.communicate(timeout=30)[0])
    assert watching.returncode == 0
    assert {one["state"] for one in told["strips"]} == {"done"}
    assert len(rig.database.rows("SELECT 1 FROM event WHERE kind = 'generation'")) == 0
    backup = files_of(rig.backup)
    assert {name: data for name, data in backup.items() if name != "manifest.sha256"} == raw
    proof = ["sha256sum", "-c", "--quiet", "manifest.sha256"]
    assert subprocess.run(proof, cwd=rig.backup, check=False).returncode == 0
    for folder, channel in ((first, 1), (second, 2)):
        assert sorted(files_of(folder)) == ["acquisitionmetadata.ini", "info.txt"]
        assert rig.product(".preview-2.jpg", channel).is_file()
        stone = json.loads((rig.raw / f"{folder.name}.tombstone-1.json").read_text())
        assert len(stone["files"]) == len(stone["hashes"]) == 6
    subjects = [one["subject"] for one in receiver.taken]
    assert sorted(subjects)[2:] == [
        "Strip 1 of slice 0 (camera-01) processed",
        "Strip 1 of slice 0 (camera-02) processed",
    ]
    assert sorted(subjects)[0] == "Slice 0 (camera-01) of brain: 25 % processed"
    assert len(set(receiver.keys)) == 4
    assert sum(len(one["pictures"]) for one in receiver.taken) == 4


def test_two_applications_that_are_both_killed_leave_work_that_is_done_once(rig: Rig) -> None:
    rig.configure(stable_seconds=0, bandwidth_mb_s=0.01)
    raw = files_of(Camera().write(rig.raw / "Run1"))
    words = ("watch", rig.file, "--queue", rig.database.path)
    with verb(*words) as one, verb(*words) as other:
        until(lambda: rig.states().get("archive") == "running")
        until(lambda: rig.states()["preview"] == "done")
        for application in (one, other):
            application.send_signal(signal.SIGKILL)
            application.wait()
    later = Database(rig.database.path, LaterClock(31))
    rig.database = later
    rig.configure(stable_seconds=0)
    with later.change() as sql:
        sql.execute("UPDATE strip SET config = ?", (json.dumps(rig.config.as_json()),))
    assert Watcher(later, rig.config).look() == []
    assert {job.state for job in rig.work().values()} == {"done"}
    done = later.rows("SELECT job FROM event WHERE kind = 'done'")
    assert len(done) == len({row["job"] for row in done}) == len(list_jobs(later)) == 8
    assert {name: data for name, data in files_of(rig.backup).items() if name in raw} == raw
    assert not list(rig.root.rglob("*partial*"))
    later.close()


def test_the_verbs_show_and_steer_the_queue(rig: Rig) -> None:
    queue = ("--queue", rig.database.path)
    folder = Camera().write(rig.raw / "Run1")
    rig.configure(stable_seconds=0)
    code, told = said("strip", folder, "--config", rig.file, "--no-work", *queue)
    assert (code, told["action"]) == (0, "start")
    code, told = said("jobs", "pause", *queue)
    assert told["holds"] == {"user": "paused by hand"}
    code, told = said("worker", "--until-idle", *queue)
    assert told["jobs"] == {"ready": 1, "waiting": 7}
    assert said("jobs", "resume", *queue)[1]["holds"] == {}
    (folder / "1000000000spool.dat").rename(rig.root / "aside")
    code, told = said("strip", folder, "--config", rig.file, *queue)
    assert code == 1
    broken = told["jobs"][0]
    assert (broken["stage"], broken["state"]) == ("settle", "parked")
    assert "lacks 1000000000spool.dat" in broken["error"]
    (rig.root / "aside").rename(folder / "1000000000spool.dat")
    assert said("jobs", "retry", broken["id"], *queue)[1]["state"] == "ready"
    code, told = said("worker", "--until-idle", "--cpus", "0", *queue)
    assert told["jobs"] == {"done": 8}
    code, told = said("strip", folder, "--config", rig.file, *queue)
    assert (code, told["action"]) == (0, "skip")
    assert "it was completed at" in told["why"]
    code, told = said("jobs", "show", broken["id"], *queue)
    assert [one["kind"] for one in told["story"]] == ["parked", "again", "done"]
    name = "brain/slice-000/camera-01/strip-001"
    assert said("state", "reset", name, *queue)[1]["strips"][0]["state"] == "reset"
    code, told = said("watch", rig.file, "--once", *queue)
    assert told["strips"][0] == {
        "strip": name,
        "generation": 2,
        "raw": str(folder),
        "stage": "report",
        "state": "done",
        "error": "",
    }
    for words, why in (
        (("jobs", "show"), "takes an ID"),
        (("jobs", "retry", 1), "no job 1"),
        (("state", "reset", "nothing"), "there is no strip nothing"),
        (("strip", rig.root, "--config", rig.file), "is no strip"),
        (("worker", "--until-idle", "--cpus", "99"), "no processor 99"),
    ):
        code, refusal = said(*words, *queue)
        assert code == 1
        assert why in refusal
        assert refusal.count("\n") == 1
