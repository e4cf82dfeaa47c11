"""Watch folders for new strips. Looking again and again is the truth: it also sees what was
written while nobody watched, on shares that tell of nothing."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from parfocal.jobs._admission import Decision, admit
from parfocal.jobs._config import Config
from parfocal.jobs._conflicts import note_conflict
from parfocal.jobs._database import Database, Row
from parfocal.jobs._errors import queue_is_busy
from parfocal.jobs._identity import StripName
from parfocal.jobs._job import Notice
from parfocal.jobs._outbox import post_on
from parfocal.jobs._raw import fingerprint, raw_files
from parfocal.jobs._records import add_event

__all__ = ["Watcher"]

POLL_S = 2.0
BULK = ".dat"

_log = logging.getLogger(__name__)


class Watcher:
    """Offers every strip of a configuration's folders to the queue, whatever became of it before.

    `alarms` tells what else people must know: runs that have fallen silent, as key and words.
    """

    def __init__(
        self,
        database: Database,
        config: Config,
        alarms: Callable[[], Iterable[tuple[str, str]]] = tuple,
    ) -> None:
        self._database = database
        self._config = config
        self._alarms = alarms
        self._first = True
        self._seen: dict[Path, int] = {}
        self.offline: tuple[Path, ...] = ()
        """Folders that cannot be seen at this moment; nothing of them is lost."""

    def run(self, stop: threading.Event, poll_s: float = POLL_S) -> None:
        """Look until it is told to stop."""
        while not stop.is_set():
            try:
                self.look()
            except sqlite3.OperationalError as problem:
                if not queue_is_busy(problem):
                    raise
                _log.warning("the queue cannot be written: %s", problem)
            except OSError as problem:  # the next look may see again
                _log.warning("not all could be looked at: %s", problem)
            stop.wait(poll_s)

    def look(self) -> list[Decision]:
        """Look once; what was decided about strips that are new, or that changed."""
        decisions = []
        offline = []
        for folder in map(self._config.local, self._config.watch):
            try:
                below = sorted(path for path in folder.iterdir() if path.is_dir())
            except OSError:
                offline.append(folder)
                continue
            for raw in below:
                name = self._config.name_of(raw)
                if name is not None and (decision := self._offer(name, raw)) is not None:
                    decisions.append(decision)
        self._tell_offline(tuple(offline))
        self._raise_alarms()
        self._first = False
        return decisions

    def _offer(self, name: StripName, raw: Path) -> Decision | None:
        row = self._database.row("SELECT * FROM strip WHERE id = ?", (name.key,))
        if row is None:
            return admit(self._database, name, raw, self._config, backlog=self._first)
        try:
            changed = raw.stat().st_mtime_ns
            # a file that grows does not change its folder: what has not settled is looked into
            same = row["raw_identity"] and self._seen.get(raw) == changed
            if same and row["raw"] == str(raw):
                return None
            self._seen[raw] = changed
            identity = fingerprint(raw)
            if not self._is_news(row, raw, identity):
                return None
        except OSError:  # it went while we looked
            return None
        decision = admit(self._database, name, raw, self._config, raw_identity=identity)
        if decision.action == "conflict":
            self._ask(name, raw, identity, decision.why)
        return decision

    def _ask(self, name: StripName, raw: Path, identity: str, why: str) -> None:
        """Keep the question for whoever looks at the window, and tell people once."""
        if note_conflict(self._database, name, raw, identity, self._config):
            self._tell(f"conflict/{name.key}/{identity}", why, name.key)

    def _is_news(self, row: Row, raw: Path, identity: str) -> bool:
        """Whether there are other data than those that were, or are, worked on."""
        jobs = self._database.row(
            "SELECT 1 FROM job WHERE strip = ? AND generation = ?", (row["id"], row["generation"])
        )
        if jobs is None or row["raw"] != str(raw):  # its state was reset, or it lies elsewhere
            return True
        if row["raw_identity"]:
            cleaned = self._database.row(
                "SELECT 1 FROM artifact WHERE strip = ? AND generation = ? AND kind = 'tombstone'",
                (row["id"], row["generation"]),
            )
            if cleaned is not None:
                return any(file.name.lower().endswith(BULK) for file in raw_files(raw))
            return bool(row["raw_identity"] != identity)
        parked = self._database.row(
            "SELECT note FROM job WHERE strip = ? AND generation = ? AND kind = 'settle' "
            "AND state = 'parked'",
            (row["id"], row["generation"]),
        )
        return parked is not None and identity not in parked["note"]

    def _tell_offline(self, offline: tuple[Path, ...]) -> None:
        with self._database.change() as sql:
            for folder in offline:
                if folder not in self.offline:
                    add_event(sql, self._database.now(), "offline", f"{folder} is offline")
            for folder in self.offline:
                if folder not in offline:
                    add_event(sql, self._database.now(), "online", f"{folder} is there again")
        self.offline = offline

    def _raise_alarms(self) -> None:
        for key, words in self._alarms():
            self._tell(key, words)

    def _tell(self, key: str, words: str, strip: str | None = None) -> None:
        ways = [way.model_dump(mode="json") for way in self._config.notify]
        with self._database.change() as sql:
            post_on(sql, self._database.now(), ways, Notice(key, words, words, True), strip)
