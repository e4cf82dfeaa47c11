"""Strips whose work on files is done by a Dask cluster are the same strips, whatever becomes of its
workers; the queue has one writer."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from camera import Camera
from clusters import Cluster, scheduler
from hand_clock import LaterClock
from rig import Rig, files_of, working
from tifffile import imread
from zarr_stores import written

from parfocal.jobs import Database, Worker, list_jobs
from parfocal.jobs import _remote_work as remote
from parfocal.jobs._executor import Task
from parfocal.store import check

PRELOAD = """
import os, signal, time
from parfocal.convert import _journal
from parfocal.jobs import _remote_work

log = os.environ["SHARDS_LOG"]
last = int(os.environ.get("KILLED_AT", "0"))
slow = float(os.environ.get("SHARD_S", "0"))
done = 0

def say(words):
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{os.getpid()} {words}\\n".encode())
    os.close(file)

def told(task, pace):
    say(f"begins {task.key}")
    answer = _remote_work.whole[0](task, pace)
    say(f"ends {task.key}")
    return answer

def add(self, one):
    say(f"shard {one.shard}")
    time.sleep(slow)
    return _remote_work.whole[1](self, one)

def breathe(self, fraction=None):
    # whatever is done first, in the middle of it
    global done
    done += 1
    if done == last:
        os.kill(os.getpid(), signal.SIGKILL)
    return _remote_work.whole[2](self, fraction)

if not hasattr(_remote_work, "whole"):  # Dask loads this twice
    _remote_work.whole = (
        _remote_work.answer_of, _journal.Journal.add, _remote_work.RemotePace.breathe
    )
    _remote_work.answer_of = told
    _journal.Journal.add = add
    _remote_work.RemotePace.breathe = breathe
"""
NAMES = ("Run1", "Run1_C2")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and one worker that stays."""
    with ExitStack() as stack:
        made = stack.enter_context(scheduler(tmp_path_factory.mktemp("dask")))
        stack.enter_context(made.worker(counted=PRELOAD, SHARD_S="0.1"))
        yield made


@pytest.fixture(autouse=True)
def fresh_log(cluster: Cluster) -> None:
    cluster.forget()


@pytest.fixture
def clock() -> LaterClock:
    return LaterClock()


@pytest.fixture
def rig(tmp_path: Path, clock: LaterClock) -> Iterator[Rig]:
    (tmp_path / "there").mkdir()
    database = Database(tmp_path / "there" / "queue.sqlite", clock)
    yield Rig(tmp_path / "there", database, stable_seconds=0, shard_mb=1)
    database.close()


def shot(rig: Rig, name: str) -> Path:
    """Eight frames, a shard each."""
    return Camera(files=4, height=512, width=1000, seed=len(name)).write(rig.raw / name)


def made_by(rig: Rig) -> tuple[dict[str, bytes], list[Any]]:
    stores = sorted((rig.root / "stores").rglob("strip-*.ome.zarr"))
    small = lambda path: ".ome.zarr" in str(path) or path.suffix in {".json", ".tif"}  # noqa: E731
    rest = files_of(rig.root / "backup") | files_of(rig.root / "stores", but=small)
    rest = {name: data for name, data in rest.items() if not name.endswith(".strip.json")}
    shards = [{n: d for n, d in written(store).items() if "/c/" in n} for store in stores]
    mips = [imread(mip).tobytes() for mip in sorted((rig.root / "stores").rglob("*.mip.tif"))]
    return rest, [shards, mips]


def test_two_workers_one_of_which_is_killed_make_what_this_computer_makes_each_stage_once(
    tmp_path: Path, rig: Rig, cluster: Cluster
) -> None:
    (tmp_path / "here").mkdir()
    local = Database(tmp_path / "here" / "queue.sqlite")
    here = Rig(tmp_path / "here", local, stable_seconds=0, shard_mb=1)
    rig.configure(stable_seconds=0, shard_mb=1, executor=cluster.address)
    for each in (here, rig):
        for name in NAMES:
            each.admit(shot(each, name))
    with cluster.worker(counted=PRELOAD, KILLED_AT="4") as victim:
        rig.work()
        assert victim.wait(10) == -signal.SIGKILL
    here.work()
    for each in (here, rig):
        jobs = list_jobs(each.database)
        assert {job.state for job in jobs} == {"done"}, [job.error for job in jobs]
        assert {(job.lease, job.attempt) for job in jobs if job.kind != "settle"} == {(1, 0)}
        done = each.database.rows("SELECT job FROM event WHERE kind = 'done'")
        assert len(done) == len({row["job"] for row in done}) == 16
    assert made_by(rig) == made_by(here)
    for channel in (1, 2):
        assert check(rig.product(".ome.zarr", channel), deep=True).ok
    assert not list(rig.root.rglob("*partial*"))
    begun = Counter(words.split("/")[-2] for _, what, words in cluster.log if what == "begins")
    ended = Counter(words for _, what, words in cluster.log if what == "ends")
    assert set(ended.values()) == {1}
    # copied, hashed, compressed and judged, for two strips; what the dead one had begun, twice
    assert set(begun) == {"copy", "hash", "compress", "judge"}
    assert len(ended) == 8
    assert sum(begun.values()) > 8
    assert len({worker for worker, *_ in cluster.log}) == 2
    # what was in the journal was not made again
    assert Counter(words for _, what, words in cluster.log if what == "shard").total() <= 18
    local.close()


def test_a_run_holds_the_cluster_too_and_a_cancel_ends_it(rig: Rig, cluster: Cluster) -> None:
    rig.configure(stable_seconds=0, shard_mb=1, archive=None, mip=False, executor=cluster.address)
    runs = threading.Event()
    rig.admit(shot(rig, "Run1"))
    with working(Worker(rig.database, busy=runs.is_set)):
        until(lambda: any(what == "shard" for _, what, _ in cluster.log))
        runs.set()
        time.sleep(1.5)
        before = cluster.log
        time.sleep(1)
        assert cluster.log == before
        assert rig.states()["compress"] == "running"
    # the worker left in the middle of it
    assert rig.states()["compress"] == "ready"
    until(lambda: [what for _, what, _ in cluster.log].count("ends") == 1)
    assert {job.state for job in rig.work().values()} == {"done"}
    assert [what for _, what, _ in cluster.log].count("shard") == 8


def test_a_cluster_that_is_not_there_is_trouble_that_passes(rig: Rig, clock: LaterClock) -> None:
    rig.configure(stable_seconds=0, archive=None, mip=False, executor="tcp://127.0.0.1:9")
    rig.admit(shot(rig, "Run1"))
    job = rig.work()["compress"]
    assert (job.state, job.attempt, job.trouble) == ("ready", 1, "transient")
    assert job.error.startswith("the Dask scheduler at tcp://127.0.0.1:9 cannot be reached: ")


def test_work_that_nobody_looks_after_ends_before_its_lease(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "SILENT_S", 0.5)
    (tmp_path / "raw").mkdir()
    for number in range(3):
        (tmp_path / "raw" / f"{number}.dat").write_bytes(bytes(2**20))
    told = {"folder": str(tmp_path / "raw"), "bandwidth_mb_s": 0.1}
    task = Task("a/1", "hash", told)
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(remote.do_remotely(task.as_json())))
    thread.start()
    until(lambda: remote.look_in("a/1", False) is not None)
    thread.join(10)
    assert [one["failed"]["class"] for one in answers] == ["left"]
    assert remote.look_in("a/1", False) is None
    remote.leave("b/1")  # before it had begun
    answer = remote.do_remotely(Task("b/1", "hash", told).as_json())
    assert answer["failed"]["class"] == "left"


def until(holds: Any, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
