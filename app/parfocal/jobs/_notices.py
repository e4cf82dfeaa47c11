"""Read what people are told, for a window: everything, however else it is delivered."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from parfocal.jobs._database import Database
from parfocal.jobs._errors import JobError
from parfocal.jobs._job import Notice
from parfocal.jobs._outbox import WINDOW, notice_of
from parfocal.jobs._overview import open_to_read

__all__ = ["Told", "mark_told", "told_since"]

SEEN = "window-seen"
MOST = 200


@dataclass(frozen=True, slots=True)
class Told:
    """One notice for the window."""

    id: int
    notice: Notice
    strip: str
    """Which strip it is about; "" for none."""
    utc: float

    @property
    def is_of_run(self) -> bool:
        """Whether an acquisition is in trouble, and no job."""
        return not self.strip and self.notice.key.startswith("run/")


def told_since(queue: Path, last: int | None = None) -> tuple[Told, ...]:
    """What came after `last`, or after what a window showed last; the newest of very many."""
    try:
        with closing(open_to_read(queue)) as sql:
            (version,) = sql.execute("PRAGMA user_version").fetchone()
            if version == 0:  # somebody is laying it out at this moment
                return ()
            if last is None:
                row = sql.execute("SELECT value FROM setting WHERE key = ?", (SEEN,)).fetchone()
                last = 0 if row is None else int(row["value"])
            rows = sql.execute(
                "SELECT * FROM outbox WHERE id > ? AND json_extract(way, '$.window') IS NOT NULL "
                "ORDER BY id DESC LIMIT ?",
                (last, MOST),
            ).fetchall()
    except (sqlite3.Error, ValueError) as problem:
        raise JobError(f"the queue {queue} cannot be read: {problem}") from problem
    return tuple(
        Told(row["id"], notice_of(row), json.loads(row["way"])[WINDOW], row["created"])
        for row in reversed(rows)
    )


def mark_told(database: Database, shown: Sequence[Told]) -> None:
    """A window has shown these: they are not shown again at the next start."""
    if not shown:
        return
    newest = max(one.id for one in shown)
    with database.change() as sql:
        sql.execute(
            "INSERT INTO setting VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET "
            "value = excluded.value "
            "WHERE CAST(value AS INTEGER) < CAST(excluded.value AS INTEGER)",
            (SEEN, str(newest)),
        )
