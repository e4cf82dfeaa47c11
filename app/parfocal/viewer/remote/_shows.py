"""Keep what a rig has to show: the store of the run that goes on, and of those before it."""

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from parfocal import ParfocalError
from parfocal.viewer._address import RingAddress
from parfocal.viewer._store_source import StoreSource
from parfocal.viewer.remote._wire import MOST_FACTS, WireError

_LOOK_S = 1.0
_MOST_SHOWS = 4
_PATIENCE_S = 2.0


@dataclass(frozen=True, slots=True)
class Found:
    """A store to show, and where its newest frames lie while a run records it."""

    store: Path
    live: RingAddress | None = None
    running: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a store, and by what a viewer knows that it is something new."""

    version: str
    body: bytes


class Show:
    """One store on show. Any thread may ask it."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.source = StoreSource(found.store)
        self.identity = identity(found.store)
        self.told = self._tell()

    @property
    def name(self) -> str:
        """The name of the run."""
        return self.source.facts.name

    def look(self, found: Found) -> None:
        """See what has become of it."""
        self.found = found
        if self.source.refresh():
            self.told = self._tell()

    def _tell(self) -> Told:
        body = json.dumps(self.source.facts.as_json(), separators=(",", ":")).encode()
        if len(body) > MOST_FACTS:
            raise WireError(f"what is to be told of {self.found.store} takes {len(body)} bytes")
        return Told(hashlib.sha256(body).hexdigest()[:16], body)


def identity(store: Path) -> str:
    """By what a viewer knows a store again: also where it was moved, and by another server."""
    status = store.stat()
    said = f"{status.st_dev} {status.st_ino}".encode()
    return hashlib.sha256(said).hexdigest()[:16]


class Lookout:
    """Looks once a second, in a thread of its own, what there is to show."""

    def __init__(
        self, find: Callable[[], Found | None], say: Callable[[str], None], wake: Callable[[], None]
    ) -> None:
        self.current: Show | None = None
        self._shows: dict[str, Show] = {}
        self._find = find
        self._say = say
        self._wake = wake
        self._trouble = ""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep_looking, name="rig-lookout", daemon=True)

    def start(self) -> None:
        """Look once now, and again and again from now on."""
        self.look()
        self._thread.start()

    def show(self, identity: str) -> Show | None:
        """The show that a viewer asks for."""
        return self._shows.get(identity)

    def look(self) -> None:
        """See whether another run has begun, and what has become of the one on show."""
        try:
            self._look(self._find())
            self._trouble = ""
        except (ParfocalError, OSError, ValueError) as problem:
            # a store that is just being made, or a disk that was taken out: looked at again
            if str(problem) != self._trouble:
                self._trouble = str(problem)
                self._say(f"cannot be shown now: {problem}")

    def close(self) -> None:
        """Look no more."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(_PATIENCE_S)  # longer only on a disk that does not answer
        for show in self._shows.values():
            show.source.close()

    def _keep_looking(self) -> None:
        while not self._ended.wait(_LOOK_S):
            self.look()

    def _look(self, found: Found | None) -> None:
        current = self.current
        if current is not None and (found is None or identity(found.store) == current.identity):
            was_running = current.found.running
            current.look(found or replace(current.found, live=None, running=False))
            if was_running and not current.found.running:
                self._say(f"the run {current.name!r} has ended; its store stays on show")
        elif found is not None:
            self._put_on(Show(found))
        self._wake()

    def _put_on(self, show: Show) -> None:
        self._say(f"{show.found.store} is on show{' and live' if show.found.live else ''}")
        shows = {**self._shows, show.identity: show}
        while len(shows) > _MOST_SHOWS:
            oldest = next(iter(shows))
            shows.pop(oldest).source.close()
        self._shows, self.current = shows, show
