"""Tell people something that belongs to no job, from a thread of its own: nobody waits for it."""

import json
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import ValidationError

from parfocal.jobs._config import Way
from parfocal.jobs._database import Database
from parfocal.jobs._deliver import deliver_next, hand_over
from parfocal.jobs._errors import JobError
from parfocal.jobs._job import Notice
from parfocal.jobs._outbox import Letter, post_on

__all__ = ["Messenger", "ways_of_user"]

LOOK_S = 0.5
CLOSING_S = 12.0
"""A mail server that is slow gets so long at the end of a program."""

_log = logging.getLogger(__name__)


def ways_of_user(settings: Path | None = None) -> tuple[Way, ...]:
    """On which ways this user wants to be told of runs: `notify` in the settings of the window,
    written as in a scan's file. What is no way is passed over, and the log says so."""
    folder = Path(platformdirs.user_config_dir("parfocal", appauthor=False))
    path = folder / "settings.json" if settings is None else settings
    try:
        told = json.loads(path.read_text(encoding="utf-8")).get("notify", [])
    except (OSError, ValueError, AttributeError):
        return ()
    found = []
    for one in told if isinstance(told, list) else []:
        try:
            found.append(Way.model_validate(one))
        except ValidationError as problem:
            _log.warning("%s: a way of `notify` is passed over: %s", path, problem.errors()[0])
    return tuple(found)


class Messenger:
    """Puts notices into the outbox and delivers what is due. Where the queue's disk is full, they
    are handed over at once and kept nowhere."""

    def __init__(
        self,
        ways: Callable[[], Sequence[Way]] = ways_of_user,
        path: Path | None = None,
    ) -> None:
        self._ways = ways
        self._path = path
        self._notices: queue.SimpleQueue[tuple[Notice, bool]] = queue.SimpleQueue()
        self._left = threading.Event()
        self._thread: threading.Thread | None = None

    def tell(self, notice: Notice, *, everybody: bool = False) -> None:
        """Returns at once. `everybody`: also who wants to hear only of what needs somebody, as of
        a trouble's end when they were told of the trouble."""
        self._notices.put((notice, everybody))
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._work, name="parfocal-messenger", daemon=True
            )
            self._thread.start()

    def close(self, timeout: float = CLOSING_S) -> None:
        """Wait for what was told to be delivered; what is not by then stays in the outbox."""
        self._left.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _work(self) -> None:
        try:
            database = Database(self._path)
        except JobError as problem:
            _log.warning("%s", problem)
            self._work_without()
            return
        try:
            while True:
                leaving = self._left.is_set()
                while not self._notices.empty():
                    self._post(database, *self._notices.get())
                if not _delivers(database):
                    if leaving:
                        return
                    self._left.wait(LOOK_S)
        finally:
            database.close()

    def _post(self, database: Database, notice: Notice, everybody: bool) -> None:
        ways = self._told(everybody)
        try:
            with database.change() as sql:
                post_on(sql, database.now(), ways, notice)
        except sqlite3.Error as problem:
            _log.warning("the queue cannot be written (%s); told without it", problem)
            _hand_over(notice, ways)

    def _work_without(self) -> None:
        while not (self._left.is_set() and self._notices.empty()):
            while not self._notices.empty():
                notice, everybody = self._notices.get()
                _hand_over(notice, self._told(everybody))
            self._left.wait(LOOK_S)

    def _told(self, everybody: bool) -> list[dict[str, Any]]:
        ways = [way.model_dump(mode="json") for way in self._ways()]
        return [{**way, "only": "all"} for way in ways] if everybody else ways


def _hand_over(notice: Notice, ways: Sequence[dict[str, Any]]) -> None:
    for number, way in enumerate(ways):
        if way.get("only") == "needs me" and not notice.needs_me:
            continue
        letter = Letter(0, f"{notice.key}/{number}/{time.time():.0f}", way, notice, 0, 0)
        if problem := hand_over(letter):
            _log.warning("%s was not told: %s", notice.subject, problem)


def _delivers(database: Database) -> bool:
    try:
        return deliver_next(database)
    except sqlite3.Error as problem:
        _log.warning("the queue cannot be written: %s", problem)
        return False
