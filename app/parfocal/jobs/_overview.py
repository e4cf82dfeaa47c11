"""Look over a whole queue without touching it: one immutable value for whoever draws it."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from parfocal.jobs._cells import StripCell, StripCells
from parfocal.jobs._clock import Clock, SystemClock
from parfocal.jobs._config import Config
from parfocal.jobs._conflicts import Conflict, open_ones
from parfocal.jobs._disks import RATE_OVER_S, RATES, rates_of
from parfocal.jobs._holds import holds_in
from parfocal.jobs._leases import STATE_NOW, times
from parfocal.jobs._scans import WatchedScan, scans_in
from parfocal.jobs._schema import VERSION
from parfocal.jobs._serving import worker_lives
from parfocal.jobs._turns import QueueLine, turns

__all__ = ["Overlook", "Overview", "open_to_read"]

PATIENCE_S = 5.0
COUNTS = f"SELECT {STATE_NOW} AS now, count(*) FROM job GROUP BY now"
NEWEST = "SELECT config, raw FROM strip ORDER BY created DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Overview:
    """A queue at one moment. `problem` says why nothing can be said of it."""

    queue: Path
    problem: str = ""
    strips: tuple[StripCell, ...] = ()
    lines: tuple[QueueLine, ...] = ()
    more: int = 0
    """Jobs that are not over and are not among the lines."""
    counts: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)
    scans: tuple[WatchedScan, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    worker: bool = False
    places: tuple[tuple[str, Path], ...] = ()
    """The folders whose disks matter, by what lies there: raw, output, archive."""
    rates: Mapping[str, float] = field(default_factory=dict)
    """Bytes a second that came to each of them in the last hours."""
    letters_waiting: int = 0
    letters_failed: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.strips or self.lines or self.scans or self.problem)

    @property
    def paused(self) -> bool:
        """Whether a person has paused it."""
        return "user" in self.held

    @property
    def wants_worker(self) -> bool:
        """Whether a worker would have something to do."""
        going = any(line.goes_on for line in self.lines)
        return bool(going or self.scans or self.letters_waiting)


def open_to_read(queue: Path) -> sqlite3.Connection:
    """A connection that can change nothing, and that no writer waits for."""
    name = quote(str(queue.absolute()))
    connection = sqlite3.connect(
        f"file:{name}?mode=ro",
        PATIENCE_S,
        isolation_level=None,
        check_same_thread=False,
        uri=True,
    )
    connection.row_factory = sqlite3.Row
    return connection


class Overlook:
    """Looks at a queue again and again, for one thread; a queue that is not there is empty."""

    def __init__(self, queue: Path, clock: Clock | None = None) -> None:
        self._queue = queue
        self._clock: Clock = SystemClock() if clock is None else clock
        self._connection: sqlite3.Connection | None = None
        self._cells = StripCells()
        self._last: tuple[object, Overview] | None = None

    def look(self, *, busy: bool = False) -> Overview:
        """How it stands now. `busy`: an acquisition goes on. The same value as before when nobody
        changed anything."""
        try:
            if self._connection is None:
                if not self._queue.exists():
                    return Overview(self._queue)
                self._connection = open_to_read(self._queue)
            return self._look(self._connection, busy)
        except (sqlite3.Error, OSError, ValueError) as problem:
            self.close()
            return Overview(self._queue, f"the queue {self._queue} cannot be read: {problem}")

    def close(self) -> None:
        """Let go of the file."""
        self._last = None
        self._cells = StripCells()
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _look(self, sql: sqlite3.Connection, busy: bool) -> Overview:
        (version,) = sql.execute("PRAGMA data_version").fetchone()
        worker = worker_lives(self._queue)
        # a retry whose time has come is told within half a minute
        stamp = version, worker, busy, int(self._clock.now().monotonic / 30)
        if self._last is not None and self._last[0] == stamp:
            return self._last[1]
        sql.execute("BEGIN")
        try:
            overview = self._read(sql, worker, busy)
        finally:
            sql.execute("COMMIT")
        self._last = stamp, overview
        return overview

    def _read(self, sql: sqlite3.Connection, worker: bool, busy: bool) -> Overview:
        (version,) = sql.execute("PRAGMA user_version").fetchone()
        if version == 0:  # somebody is laying it out at this moment
            return Overview(self._queue)
        if version > VERSION:
            why = f"the queue {self._queue} is of a later version of Parfocal; use that one"
            return Overview(self._queue, why)
        now = self._clock.now()
        settings = sql.execute("SELECT key, value FROM setting").fetchall()
        held = holds_in(settings)
        counts = dict(sql.execute(COUNTS, times(now)).fetchall())
        worker = worker or bool(counts.get("running"))
        generations = sql.execute("SELECT id, generation FROM strip").fetchall()
        conflicts = open_ones(settings, dict(generations))
        lines, more = turns(sql, now, held, worker=worker, busy=busy)
        letters = dict(sql.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall())
        return Overview(
            self._queue,
            strips=self._cells.read(sql, now, {one.strip for one in conflicts}),
            lines=lines,
            more=more,
            counts=counts,
            held=held,
            scans=scans_in(settings),
            conflicts=conflicts,
            worker=worker,
            places=_places(sql),
            rates=rates_of(sql.execute(RATES, (now.utc - RATE_OVER_S,)).fetchall(), now),
            letters_waiting=letters.get("waiting", 0) + letters.get("sending", 0),
            letters_failed=letters.get("failed", 0),
        )


def _places(sql: sqlite3.Connection) -> tuple[tuple[str, Path], ...]:
    """Of the newest strip: where a camera writes now."""
    row = sql.execute(NEWEST).fetchone()
    if row is None:
        return ()
    config = Config.model_validate(json.loads(row["config"]))
    places = [("raw", Path(row["raw"]).parent)]
    for role, root in (("output", config.output), ("archive", config.archive)):
        if root is not None:
            places.append((role, config.local(root)))
    return tuple(places)
