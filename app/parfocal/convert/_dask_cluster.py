"""Have shards done by a Dask cluster, at the one address that a person gave."""

import asyncio
import logging
import re
import struct
import time
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

from parfocal import ParfocalError, __version__
from parfocal.convert._dask_task import RemoteRun, ShardTask, do_task, let_go, make_ready
from parfocal.convert._engine import CANCELLED
from parfocal.convert._errors import ConvertError
from parfocal.convert._executor import Workers
from parfocal.convert._shard_done import ShardDone
from parfocal.convert._source import Wishes

__all__ = ["dask_workers", "refuse_address"]

ADDRESS = re.compile(r"(?:tcp|tls)://(?P<host>\[[0-9a-fA-F:.%]+\]|[^\s/:\[\]@]+):(?P<port>\d{1,5})")
GREETING = struct.Struct("<Q")
LONGEST_GREETING = 2**16
WORD = b"pickle-protocol"
CONNECT_S = 5.0
WORKERLESS_S = 10.0
"""A nanny starts a worker that died again within seconds."""
SILENT_S = 20.0
"""Of a scheduler, which may be busy."""
LOOK_S = 0.5
END_S = 30.0
"""For shards that were begun when a conversion fails, or of an earlier call."""
CANCELLED_S = 0.4


def refuse_address(address: str) -> None:
    """Refuse what is no address of a scheduler; Dask takes other words for other wishes."""
    match = ADDRESS.fullmatch(address)
    if match is None or not 0 < int(match["port"]) < 2**16:
        raise ConvertError(f"{address!r} is no address of a Dask scheduler, as tcp://host:8786")


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
    refuse_address(address)
    run = RemoteRun(uuid.uuid4().hex, plan, str(source), wishes, str(partial), budget_bytes)
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="dask cluster", daemon=True)
    thread.start()
    cluster = _Cluster(address, run, loop)
    try:
        cluster.connect(cancelled or Event())
        yield cluster
    finally:
        cluster.disconnect(CANCELLED_S if cancelled is not None and cancelled.is_set() else END_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Cluster:
    """One connection to one scheduler, in an event loop of its own; Dask's own has no end."""

    def __init__(self, address: str, run: RemoteRun, loop: asyncio.AbstractEventLoop) -> None:
        self._address = address
        self._run = run
        self._loop = loop
        self._client: Any = None
        self._joined = False
        self._looking: asyncio.Task[None] | None = None
        self._threads = 0
        self._seen = time.monotonic()
        self._answered = time.monotonic()
        self._lost = False

    def connect(self, cancelled: Event) -> None:
        """Raises a ConvertError with the address when there is no cluster that can do it."""
        connecting = asyncio.run_coroutine_threadsafe(self._connect(), self._loop)
        while not wait([connecting], timeout=0.1).done:
            if cancelled.is_set():
                connecting.cancel()
                raise ConvertError(CANCELLED)
        connecting.result()

    def ahead(self) -> int:
        """Two for each thread of the cluster: one is done, the next lies ready."""
        if not self._is_there():
            raise ConvertError(self._interrupted("its scheduler does not answer any more"))
        if time.monotonic() - self._seen > WORKERLESS_S:
            raise ConvertError(self._interrupted("it has no worker"))
        return max(1, 2 * self._threads)

    def _is_there(self) -> bool:
        return not self._lost and time.monotonic() - self._answered <= SILENT_S

    def begin(self, number: int, shard: tuple[int, ...]) -> Future[ShardDone]:
        """Have a shard done by whichever worker has time; Dask tries another when one dies."""
        task = ShardTask(self._run, number, shard)
        return asyncio.run_coroutine_threadsafe(self._one(task), self._loop)

    def disconnect(self, wait_s: float) -> None:
        """Leave nothing behind on the workers, as far as they answer."""
        asyncio.run_coroutine_threadsafe(self._disconnect(wait_s), self._loop).result()

    async def _connect(self) -> None:
        await self._knock()
        _quiet()
        import distributed

        connecting: Any = distributed.Client
        client = connecting(
            self._address,
            asynchronous=True,
            set_as_default=False,
            direct_to_workers=False,
            timeout=CONNECT_S,
            name="parfocal",
        )
        self._client = client
        try:
            await asyncio.wait_for(client, 2 * CONNECT_S)
        except (OSError, ImportError, ValueError) as problem:
            raise ConvertError(self._unreachable(problem)) from problem
        self._joined = True
        self._answered = self._seen = time.monotonic()
        await self._look()
        await self._make_ready()
        self._looking = asyncio.create_task(self._look_again())

    async def _knock(self) -> None:
        """Dask tries a closed door for as long as it has time; the system says at once."""
        match = ADDRESS.fullmatch(self._address)
        assert match is not None
        try:
            opening = asyncio.open_connection(match["host"].strip("[]"), int(match["port"]))
            reader, writer = await asyncio.wait_for(opening, CONNECT_S)
            try:
                if self._address.startswith("tcp:"):
                    await asyncio.wait_for(_hear(reader), CONNECT_S)
            finally:
                writer.close()
        except (OSError, EOFError, UnicodeError) as problem:
            raise ConvertError(self._unreachable(problem)) from problem

    async def _make_ready(self) -> None:
        try:
            told = await self._client.run(make_ready, self._run, END_S, on_error="return")
        except OSError as problem:
            raise ConvertError(self._unreachable(problem)) from problem
        for worker, answer in told.items():
            if isinstance(answer, Exception):
                if isinstance(answer, OSError):
                    continue  # it died meanwhile
                raise ConvertError(
                    f"the Dask worker {worker} of {self._address} cannot convert: "
                    f"{_in_words(answer)}; install Parfocal {__version__} where it runs"
                )
            if answer != __version__:
                raise ConvertError(
                    f"the Dask worker {worker} of {self._address} has Parfocal {answer}, and this "
                    f"is {__version__}; install the same on both"
                )
        self._answered = time.monotonic()

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self._look()

    async def _look(self) -> None:
        """See who works; whoever does not answer is asked again."""
        try:
            told = await asyncio.wait_for(self._client.scheduler.identity(n_workers=-1), LOOK_S * 4)
        except OSError:  # also when it takes too long
            return
        self._answered = time.monotonic()
        workers: Mapping[str, Any] = told["workers"]
        self._threads = sum(int(one["nthreads"]) for one in workers.values())
        if workers:
            self._seen = self._answered

    async def _one(self, task: ShardTask) -> ShardDone:
        from distributed.client import ClosedClientError, FutureCancelledError

        name = f"parfocal-{self._run.run}-{task.number}-{'.'.join(map(str, task.shard))}"
        try:
            future = self._client.submit(do_task, task, key=name, pure=False)
            problem = await future.exception()
            if problem is None:
                done: ShardDone = await future
                return done
        except (FutureCancelledError, ClosedClientError, OSError) as gone:
            self._lost = True
            raise ConvertError(self._interrupted("the connection to it was lost")) from gone
        if isinstance(problem, ParfocalError):
            raise problem
        raise ConvertError(self._interrupted(_in_words(problem))) from problem

    async def _disconnect(self, wait_s: float) -> None:
        if self._joined:
            wait_s = wait_s if self._is_there() else CANCELLED_S
            with suppress(OSError):
                going = self._client.run(let_go, self._run, wait_s, on_error="ignore")
                await asyncio.wait_for(going, wait_s + CANCELLED_S / 2)
        if self._client is not None:
            with suppress(OSError):
                await asyncio.wait_for(self._client.close(), CANCELLED_S)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for one in left:
            one.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _unreachable(self, problem: Exception) -> str:
        return f"the Dask scheduler at {self._address} cannot be reached: {_in_words(problem)}"

    def _interrupted(self, why: str) -> str:
        return (
            f"the Dask cluster at {self._address} stopped working: {why}; what is done is kept, "
            "and the same call goes on from there"
        )


async def _hear(reader: asyncio.StreamReader) -> None:
    """A scheduler greets first: the length of its words, and what it can unpack.

    Dask takes the first bytes of any other server for a length, and asks for that much memory.
    """
    (length,) = GREETING.unpack(await reader.readexactly(GREETING.size))
    if not 0 < length < LONGEST_GREETING or WORD not in await reader.readexactly(length):
        raise OSError("what answers there is no scheduler of Dask")


def _in_words(problem: BaseException) -> str:
    words = getattr(problem, "strerror", None) or str(problem).partition("\n")[0]
    return words or ("it does not answer" if isinstance(problem, OSError) else repr(problem))


def _quiet() -> None:
    """Dask logs on stderr what is said there in a sentence."""
    import distributed  # noqa: F401 - which sets its loggers up

    for name in ("distributed", "distributed.client", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
