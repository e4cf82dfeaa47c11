"""Speak with a Dask cluster, at the one address that a person gave."""

import asyncio
import logging
import re
import struct
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import CancelledError, Future, wait
from contextlib import suppress
from threading import Event, Thread
from typing import Any

from parfocal import ParfocalError, __version__
from parfocal.convert._engine import CANCELLED
from parfocal.convert._errors import ConvertError

__all__ = ["CANCELLED_S", "DaskConnection", "refuse_address"]

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
CANCELLED_S = 0.4

Greet = Callable[..., Coroutine[Any, Any, str]]


def refuse_address(address: str) -> None:
    """Refuse what is no address of a scheduler; Dask takes other words for other wishes."""
    match = ADDRESS.fullmatch(address)
    if match is None or not 0 < int(match["port"]) < 2**16:
        raise ConvertError(f"{address!r} is no address of a Dask scheduler, as tcp://host:8786")


class DaskConnection:
    """One connection to one scheduler, in an event loop of its own; Dask's own has no end.

    Whatever goes wrong with the cluster is a ConvertError with its address; what a task itself
    raises is what it is. `kept` says what becomes of the work when the cluster is gone.
    """

    def __init__(self, address: str, kept: str) -> None:
        refuse_address(address)
        self.threads = 0
        """Of all its workers."""
        self._address = address
        self._kept = kept
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="dask cluster", daemon=True)
        self._client: Any = None
        self._joined = False
        self._looking: asyncio.Task[None] | None = None
        self._seen = time.monotonic()
        self._answered = time.monotonic()
        self._lost = False
        self._thread.start()

    def connect(self, cancelled: Event, greet: Greet, *told: object) -> None:
        """Raises when there is no cluster that can do it. Every worker is greeted with a function
        that says which Parfocal it has."""
        connecting = asyncio.run_coroutine_threadsafe(self._connect(greet, told), self._loop)
        while not wait([connecting], timeout=0.1).done:
            if cancelled.is_set():
                connecting.cancel()
                raise ConvertError(CANCELLED)
        connecting.result()

    def refuse_when_gone(self) -> None:
        """Raises when nobody is there any more who works."""
        if not self.is_there():
            raise ConvertError(self._interrupted("its scheduler does not answer any more"))
        if time.monotonic() - self._seen > WORKERLESS_S:
            raise ConvertError(self._interrupted("it has no worker"))

    def submit(self, function: Callable[..., Any], argument: object, key: str) -> Future[Any]:
        """Have it done by whichever worker has time; Dask tries another when one dies."""
        if self._loop.is_closed():
            raise ConvertError(self._interrupted("it was left"))
        return asyncio.run_coroutine_threadsafe(self._one(function, argument, key), self._loop)

    def ask(self, function: Callable[..., Any], *told: object, wait_s: float) -> list[Any]:
        """What every worker answers, as far as they do within that time."""
        if self._loop.is_closed():
            return []
        asking = asyncio.run_coroutine_threadsafe(self._ask(function, told, wait_s), self._loop)
        try:
            answers: list[Any] = asking.result(wait_s + CANCELLED_S)
        except (TimeoutError, CancelledError):  # it was closed by another thread meanwhile
            return []
        return answers

    def close(self) -> None:
        """Leave; no thread and no socket stays."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def is_there(self) -> bool:
        """Whether its scheduler has answered lately."""
        return not self._lost and time.monotonic() - self._answered <= SILENT_S

    async def _connect(self, greet: Greet, told: tuple[object, ...]) -> None:
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
        await self._greet(greet, told)
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

    async def _greet(self, greet: Greet, words: tuple[object, ...]) -> None:
        try:
            told = await self._client.run(greet, *words, on_error="return")
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
        self.threads = sum(int(one["nthreads"]) for one in workers.values())
        if workers:
            self._seen = self._answered

    async def _one(self, function: Callable[..., Any], argument: object, key: str) -> Any:
        from distributed.client import ClosedClientError, FutureCancelledError

        try:
            future = self._client.submit(function, argument, key=key, pure=False)
            problem = await future.exception()
            if problem is None:
                return await future
        except (FutureCancelledError, ClosedClientError, OSError) as gone:
            self._lost = True
            raise ConvertError(self._interrupted("the connection to it was lost")) from gone
        if isinstance(problem, ParfocalError):
            raise problem
        raise ConvertError(self._interrupted(_in_words(problem))) from problem

    async def _ask(
        self, function: Callable[..., Any], told: tuple[object, ...], wait_s: float
    ) -> list[Any]:
        if not self._joined:
            return []
        with suppress(OSError):  # also when it takes too long
            asking = self._client.run(function, *told, on_error="ignore")
            return list((await asyncio.wait_for(asking, wait_s)).values())
        return []

    async def _close(self) -> None:
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
        return f"the Dask cluster at {self._address} stopped working: {why}; {self._kept}"


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
