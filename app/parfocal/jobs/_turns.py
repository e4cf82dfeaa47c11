"""Tell the jobs that are not over, in the order of their turns: how far, how fast, and why not."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace

from parfocal.jobs._clock import Moment
from parfocal.jobs._job import Job, State
from parfocal.jobs._leases import STATE_NOW, times
from parfocal.jobs._why import Standpoint, why

__all__ = ["QueueLine", "turns"]

MOST = 500
"""Lines: more nobody reads, and they are told as a number."""
SLACK_S = 1.0
CURRENT = "(job.strip IS NULL OR job.generation = strip.generation)"
TURNS = f"""
SELECT job.*, {STATE_NOW} AS now, artifact.bytes AS raw_bytes FROM job
LEFT JOIN strip ON strip.id = job.strip
LEFT JOIN artifact ON artifact.strip = job.strip AND artifact.generation = job.generation
    AND artifact.kind = 'raw'
WHERE job.state IN ('running', 'failed', 'parked', 'ready') AND {CURRENT}
ORDER BY CASE now WHEN 'running' THEN 0 WHEN 'ready' THEN 2 ELSE 1 END,
    job.due_utc, job.priority, job.id LIMIT {MOST}
"""
OPEN = f"""
SELECT count(*) FROM job LEFT JOIN strip ON strip.id = job.strip
WHERE job.state IN ('running', 'failed', 'parked', 'ready', 'waiting') AND {CURRENT}
"""


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One job that is not over."""

    id: int
    kind: str
    strip: str | None
    about: str
    """The strip, or what it makes."""
    state: State
    fraction: float
    bytes_per_s: float | None
    """Of raw data; None while nobody knows."""
    left_s: float | None
    why: str
    trouble: str
    attempt: int

    @property
    def goes_on(self) -> bool:
        """Whether it will go on by itself."""
        return self.state in {State.RUNNING, State.READY} and self.kind != "purge"


def turns(
    sql: sqlite3.Connection, now: Moment, held: Mapping[str, str], *, worker: bool, busy: bool
) -> tuple[tuple[QueueLine, ...], int]:
    """The first of them, and how many more there are."""
    at = Standpoint(now, held, worker, busy)
    lines = tuple(_line(row, at) for row in sql.execute(TURNS, times(now)).fetchall())
    (count,) = sql.execute(OPEN).fetchone()
    return lines, max(0, count - len(lines))


def _line(row: sqlite3.Row, at: Standpoint) -> QueueLine:
    job = replace(Job.of(row), state=State(row["now"]))
    rate, left = _pace(job, row["raw_bytes"], at.now)
    about = job.strip or str(job.payload.get("output") or job.payload.get("store") or "")
    return QueueLine(
        job.id,
        job.kind,
        job.strip,
        about,
        job.state,
        job.fraction,
        rate,
        left,
        why(job, (), at),
        job.trouble,
        job.attempt,
    )


def _pace(job: Job, raw_bytes: int | None, now: Moment) -> tuple[float | None, float | None]:
    """By what it has done since it was claimed: its progress is told every few seconds."""
    lasted = now.utc - job.changed
    if job.state is not State.RUNNING or job.fraction <= 0 or lasted < SLACK_S:
        return None, None
    rate = None if raw_bytes is None else raw_bytes * job.fraction / lasted
    return rate, lasted * (1 - job.fraction) / job.fraction
