"""A rig that serves in a thread of the test, and keys for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from parfocal.viewer.remote import Endpoint, Found, RigAddress, RigServer, read_key, write_pair


@dataclass
class Rig:
    """A server, what it said, and how to reach it."""

    server: RigServer
    address: RigAddress
    keys: tuple[Path, Path]
    said: list[str] = field(default_factory=list)


@contextmanager
def serving(
    folder: Path, find: Callable[[], Found | None], *, port: int = 0, name: str = "rig"
) -> Iterator[Rig]:
    """Serve what `find` finds, with a new pair of keys or that of this name."""
    keys = folder / f"{name}.rig.key", folder / f"{name}.viewer.key"
    if not keys[0].exists():
        write_pair(folder / name)
    said: list[str] = []
    server = RigServer(read_key(keys[0], "rig"), Endpoint("127.0.0.1", port), find, said.append)
    cancelled = threading.Event()
    thread = threading.Thread(target=server.run, args=(cancelled,), name="rig-server")
    thread.start()
    try:
        yield Rig(server, RigAddress(server.endpoint, keys[1]), keys, said)
    finally:
        cancelled.set()
        thread.join(10)
        assert not thread.is_alive()


def elsewhere(work: Callable[[], Any]) -> Any:
    """Do it in a thread that is not a window's."""
    came: list[Any] = []
    thread = threading.Thread(target=lambda: came.append(work()))
    thread.start()
    thread.join(20)
    return came[0]
