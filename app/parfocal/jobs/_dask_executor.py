"""Have work on files done by a Dask cluster whose workers see the same disks."""

import time
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from threading import Event, Lock
from typing import Any

from parfocal.convert import ConvertError, DaskConnection
from parfocal.jobs._config import LOCAL, Config
from parfocal.jobs._errors import Transient
from parfocal.jobs._executor import Executor, Here, Seen, Task
from parfocal.jobs._pace import Pace
from parfocal.jobs._remote_work import do_remotely, greet, leave, look_in

__all__ = ["DaskExecutor", "Executors"]

KEPT = "what is done is kept, and the next attempt goes on from there"
ASK_S = 1.0
ANSWER_S = 3.0


class Executors:
    """Those that the strips of one worker name, each connected once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._clusters: dict[str, DaskExecutor] = {}

    def of(self, config: Config, pace: Pace) -> Executor:
        """The one that a strip's configuration names, for a job with this pace."""
        if config.executor == LOCAL:
            return Here(pace, config.cpu_affinity)
        with self._lock:
            return self._clusters.setdefault(config.executor, DaskExecutor(config.executor))

    def close(self) -> None:
        """Leave all clusters."""
        with self._lock:
            for one in self._clusters.values():
                one.close()
            self._clusters.clear()


class DaskExecutor:
    """One cluster. Dask does a task again elsewhere when a worker dies, and that goes on with what
    the dead one left."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._lock = Lock()
        self._connection: DaskConnection | None = None
        self._begun: dict[str, Future[Any]] = {}
        self._seen: dict[str, tuple[float, bool, float]] = {}
        """When it was asked for last, whether it stood still, and how far it was."""

    def submit(self, task: Task) -> str:
        with self._lock:
            if task.key not in self._begun:
                connection = self._connected()
                name = f"parfocal-{task.key}"
                self._begun[task.key] = connection.submit(do_remotely, task.as_json(), name)
                self._seen[task.key] = time.monotonic(), False, 0.0
        return task.key

    def poll(self, handle: str, *, hold: bool) -> Seen:
        future = self._begun[handle]
        if future.done():
            self._forget(handle)
            try:
                return Seen(1.0, future.result())
            except (ConvertError, CancelledError) as problem:  # cancelled: another job left it
                self.close()
                words = str(problem) or f"the Dask cluster at {self._address} was left"
                raise Transient(words) from problem
        asked, held, fraction = self._seen[handle]
        now = time.monotonic()
        if now - asked < ASK_S and held is hold:
            return Seen(fraction)
        connection = self._there(handle)
        told = connection.ask(look_in, handle, hold, wait_s=ANSWER_S)
        fraction = max((one for one in told if one is not None), default=fraction)
        self._seen[handle] = now, hold, fraction
        return Seen(fraction)

    def cancel(self, handle: str) -> None:
        future, connection = self._begun[handle], self._connection
        self._forget(handle)
        if connection is not None:
            connection.ask(leave, handle, wait_s=ANSWER_S)
        future.cancel()

    def close(self) -> None:
        """Leave the cluster; the next task connects anew."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _connected(self) -> DaskConnection:
        if self._connection is None:
            connection = DaskConnection(self._address, KEPT)
            try:
                connection.connect(Event(), greet)
            except ConvertError as problem:
                connection.close()
                raise Transient(str(problem)) from problem
            self._connection = connection
        return self._connection

    def _there(self, handle: str) -> DaskConnection:
        connection = self._connection
        try:
            if connection is None:
                raise ConvertError(f"the Dask cluster at {self._address} was left")
            connection.refuse_when_gone()
        except ConvertError as problem:
            self._forget(handle)
            self.close()
            raise Transient(str(problem)) from problem
        return connection

    def _forget(self, handle: str) -> None:
        with suppress(KeyError):
            del self._begun[handle], self._seen[handle]
