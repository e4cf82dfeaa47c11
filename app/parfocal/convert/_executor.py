"""Do shards: what one is, and the threads of this computer that do them."""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from parfocal.convert._beside import ALONE, Beside
from parfocal.convert._carried import CarriedPlan
from parfocal.convert._carry import carry
from parfocal.convert._memory import at_once
from parfocal.convert._plan import ConversionPlan, Planned
from parfocal.convert._repack import repack
from parfocal.convert._shard_done import ShardDone
from parfocal.convert._source import Source
from parfocal.convert._target import Target
from parfocal.convert._transcode import transcode

__all__ = ["Workers", "do_shard", "local_threads"]


class Workers(Protocol):
    """Whoever does the shards of one plan: threads here, or computers elsewhere."""

    def ahead(self) -> int:
        """How many shards are worth having begun. A ConvertError when nobody works any more."""

    def begin(self, number: int, shard: tuple[int, ...]) -> Future[ShardDone]:
        """Have one shard of the array with this number done."""


def do_shard(
    source: Source,
    number: int,
    array: Planned,
    shard: tuple[int, ...],
    target: Target,
    beside: Beside = ALONE,
) -> ShardDone:
    """Write and prove one shard: the same work, whoever does it."""
    beside.between()
    if isinstance(array, CarriedPlan):
        return carry(source, number, array, shard, target)
    if array.action == "repack":
        return repack(source, number, array, shard, target.root, beside)
    return transcode(source, number, array, shard, target, beside)


@contextmanager
def local_threads(
    source: Source,
    plan: ConversionPlan,
    partial: Path,
    budget_bytes: int,
    *,
    threads: int | None = None,
    beside: Beside = ALONE,
) -> Iterator[Workers]:
    """As many `threads` as are wanted, or as there are cores, and as the budget has room for."""
    number = min(threads or os.cpu_count() or 1, at_once(plan, budget_bytes))
    with ThreadPoolExecutor(number, "convert") as pool:
        yield _Threads(pool, number, source, plan, Target(partial), beside)


class _Threads:
    def __init__(
        self,
        pool: ThreadPoolExecutor,
        number: int,
        source: Source,
        plan: ConversionPlan,
        target: Target,
        beside: Beside,
    ) -> None:
        self._pool = pool
        self._number = number
        self._source = source
        self._plan = plan
        self._target = target
        self._beside = beside

    def ahead(self) -> int:
        return 2 * self._number

    def begin(self, number: int, shard: tuple[int, ...]) -> Future[ShardDone]:
        array = self._plan.arrays[number]
        return self._pool.submit(
            do_shard, self._source, number, array, shard, self._target, self._beside
        )
