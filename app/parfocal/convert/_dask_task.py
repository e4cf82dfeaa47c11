"""Do a shard in a process of a Dask cluster, which opens the source once for all of a run."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore, Condition, Lock

from parfocal import __version__
from parfocal.convert._errors import ConvertError
from parfocal.convert._executor import do_shard
from parfocal.convert._identity import plan_identity
from parfocal.convert._memory import at_once
from parfocal.convert._open import open_source
from parfocal.convert._plan import ConversionPlan, plan_conversion
from parfocal.convert._shard_done import ShardDone
from parfocal.convert._source import Source, Wishes
from parfocal.convert._target import Target

__all__ = ["RemoteRun", "ShardTask", "do_task", "let_go", "make_ready"]

MOST_OPEN = 4
"""Runs that a worker keeps open: one whose caller was killed lets go of nothing."""
MOST_ENDED = 256


@dataclass(frozen=True, slots=True)
class RemoteRun:
    """What a worker must know of a conversion to take part in it; paths as text, for pickling."""

    run: str
    """This call's own name: a call that goes on is another run of the same plan."""
    plan: str
    source: str
    wishes: Wishes
    partial: str
    budget_bytes: int


@dataclass(frozen=True, slots=True)
class ShardTask:
    """One shard of a run."""

    of: RemoteRun
    number: int
    shard: tuple[int, ...]


@dataclass(slots=True)
class _Opened:
    """A run in this process. Dask's threads may be more than the budget has room for."""

    of: RemoteRun
    opening: Lock = field(default_factory=Lock)
    source: Source | None = None
    plan: ConversionPlan | None = None
    target: Target | None = None
    room: BoundedSemaphore = field(default_factory=BoundedSemaphore)
    busy: int = 0

    def open(self) -> tuple[Source, ConversionPlan, Target]:
        """Open the source, once, and make sure that it is the one that is meant."""
        with self.opening:
            if self.source is None or self.plan is None or self.target is None:
                source = open_source(Path(self.of.source), self.of.wishes)
                try:
                    self.plan = _same_plan(source, self.of)
                except ConvertError:
                    source.close()
                    raise
                self.room = BoundedSemaphore(at_once(self.plan, self.of.budget_bytes))
                self.target = Target(Path(self.of.partial))
                self.source = source
            return self.source, self.plan, self.target

    def close(self) -> None:
        """Let go of the source's files."""
        if self.source is not None:
            self.source.close()


_changed = Condition()
_runs: OrderedDict[str, _Opened] = OrderedDict()
_ended: OrderedDict[str, None] = OrderedDict()


def do_task(task: ShardTask) -> ShardDone:
    """Write and prove one shard, as a thread of the calling process would."""
    opened = _taken(task.of)
    try:
        source, plan, target = opened.open()
        array = plan.arrays[task.number]
        if not (target.root / array.path / "zarr.json").is_file():
            raise ConvertError(
                f"{target.root} cannot be seen by a Dask worker; all of them must have the folder "
                "of the new store under the same path"
            )
        with opened.room:
            return do_shard(source, task.number, array, task.shard, target)
    finally:
        with _changed:
            opened.busy -= 1
            _changed.notify_all()


async def make_ready(of: RemoteRun, wait_s: float) -> str:
    """Let an earlier call's shards of the same plan end first; says which Parfocal this is."""
    await asyncio.to_thread(_wait_for_others, of, wait_s)
    return __version__


async def let_go(of: RemoteRun, wait_s: float) -> None:
    """No shard of this run begins any more; those that were begun end, as far as there is time."""
    await asyncio.to_thread(_end, of.run, wait_s)


def _taken(of: RemoteRun) -> _Opened:
    with _changed:
        if of.run in _ended:
            raise ConvertError("the conversion has ended already")
        opened = _runs.setdefault(of.run, _Opened(of))
        _runs.move_to_end(of.run)
        opened.busy += 1
        for name in list(_runs)[:-MOST_OPEN]:
            if _runs[name].busy == 0:
                _runs.pop(name).close()
        return opened


def _wait_for_others(of: RemoteRun, wait_s: float) -> None:
    def idle() -> bool:
        return not any(one.busy for one in _runs.values() if one.of.plan == of.plan)

    with _changed:
        _changed.wait_for(idle, wait_s)


def _end(run: str, wait_s: float) -> None:
    with _changed:
        _ended[run] = None
        while len(_ended) > MOST_ENDED:
            _ended.popitem(last=False)
        opened = _runs.get(run)
        if opened is None:
            return
        if _changed.wait_for(lambda: opened.busy == 0, wait_s):
            _runs.pop(run, None)
            opened.close()


def _same_plan(source: Source, of: RemoteRun) -> ConversionPlan:
    identity = source.identity()
    plan = plan_conversion(source, source.describe(), of.wishes)
    if plan_identity(identity, plan) != of.plan:
        raise ConvertError(
            f"{of.source} is not the same for a Dask worker; all of them must have the source "
            "under the same path, and the same Parfocal"
        )
    return plan
