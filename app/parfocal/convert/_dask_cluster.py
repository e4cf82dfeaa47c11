"""Have shards done by a Dask cluster, at the one address that a person gave."""

import uuid
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from parfocal.convert._dask_connection import CANCELLED_S, DaskConnection
from parfocal.convert._dask_task import RemoteRun, ShardTask, do_task, let_go, make_ready
from parfocal.convert._executor import Workers
from parfocal.convert._shard_done import ShardDone
from parfocal.convert._source import Wishes

__all__ = ["dask_workers"]

END_S = 30.0
"""For shards that were begun when a conversion fails, or of an earlier call."""
KEPT = "what is done is kept, and the same call goes on from there"


@contextmanager
def dask_workers(
    address: str,
    plan: str,
    source: Path,
    wishes: Wishes,
    partial: Path,
    budget_bytes: int,
    cancelled: Event | None = None,
) -> Iterator[Workers]:
    """The workers of a cluster, as long as this conversion lasts; they see the same disk."""
    run = RemoteRun(uuid.uuid4().hex, plan, str(source), wishes, str(partial), budget_bytes)
    connection = DaskConnection(address, KEPT)
    try:
        connection.connect(cancelled or Event(), make_ready, run, END_S)
        yield _Cluster(connection, run)
    finally:
        unwanted = cancelled is not None and cancelled.is_set()
        wait_s = CANCELLED_S if unwanted or not connection.is_there() else END_S
        # nothing is left behind on the workers, as far as they answer
        connection.ask(let_go, run, wait_s, wait_s=wait_s + CANCELLED_S / 2)
        connection.close()


class _Cluster:
    def __init__(self, connection: DaskConnection, run: RemoteRun) -> None:
        self._connection = connection
        self._run = run

    def ahead(self) -> int:
        """Two for each thread of the cluster: one is done, the next lies ready."""
        self._connection.refuse_when_gone()
        return max(1, 2 * self._connection.threads)

    def begin(self, number: int, shard: tuple[int, ...]) -> Future[ShardDone]:
        task = ShardTask(self._run, number, shard)
        key = f"parfocal-{self._run.run}-{number}-{'.'.join(map(str, shard))}"
        return self._connection.submit(do_task, task, key)
