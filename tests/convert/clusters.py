"""A real Dask cluster on loopback: a scheduler, and workers that write down what they do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

PRELOAD = '''
import os, signal
from pathlib import Path
from parfocal.convert import _dask_task, _shards

_shards.SHARD_BYTES = 2**15
log = os.environ["SHARDS_LOG"]
last = int(os.environ.get("KILLED_IN_SHARD", "0"))
done = 0

def say(words):
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{os.getpid()} {words}\\n".encode())
    os.close(file)

def counted(source, number, array, shard, target):
    say(f"begins {number}:{shard}")
    made = _dask_task.counted[0](source, number, array, shard, target)
    say(f"ends {number}:{shard}")
    return made

def killed_half_way(fresh, file):
    """Instead of giving a whole shard its name."""
    global done
    done += fresh.name.endswith(".new")
    if done == last:
        os.truncate(fresh, fresh.stat().st_size // 2)
        os.kill(os.getpid(), signal.SIGKILL)
    return _dask_task.counted[1](fresh, file)

if not hasattr(_dask_task, "counted"):  # Dask loads this twice
    _dask_task.counted = _dask_task.do_shard, Path.replace
    _dask_task.do_shard = counted
    Path.replace = killed_half_way
'''


class Cluster(NamedTuple):
    """Where its scheduler listens, and what it has written down."""

    address: str
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> list[list[str]]:
        """Of every step: the worker's process, what it did, and the shard."""
        file = self.folder / "shards.log"
        return [line.split(" ", 2) for line in file.read_text().splitlines()]

    def forget(self) -> None:
        """Begin the log anew."""
        (self.folder / "shards.log").write_text("")

    @contextmanager
    def worker(
        self, *, counted: bool | str = True, ready: int | None = None, **environment: str
    ) -> Iterator[subprocess.Popen[bytes]]:
        """One worker more, once it is there; or once so many are `ready` in all. `counted` may be
        the script by which it writes down what it does."""
        wanted = self.workers() + 1 if ready is None else ready
        settings = ("--no-nanny", "--nthreads", "2", "--host", "127.0.0.1", "--no-dashboard")
        preload = self.folder / "preload.py"
        preload.write_text(counted if isinstance(counted, str) else PRELOAD)
        variables = {"SHARDS_LOG": str(self.folder / "shards.log"), **environment}
        where = ("--local-directory", str(self.folder))
        where += ("--preload", str(preload)) if counted else ()
        with _started("worker", self.address, *settings, *where, **variables) as process:
            while self.workers() < wanted:
                assert process.poll() is None
            yield process

    def workers(self) -> int:
        """How many the scheduler knows."""
        import asyncio

        from distributed.core import rpc

        async def ask() -> int:
            async with rpc(self.address) as scheduler:
                return len((await scheduler.identity(n_workers=-1))["workers"])

        return asyncio.run(ask())


@contextmanager
def scheduler(folder: Path) -> Iterator[Cluster]:
    """A scheduler without workers."""
    file = folder / "scheduler.json"
    settings = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    with _started("scheduler", *settings, "--scheduler-file", str(file)) as process:
        import json
        import time

        while True:
            assert process.poll() is None
            try:
                address = json.loads(file.read_text())["address"]
                break
            except (OSError, ValueError):
                time.sleep(0.05)
        yield Cluster(address, folder, process)


@contextmanager
def _started(what: str, *words: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "dask", what, *words],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)
