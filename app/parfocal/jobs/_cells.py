"""Keep a cell of the grid for every strip, and read only those anew that may have changed."""

import json
import sqlite3
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from parfocal.jobs._clock import Moment
from parfocal.jobs._leases import STATE_NOW, times
from parfocal.jobs._standing import StageState, Standing, standing_of

__all__ = ["StripCell", "StripCells"]

FULL_EVERY_S = 30.0
SLACK_S = 2.0
STRIPS = f"""
SELECT strip.id, strip.project, strip.slice, strip.channel, strip.strip, strip.generation,
    max(CASE {STATE_NOW} WHEN 'running' THEN job.fraction END) AS fraction,
    group_concat(job.kind || ' ' || {STATE_NOW} || ' ' || (job.lease > 0) || ' ' || job.trouble,
        ';') AS stages
FROM strip LEFT JOIN job ON job.strip = strip.id AND job.generation = strip.generation
"""
ALL = f"{STRIPS} GROUP BY strip.id"
SOME = f"{STRIPS} WHERE strip.id IN (SELECT value FROM json_each(:some)) GROUP BY strip.id"
NEWS = """
SELECT strip FROM job WHERE changed >= :since AND strip IS NOT NULL
UNION SELECT strip FROM job WHERE state = 'running' AND strip IS NOT NULL
UNION SELECT strip FROM event WHERE id > :event AND strip <> ''
"""


@dataclass(frozen=True, slots=True)
class StripCell:
    """One strip of the grid."""

    id: str
    project: str
    slice: int
    channel: str
    strip: int
    generation: int
    standing: Standing
    letters: str
    fraction: float | None = None
    """Of the stage that goes on."""


class StripCells:
    """What did not change stays the very same cell. A whole look takes 0.3 s for 5,000 strips, so
    it is taken twice a minute (that also finds what a clock that was set back hid), and in between
    only what the queue's own times and events name is read: a look is 35 ms of the processor."""

    def __init__(self) -> None:
        self._cells: dict[str, StripCell] = {}
        self._keys: dict[str, tuple[object, ...]] = {}
        self._sorted: tuple[StripCell, ...] = ()
        self._asked: AbstractSet[str] = frozenset()
        self._going: set[str] = set()
        self._event = 0
        self._since = 0.0
        self._full_at: float | None = None

    def read(
        self, sql: sqlite3.Connection, now: Moment, asked: AbstractSet[str]
    ) -> tuple[StripCell, ...]:
        """All of them, as they are now; `asked` are those of which somebody is asked."""
        whole = self._full_at is None or now.monotonic - self._full_at >= FULL_EVERY_S
        if whole:
            rows = sql.execute(ALL, times(now)).fetchall()
            self._full_at = now.monotonic
            kept = {row["id"] for row in rows}
            for gone in self._cells.keys() - kept:
                del self._cells[gone], self._keys[gone]
        else:
            some = json.dumps(sorted(self._news(sql) | (asked ^ self._asked)))
            rows = sql.execute(SOME, {**times(now), "some": some}).fetchall()
        self._asked, self._since = frozenset(asked), now.utc - SLACK_S
        (self._event,) = sql.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()
        self._take(rows, asked)
        return self._sorted

    def _news(self, sql: sqlite3.Connection) -> set[str]:
        told = {"since": self._since, "event": self._event}
        named = {strip for (strip,) in sql.execute(NEWS, told).fetchall()}
        return named | self._going

    def _take(self, rows: list[sqlite3.Row], asked: AbstractSet[str]) -> None:
        changed = len(self._sorted) != len(self._cells)
        for row in rows:
            strip = row["id"]
            key = (*row, strip in asked)
            self._going.discard(strip)
            if row["fraction"] is not None:
                self._going.add(strip)
            if self._keys.get(strip) != key:
                self._keys[strip], self._cells[strip] = key, _cell(row, asked=strip in asked)
                changed = True
        if changed:
            self._sorted = tuple(
                sorted(self._cells.values(), key=lambda c: (c.project, c.channel, c.slice, c.strip))
            )


def _cell(row: sqlite3.Row, *, asked: bool) -> StripCell:
    stages = []
    for text in (row["stages"] or "").split(";"):
        if text:
            kind, state, begun, trouble = text.split(" ", 3)
            stages.append(StageState(kind, state, begun == "1", trouble))
    standing, letters = standing_of(stages, asked=asked)
    return StripCell(
        row["id"],
        row["project"],
        row["slice"],
        row["channel"],
        row["strip"],
        row["generation"],
        standing,
        letters,
        row["fraction"],
    )
