"""What a worker of a cluster does of its own: it opens once, looks, and ends when it is told."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from zarr_stores import write_volume

from parfocal.convert import ConvertError, Wishes, _dask_task, _shards, convert
from parfocal.convert._convert import _prepare
from parfocal.convert._dask_task import RemoteRun, ShardTask, do_task, let_go, make_ready
from parfocal.convert._identity import plan_identity
from parfocal.convert._journal import Journal
from parfocal.convert._open import open_source
from parfocal.convert._plan import plan_conversion

ORIGIN = (0, 0, 0, 0, 0)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RemoteRun]:
    """A conversion that is laid out, and of which no shard is done."""
    monkeypatch.setattr(_shards, "SHARD_BYTES", 2**15)
    write_volume(tmp_path / "old.zarr")
    source = open_source(tmp_path / "old.zarr", Wishes())
    plan = plan_conversion(source, source.describe())
    name = plan_identity(source.identity(), plan)
    journal = Journal(tmp_path / "journal", name)
    _prepare(tmp_path / "new", plan, journal)
    journal.close()
    of = RemoteRun("a", name, str(tmp_path / "old.zarr"), Wishes(), str(tmp_path / "new"), 2**30)
    yield of
    for one in ("a", "b", "c"):
        asyncio.run(let_go(replace(of, run=one), 5))
    _dask_task._ended.clear()


def test_a_source_is_opened_once_and_closed_at_the_end(
    run: RemoteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Any] = []
    closed: list[Any] = []

    def counted(path: Path, wishes: Wishes) -> Any:
        source = open_source(path, wishes)
        opened.append(source)
        close = source.close
        monkeypatch.setattr(source, "close", lambda: (closed.append(source), close()))
        return source

    monkeypatch.setattr(_dask_task, "open_source", counted)
    tasks = [ShardTask(run, 0, (t, 0, 0, 0, 0)) for t in range(6)]
    threads = [Thread(target=do_task, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 1
    asyncio.run(let_go(run, 5))
    assert closed == opened
    with pytest.raises(ConvertError, match="has ended already"):
        do_task(tasks[0])
    assert len(opened) == 1


def test_a_task_is_small_and_says_the_same_after_its_journey(run: RemoteRun) -> None:
    task = ShardTask(run, 0, ORIGIN)
    raw = pickle.dumps(task)
    assert len(raw) < 2000
    assert pickle.loads(raw) == task
    done = do_task(pickle.loads(raw))
    assert (done.array, done.shard) == (0, ORIGIN)
    assert pickle.loads(pickle.dumps(done)) == done


def test_another_source_under_the_same_path_is_not_taken(run: RemoteRun) -> None:
    (Path(run.source) / "0/0/0/0/0/0").touch()
    with pytest.raises(ConvertError, match="is not the same for a Dask worker"):
        do_task(ShardTask(run, 0, ORIGIN))


def test_a_store_that_a_worker_does_not_see_is_not_made_anew(
    run: RemoteRun, tmp_path: Path
) -> None:
    (tmp_path / "new").rename(tmp_path / "elsewhere")
    with pytest.raises(ConvertError, match="cannot be seen by a Dask worker"):
        do_task(ShardTask(run, 0, ORIGIN))
    assert not (tmp_path / "new").exists()


def test_shards_of_an_earlier_call_end_before_the_next_begins(
    run: RemoteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, go_on, ready = Event(), Event(), Event()
    whole = _dask_task.do_shard

    def slow(*arguments: Any) -> Any:
        began.set()
        assert go_on.wait(20)
        return whole(*arguments)

    monkeypatch.setattr(_dask_task, "do_shard", slow)
    first = Thread(target=do_task, args=(ShardTask(run, 0, ORIGIN),))
    first.start()
    assert began.wait(20)
    asyncio.run(make_ready(replace(run, run="b", plan="of something else"), 20))

    def prepare() -> None:
        asyncio.run(make_ready(replace(run, run="c"), 20))
        ready.set()

    second = Thread(target=prepare)
    second.start()
    assert not ready.wait(0.2)
    go_on.set()
    assert ready.wait(20)
    first.join()
    second.join()


def test_a_worker_has_no_more_shards_in_its_memory_than_the_budget_has_room_for(
    run: RemoteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    within: list[int] = []
    most: list[int] = []
    whole = _dask_task.do_shard

    def noted(*arguments: Any) -> Any:
        within.append(1)
        most.append(len(within))
        done = whole(*arguments)
        within.pop()
        return done

    monkeypatch.setattr(_dask_task, "do_shard", noted)
    poor = replace(run, budget_bytes=1)
    tasks = [ShardTask(poor, 0, (t, c, 0, 0, 0)) for t in range(6) for c in range(2)]
    threads = [Thread(target=do_task, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 12


def test_a_worker_forgets_runs_whose_callers_are_gone(run: RemoteRun) -> None:
    for number in range(10):
        do_task(ShardTask(replace(run, run=f"gone {number}"), 0, ORIGIN))
    assert len(_dask_task._runs) <= _dask_task.MOST_OPEN
    for number in range(10):
        asyncio.run(let_go(replace(run, run=f"gone {number}"), 5))


def test_a_plan_is_the_same_wherever_it_is_made(run: RemoteRun, tmp_path: Path) -> None:
    report = convert(run.source, tmp_path / "n.ome.zarr")
    assert report.verified
    assert do_task(ShardTask(run, 0, ORIGIN)).size > 0
