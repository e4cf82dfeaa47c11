"""Keep the scans that are to be watched, and watch them for as long as they are kept."""

import contextlib
import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from parfocal.jobs._config import Config, read_config
from parfocal.jobs._database import Database, Row
from parfocal.jobs._errors import JobError, queue_is_busy
from parfocal.jobs._records import add_event
from parfocal.jobs._watcher import Watcher

__all__ = [
    "ScanWatch",
    "WatchedScan",
    "configs_of_scans",
    "cpus_of_scans",
    "read_scan",
    "scans_in",
    "unwatch_scan",
    "watch_scan",
]

PREFIX = "scan:"
LOOK_S = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WatchedScan:
    """A scan's file, and what stands in the way of watching its folders."""

    file: Path
    problem: str = ""
    offline: tuple[str, ...] = ()


def read_scan(file: Path) -> Config:
    """The configuration of a scan that can be watched; a sentence with the line if it cannot."""
    config = read_config(file)
    if not config.watch:
        raise JobError(f"{file} names no folders to watch; add `watch: [/folder/of/the/scan]`")
    return config


def watch_scan(database: Database, file: Path) -> Config:
    """Watch a scan's folders until somebody says otherwise, whatever ends meanwhile."""
    config = read_scan(file)
    with database.change() as sql:
        sql.execute("INSERT OR IGNORE INTO setting VALUES (?, '{}')", (f"{PREFIX}{file}",))
        add_event(sql, database.now(), "watching", f"{file} is watched from now on")
    return config


def unwatch_scan(database: Database, file: Path) -> None:
    """Look for new strips no more; those that are queued go on."""
    with database.change() as sql:
        sql.execute("DELETE FROM setting WHERE key = ?", (f"{PREFIX}{file}",))
        add_event(sql, database.now(), "unwatched", f"{file} is not watched any more")


def configs_of_scans(database: Database) -> tuple[Config, ...]:
    """Of those that can be read at this moment."""
    found = []
    for one in scans_in(database.rows("SELECT * FROM setting")):
        with contextlib.suppress(JobError):
            found.append(read_scan(one.file))
    return tuple(found)


def cpus_of_scans(configs: Iterable[Config]) -> tuple[int, ...] | None:
    """The processors that all of them may use; None where one of them names none."""
    named = [config.cpu_affinity for config in configs]
    known = [cpus for cpus in named if cpus]
    if not known or len(known) < len(named):
        return None
    return tuple(sorted({cpu for cpus in known for cpu in cpus}))


def scans_in(rows: Iterable[Row]) -> tuple[WatchedScan, ...]:
    """Those that are kept; `rows` are the queue's settings."""
    found = []
    for row in rows:
        if row["key"].startswith(PREFIX):
            told = json.loads(row["value"])
            file = Path(row["key"].removeprefix(PREFIX))
            offline = tuple(told.get("offline", ()))
            found.append(WatchedScan(file, told.get("problem", ""), offline))
    return tuple(found)


class ScanWatch:
    """Watches every scan that is kept, each in a thread of its own: a dead share holds up nobody
    else's folders. A file that was changed is read anew; while it cannot be, the last one counts.
    """

    def __init__(
        self, database: Database, alarms: Callable[[], Iterable[tuple[str, str]]] = tuple
    ) -> None:
        self._database = database
        self._alarms = alarms
        self._going: dict[Path, _Going] = {}

    def run(self, stop: threading.Event) -> None:
        """Until it is told to stop."""
        try:
            while not stop.is_set():
                try:
                    self._keep_up()
                except sqlite3.OperationalError as problem:
                    if not queue_is_busy(problem):
                        raise
                    _log.warning("the queue cannot be written: %s", problem)
                stop.wait(LOOK_S)
        finally:
            for file in tuple(self._going):
                self._end(file)

    def _keep_up(self) -> None:
        kept = {one.file: one for one in scans_in(self._database.rows("SELECT * FROM setting"))}
        for file in self._going.keys() - kept.keys():
            self._end(file)
        for file, told in kept.items():
            now = self._look_after(file)
            if now != told:
                self._tell(now)

    def _look_after(self, file: Path) -> WatchedScan:
        going = self._going.get(file)
        try:
            changed = file.stat().st_mtime_ns
            if going is None or going.changed != changed:
                config = read_scan(file)
                self._end(file)
                going = self._going[file] = _Going(self._database, config, self._alarms, changed)
            problem = ""
        except JobError as refusal:
            problem = str(refusal)
        except OSError as lost:
            problem = f"{file} cannot be read: {lost.strerror}"
        offline = () if going is None else tuple(map(str, going.watcher.offline))
        return WatchedScan(file, problem, offline)

    def _tell(self, scan: WatchedScan) -> None:
        value = json.dumps({"problem": scan.problem, "offline": scan.offline})
        with self._database.change() as sql:
            # not when somebody has just said that it is not to be watched any more
            sql.execute(
                "UPDATE setting SET value = ? WHERE key = ?", (value, f"{PREFIX}{scan.file}")
            )

    def _end(self, file: Path) -> None:
        going = self._going.pop(file, None)
        if going is not None:
            going.end()


class _Going:
    """One scan that is watched."""

    def __init__(
        self,
        database: Database,
        config: Config,
        alarms: Callable[[], Iterable[tuple[str, str]]],
        changed: int,
    ) -> None:
        self.changed = changed
        self.watcher = Watcher(database, config, alarms)
        self._ended = threading.Event()
        self._thread = threading.Thread(
            target=self.watcher.run, args=(self._ended,), name="parfocal scan watch"
        )
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()
