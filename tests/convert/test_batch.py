"""A batch of conversions is done by a process of its own, whatever becomes of who asked for it."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from zarr_stores import pixels_of

from parfocal.convert import (
    Batch,
    BatchItem,
    BatchSnapshot,
    ConvertError,
    ItemState,
    Wishes,
    change_control,
    command_of,
    forget_batch,
    known_batches,
    look_at_batch,
    rollback,
    start_batch,
)
from parfocal.convert._batch_control import BatchControl
from parfocal.convert._batch_work import BatchWork
from parfocal.store import StageAxisMap, check, info, is_locked, read_provenance

PATIENCE_S = 60.0


def until(batch: Batch, so: Callable[[BatchSnapshot], object]) -> BatchSnapshot:
    deadline = time.monotonic() + PATIENCE_S
    while not so(now := look_at_batch(batch)):
        log = (batch.folder / "worker.log").read_text() if time.monotonic() > deadline else ""
        assert time.monotonic() < deadline, f"{now.progress}\n{log}"
        time.sleep(0.02)
    return now


def workers_of(batch: Batch) -> list[int]:
    """The processes that were started for it and have not ended."""
    return [
        one.pid
        for one in psutil.process_iter(["cmdline", "status"])
        if str(batch.folder) in (one.info["cmdline"] or []) and one.info["status"] != "zombie"
    ]


def stack(path: Path, seed: int = 0, planes: int = 3) -> np.ndarray:
    data = np.random.default_rng(seed).integers(0, 60_000, (planes, 64, 80), dtype="u2")
    np.save(path, data)
    return data


def long_stack(path: Path) -> None:
    """So many shards that it can be met on its way: each is 64 MB at most."""
    shape = (40, 2048, 2048)
    data = np.lib.format.open_memmap(path, mode="w+", dtype="u2", shape=shape)
    for number in range(shape[0]):
        data[number] = np.random.default_rng(number).integers(0, 60_000, shape[1:], dtype="u2")


@pytest.fixture(scope="module")
def long_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "long.npy"
    long_stack(path)
    return path


@pytest.fixture
def ended() -> Iterator[list[Batch]]:
    """No worker outlives its test."""
    batches: list[Batch] = []
    yield batches
    for batch in batches:
        change_control(batch.folder, paused=False, cancel=range(len(batch.items)))
        until(batch, lambda now: not now.working)
        forget_batch(batch)
    for thread in threading.enumerate():  # the lock is gone before the process is
        if thread.name == "conversion-worker":
            thread.join(PATIENCE_S)


def test_a_cancelled_item_does_not_take_the_one_after_it_along(
    tmp_path: Path, ended: list[Batch]
) -> None:
    items = [BatchItem(tmp_path / f"{n}.npy", tmp_path / f"{n}.ome.zarr", "ingest") for n in "ab"]
    batch = Batch.create(items)
    ended.append(batch)
    work = BatchWork(batch, threading.Event())
    asked, next_one = threading.Event(), threading.Event()

    class Slow(frozenset[int]):
        def __contains__(self, number: object) -> bool:
            asked.set()
            next_one.wait(0.3)  # the next one begins meanwhile, if it may
            return super().__contains__(number)

    listening = threading.Thread(target=work._obey, args=(BatchControl(cancelled=Slow({0})),))
    listening.start()
    assert asked.wait(10)
    work._begin(1)
    next_one.set()
    listening.join()
    assert not work._cancelled.is_set()


def test_one_bad_item_does_not_keep_the_rest(tmp_path: Path, ended: list[Batch]) -> None:
    first, last = stack(tmp_path / "a.npy"), stack(tmp_path / "c.npy", 2)
    (tmp_path / "b.npy").write_bytes(b"no array")
    size = Wishes(axes="zyx", voxel_um=(2, 0.5, 0.5))
    items = [
        BatchItem(tmp_path / f"{name}.npy", tmp_path / f"{name}.ome.zarr", "ingest", size)
        for name in "abc"
    ]
    batch = Batch.create(items)
    ended.append(batch)
    assert Batch.read(batch.folder) == batch
    start_batch(batch)
    over = until(batch, lambda now: now.progress.over and not now.working)
    assert [item.state for item in over.progress.items] == ["done", "failed", "done"]
    assert over.progress.items[0].verified
    assert over.progress.items[0].actions == {"transcode": 1}
    assert "b.npy" in over.progress.items[1].problem
    assert np.array_equal(pixels_of(tmp_path / "a.ome.zarr")[0, 0], first)
    assert np.array_equal(pixels_of(tmp_path / "c.ome.zarr")[0, 0], last)
    assert [one.batch for one in known_batches()] == [batch]


def test_a_worker_outlives_who_started_it_and_there_is_only_one(
    tmp_path: Path, long_source: Path, ended: list[Batch]
) -> None:
    batch = Batch.create([BatchItem(long_source, tmp_path / "n.ome.zarr", "ingest")])
    ended.append(batch)
    starting = (
        "import sys; from pathlib import Path; from parfocal.convert import Batch, start_batch;"
        "start_batch(Batch.read(Path(sys.argv[1])))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", starting, str(batch.folder)]) for _ in range(2)
    ]
    assert [one.wait(PATIENCE_S) for one in started] == [0, 0]
    now = until(batch, lambda now: now.progress.items[0].state is ItemState.RUNNING)
    worker = psutil.Process(now.progress.pid)
    assert worker.ppid() not in [one.pid for one in started]
    assert now.working
    change_control(batch.folder, paused=True)  # so that it is there while the other one leaves
    deadline = time.monotonic() + PATIENCE_S
    while (there := workers_of(batch)) != [worker.pid]:
        assert time.monotonic() < deadline, there
        time.sleep(0.05)
    assert (batch.folder / "worker.log").read_text().count("long.npy -> ") == 1


def test_a_pause_holds_it_and_a_cancel_ends_it(
    tmp_path: Path, long_source: Path, ended: list[Batch]
) -> None:
    batch = Batch.create([BatchItem(long_source, tmp_path / "n.ome.zarr", "ingest")])
    ended.append(batch)
    change_control(batch.folder, paused=True)
    start_batch(batch)
    until(batch, lambda now: now.progress.items[0].state is ItemState.PAUSED)
    assert not list(tmp_path.glob(".n.ome.zarr.partial*"))
    change_control(batch.folder, paused=False)
    until(batch, lambda now: now.progress.items[0].done_bytes)
    change_control(batch.folder, paused=True)
    held = until(batch, lambda now: now.progress.items[0].state is ItemState.PAUSED)
    time.sleep(0.5)
    assert look_at_batch(batch).progress.items[0].done_bytes == held.progress.items[0].done_bytes
    change_control(batch.folder, cancel=[0])
    over = until(batch, lambda now: now.progress.over and not now.working)
    assert over.progress.items[0].state is ItemState.CANCELLED
    assert list(tmp_path.iterdir()) == []  # nor anything hidden beside it


def test_a_killed_worker_is_told_and_another_goes_on_with_its_work(
    tmp_path: Path, long_source: Path, ended: list[Batch]
) -> None:
    batch = Batch.create([BatchItem(long_source, tmp_path / "n.ome.zarr", "ingest")])
    ended.append(batch)
    start_batch(batch)
    now = until(batch, lambda now: now.progress.items[0].done_bytes)
    os.kill(now.progress.pid, signal.SIGKILL)
    dead = until(batch, lambda now: not now.working)
    assert dead.interrupted
    assert not (tmp_path / "n.ome.zarr").exists()
    assert Path(dead.progress.items[0].partial).is_dir()
    start_batch(batch)
    over = until(batch, lambda now: now.progress.over)
    assert over.progress.items[0].state is ItemState.DONE
    assert over.progress.items[0].resumed
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr")[0, 0, 7], np.load(long_source)[7])


def test_what_is_forgotten_leaves_nothing_hidden_but_what_others_make(
    tmp_path: Path, long_source: Path, ended: list[Batch]
) -> None:
    batch = Batch.create([BatchItem(long_source, tmp_path / "n.ome.zarr", "ingest")])
    ended.append(batch)
    start_batch(batch)
    now = until(batch, lambda now: now.progress.items[0].partial)
    partial = Path(now.progress.items[0].partial)
    other = tmp_path / ".n.ome.zarr.partial-0123456789ab"  # of another plan, to be gone on with
    other.mkdir()
    os.kill(now.progress.pid, signal.SIGKILL)
    until(batch, lambda now: not now.working)
    assert partial.is_dir()
    forget_batch(batch)
    assert list(tmp_path.iterdir()) == [other]
    assert not batch.folder.exists()


def test_a_store_that_was_published_before_the_kill_is_not_made_again(
    tmp_path: Path, ended: list[Batch]
) -> None:
    """With `--overwrite` that would put it in the place of the store that was there before."""
    new, old = stack(tmp_path / "a.npy"), stack(tmp_path / "b.npy", 1)
    store = tmp_path / "n.ome.zarr"
    for name in "ba":
        item = BatchItem(tmp_path / f"{name}.npy", store, "ingest", Wishes(), overwrite=True)
        batch = Batch.create([item])
        ended.append(batch)
        start_batch(batch)
        until(batch, lambda now: now.progress.over and not now.working)
    file = batch.folder / "progress.json"
    told = json.loads(file.read_text())
    told["items"][0]["state"] = "running"
    file.write_text(json.dumps(told))
    start_batch(batch)
    until(batch, lambda now: now.progress.over and not now.working)
    assert len(read_provenance(store)) == 1
    assert np.array_equal(pixels_of(store)[0, 0], new)
    rollback(store)
    assert np.array_equal(pixels_of(store)[0, 0], old)


def test_the_command_line_does_the_same(tmp_path: Path) -> None:
    data = stack(tmp_path / "it's a stack.npy", planes=4).reshape(2, 2, 64, 80)
    np.save(tmp_path / "it's a stack.npy", data)
    wishes = Wishes(
        axes="pzyx",
        voxel_um=(2.0, 0.25, 0.5),
        options={"leave_out": ("position 0",), "positions": {"position 1": (-1.0, 20.5, 3.0)}},
        stage_axes=StageAxisMap("-x", "+y", "+z"),
    )
    item = BatchItem(tmp_path / "it's a stack.npy", tmp_path / "n $1.ome.zarr", "ingest", wishes)
    line = command_of(item)
    bare = BatchItem.from_json(json.loads(json.dumps(item.as_json())))
    assert bare == item
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    facts = info(item.destination)
    assert facts.fields == ("position 1",)
    assert facts.origins_um == ((-1.0, 20.5, 3.0),)
    assert facts.voxel_size_um == (2.0, 0.25, 0.5)
    assert np.array_equal(pixels_of(item.destination)[0, 0], data[1])
    assert check(item.destination).ok
    assert shlex.split(line)[-1] == "--position=position 1=-1.0,20.5,3.0"


def test_what_is_no_batch_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConvertError, match="nothing to convert"):
        Batch.create([])
    (tmp_path / "batch.json").write_text('{"format": 9}')
    with pytest.raises(ConvertError, match="version 9"):
        Batch.read(tmp_path)
    assert is_locked(tmp_path / "worker.lock") is None
