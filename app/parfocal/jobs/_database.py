"""Open the queue's database, and change it in short transactions that survive a power cut."""

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import platformdirs

from parfocal.jobs._clock import Clock, Moment, SystemClock
from parfocal.jobs._errors import JobError
from parfocal.jobs._schema import SCHEMA, VERSION

__all__ = ["DUE", "Database", "Row", "default_path"]

Row: TypeAlias = sqlite3.Row
PATIENCE_S = 30.0
TABLES = frozenset(re.findall(r"^CREATE TABLE (\w+)", SCHEMA, re.MULTILINE))
# a monotonic clock without a name of its start (Windows, macOS) may have begun anew since
DUE = """(CASE WHEN due_boot <> :boot THEN due_utc <= :utc
    WHEN :boot = '' THEN due_monotonic <= :monotonic OR due_utc <= :utc
    ELSE due_monotonic <= :monotonic END)"""


def default_path() -> Path:
    """Where the queue of this user lies: on the local disk, since SQLite's locks need one."""
    return Path(platformdirs.user_state_dir("parfocal", appauthor=False)) / "jobs" / "queue.sqlite"


class Database:
    """One connection, for all threads of a process, one after the other."""

    def __init__(self, path: Path | None = None, clock: Clock | None = None) -> None:
        self.path = default_path() if path is None else path
        self.clock: Clock = SystemClock() if clock is None else clock
        self._lock = threading.RLock()
        opened: sqlite3.Connection | None = None
        try:
            # 0o700: the addresses of web hooks are secrets
            self.path.parent.mkdir(0o700, parents=True, exist_ok=True)
            self._connection = opened = sqlite3.connect(
                self.path, PATIENCE_S, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            self._refuse_foreign()
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._lay_out()
        except (OSError, sqlite3.Error, JobError) as problem:
            if opened is not None:
                opened.close()
            if isinstance(problem, JobError):
                raise
            why = getattr(problem, "strerror", None) or problem
            raise JobError(f"the queue {self.path} cannot be opened: {why}") from problem

    def now(self) -> Moment:
        """What time it is for leases and retries."""
        return self.clock.now()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """Be the only writer for a moment; all of it happens, or nothing."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            try:
                self._connection.execute("COMMIT")
            except sqlite3.Error:  # a full disk: the next call must not find this one open
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def rows(self, sql: str, values: Any = ()) -> list[Row]:
        """What a question finds."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Any = ()) -> Row | None:
        """The first that a question finds."""
        found = self.rows(sql, values)
        return found[0] if found else None

    def _lay_out(self) -> None:
        with self.change() as sql:
            (version,) = sql.execute("PRAGMA user_version").fetchone()
            if version == 0:
                # executescript would commit on its own
                for statement in _statements(SCHEMA):
                    sql.execute(statement)
                sql.execute(f"PRAGMA user_version = {VERSION}")

    def _refuse_foreign(self) -> None:
        """Nothing is laid out in another program's database, or changed in it."""
        self._connection.execute("BEGIN")  # another one may lay it out at this moment
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        told = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        there = {name for (name,) in told.fetchall()}
        self._connection.execute("COMMIT")
        if version > VERSION:
            raise JobError(f"the queue {self.path} is of a later version of Parfocal; use that one")
        told = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        there = {name for (name,) in told.fetchall()}
        if (version == 0 and there) or (version != 0 and not there >= TABLES):
            raise JobError(f"{self.path} is a database of something else, and no queue")


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
