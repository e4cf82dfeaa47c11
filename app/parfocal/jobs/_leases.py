"""Claim jobs, keep them, and give them back: a lease that has ended refuses whatever comes late."""

import json
import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from parfocal import counted
from parfocal.jobs._clock import Moment
from parfocal.jobs._database import DUE, Database
from parfocal.jobs._errors import LeaseLost
from parfocal.jobs._holds import is_held
from parfocal.jobs._job import Job, Lane, Notice, Outcome, State
from parfocal.jobs._outbox import post
from parfocal.jobs._records import add_event, put_artifact

__all__ = ["LEASE_S", "LIMITS", "RETRY_S", "STATE_NOW", "Leases", "mark_ready", "times"]

LEASE_S = 30.0
RETRY_S = (60.0, 300.0, 1800.0, 7200.0)
JITTER = 0.2
MOST_CRASHES = 5
LIMITS: Mapping[str, int] = {Lane.COPY: 1, Lane.WORK: 2, Lane.LIGHT: 4}

# A lease of an earlier start of the computer is over; so is one from beyond the end of any lease,
# which a monotonic clock without a name of its start (Windows, macOS) shows after a restart.
ENDED = f"""(lease_boot <> :boot OR lease_until <= :monotonic
    OR lease_until > :monotonic + {10 * LEASE_S})"""
STATE_NOW = f"CASE WHEN job.state = 'running' AND {ENDED} THEN 'ready' ELSE job.state END"
"""For who only reads: what a dead worker holds will go on, also before anybody took it back."""
NEXT = f"""
UPDATE job SET state = 'running', lease = lease + 1, worker = :worker, changed = :utc,
    lease_until = :until, lease_boot = :boot, cancel = 0, fraction = 0
WHERE id = (
    SELECT id FROM job WHERE state = 'ready' AND {DUE}
    AND lane NOT IN (SELECT value FROM json_each(:full))
    AND (NOT :held OR lane = 'light')
    AND (:only IS NULL OR strip = :only)
    AND NOT EXISTS (SELECT 1 FROM job AS other WHERE other.strip = job.strip
        AND other.kind = job.kind AND other.state = 'running')
    ORDER BY priority, id LIMIT 1)
RETURNING *
"""
FENCE = f"""SELECT * FROM job WHERE id = :id AND lease = :lease AND state = 'running'
    AND NOT {ENDED}
    AND (strip IS NULL OR generation = (SELECT generation FROM strip WHERE id = job.strip))"""
RELEASE = """UPDATE job SET worker = '', changed = :utc, lease_until = 0, """
NOW_READY = """
UPDATE job SET state = 'ready', changed = :utc WHERE +state = 'waiting' AND strip = :strip
    AND generation = :generation AND NOT EXISTS (
        SELECT 1 FROM json_each(job.needs) AS need WHERE NOT EXISTS (
            SELECT 1 FROM job AS other WHERE other.strip = job.strip AND other.kind = need.value
            AND other.generation = job.generation AND other.state = 'done'))
"""


class Leases:
    """What a worker may do with jobs; any number of workers, in any number of processes."""

    def __init__(self, database: Database, jitter: Callable[[], float] = random.random) -> None:
        self._database = database
        self._jitter = jitter

    def claim(
        self, worker: str, limits: Mapping[str, int] = LIMITS, only: str | None = None
    ) -> Job | None:
        """Take the next job that is due, the live ones before the backlog; None when there is
        none, when the queue is paused, or when as many run as may. `only` of one strip."""
        now = self._database.now()
        with self._database.change() as sql:
            _reap(sql, now)
            held = is_held(sql)
            if held == "user":
                return None
            running = dict(
                sql.execute(
                    "SELECT lane, count(*) FROM job WHERE state = 'running' GROUP BY lane"
                ).fetchall()
            )
            full = [lane for lane, most in limits.items() if running.get(lane, 0) >= most]
            row = sql.execute(
                NEXT,
                {
                    **times(now),
                    "worker": worker,
                    "until": now.monotonic + LEASE_S,
                    "full": json.dumps(full),
                    "held": held is not None,
                    "only": only,
                },
            ).fetchone()
            return None if row is None else Job.of(row)

    def reap(self) -> int:
        """Take jobs back whose worker has died: nothing stays `running` without a live lease."""
        with self._database.change() as sql:
            return _reap(sql, self._database.now())

    def renew(self, job: Job, fraction: float | None = None) -> bool:
        """Keep it; True when somebody asked for it to be cancelled."""
        now = self._database.now()
        with self._database.change() as sql:
            row = _fence(sql, job, now)
            sql.execute(
                "UPDATE job SET lease_until = ?, fraction = ? WHERE id = ?",
                (
                    now.monotonic + LEASE_S,
                    row["fraction"] if fraction is None else fraction,
                    job.id,
                ),
            )
            return bool(row["cancel"])

    @contextmanager
    def decisive(self, job: Job) -> Iterator[sqlite3.Connection]:
        """Do what must not come late, as a rename into place: nobody can claim the job
        meanwhile. Short: every other worker waits."""
        with self._database.change() as sql:
            _fence(sql, job, self._database.now())
            yield sql

    def complete(self, job: Job, outcome: Outcome) -> None:
        """It is done; what it leaves is written in the same moment, and what waited may go on."""
        now = self._database.now()
        with self._database.change() as sql:
            _fence(sql, job, now)
            sql.execute(
                f"{RELEASE} state = 'done', error = '', trouble = '', fraction = 1 WHERE id = :id",
                {**times(now), "id": job.id},
            )
            for artifact in outcome.artifacts:
                put_artifact(sql, job, artifact, now)
            if outcome.raw_identity is not None:
                sql.execute(
                    "UPDATE strip SET raw_identity = ? WHERE id = ?",
                    (outcome.raw_identity, job.strip),
                )
            add_event(sql, now, "done", outcome.words or f"{job.kind} is done", job)
            more = () if outcome.when_done is None else outcome.when_done(sql)
            for notice in (*outcome.notices, *more):
                post(sql, now, job.strip, notice)
            if job.strip is not None:
                mark_ready(sql, now, job.strip, job.generation)

    def put_off(self, job: Job, seconds: float, note: Mapping[str, Any], why: str = "") -> None:
        """It has to wait for something outside; that is no failure and costs no attempt."""
        now = self._database.now()
        with self._database.change() as sql:
            if _is_cancelled(sql, _fence(sql, job, now), now):
                return
            _wait(sql, job, now, seconds, error=why, trouble="")
            sql.execute("UPDATE job SET note = ? WHERE id = ?", (json.dumps(note), job.id))

    def give_back(self, job: Job, why: str, trouble: str = "disk full") -> None:
        """It could not go on for want of what all jobs want; it is the first to go on."""
        now = self._database.now()
        with self._database.change() as sql:
            if not _is_cancelled(sql, _fence(sql, job, now), now):
                _wait(sql, job, now, 0.0, error=why, trouble=trouble)

    def retry_later(self, job: Job, why: str) -> None:
        """It may do later: after 1, 5, 30 and 120 minutes, and then a person is asked."""
        now = self._database.now()
        with self._database.change() as sql:
            row = _fence(sql, job, now)
            if _is_cancelled(sql, row, now):
                return
            attempt = row["attempt"]
            sql.execute("UPDATE job SET attempt = attempt + 1 WHERE id = ?", (job.id,))
            if attempt >= len(RETRY_S):
                _end(sql, job, now, State.FAILED, why, "transient")
                return
            seconds = RETRY_S[attempt] * (1 + JITTER * (2 * self._jitter() - 1))
            _wait(sql, job, now, seconds, error=why, trouble="transient")
            add_event(sql, now, "retry", f"{why}; tried again in {seconds:.0f} s", job)

    def park(self, job: Job, why: str, trouble: str) -> None:
        """It waits for a person, who is told."""
        now = self._database.now()
        with self._database.change() as sql:
            _fence(sql, job, now)
            _end(sql, job, now, State.PARKED, why, trouble)

    def cancelled(self, job: Job) -> None:
        """It stopped, as it was asked to."""
        now = self._database.now()
        with self._database.change() as sql:
            # also of an older generation: that is why it was asked
            row = sql.execute(
                f"SELECT 1 FROM job WHERE id = :id AND lease = :lease AND state = 'running' "
                f"AND NOT {ENDED}",
                {**times(now), "id": job.id, "lease": job.lease},
            ).fetchone()
            if row is None:
                raise _lost(job)
            _end(sql, job, now, State.CANCELLED, "it was cancelled", "")


def mark_ready(sql: sqlite3.Connection, now: Moment, strip: str, generation: int) -> None:
    """Let the jobs of a strip go on that waited for nothing but what is done now."""
    sql.execute(NOW_READY, {**times(now), "strip": strip, "generation": generation})


def _fence(sql: sqlite3.Connection, job: Job, now: Moment) -> sqlite3.Row:
    values = {**times(now), "id": job.id, "lease": job.lease}
    row: sqlite3.Row | None = sql.execute(FENCE, values).fetchone()
    if row is None:
        raise _lost(job)
    return row


def _lost(job: Job) -> LeaseLost:
    return LeaseLost(
        f"job {job.id} ({job.kind}) was held too long without a word, so it is not {job.worker}'s "
        "any more; nothing of it was kept"
    )


def _is_cancelled(sql: sqlite3.Connection, row: sqlite3.Row, now: Moment) -> bool:
    """End a job that was to begin again, if somebody asked for that while it ran."""
    if row["cancel"]:
        _end(sql, Job.of(row), now, State.CANCELLED, "it was cancelled", "")
    return bool(row["cancel"])


def _wait(
    sql: sqlite3.Connection, job: Job, now: Moment, seconds: float, *, error: str, trouble: str
) -> None:
    due = now.after(seconds)
    sql.execute(
        f"{RELEASE} state = 'ready', error = :error, trouble = :trouble, due_utc = :due_utc, "
        "due_monotonic = :due, due_boot = :boot WHERE id = :id",
        {
            **times(now),
            "id": job.id,
            "error": error,
            "trouble": trouble,
            "due_utc": due.utc,
            "due": due.monotonic,
        },
    )


def _end(
    sql: sqlite3.Connection, job: Job, now: Moment, state: State, why: str, trouble: str
) -> None:
    sql.execute(
        f"{RELEASE} state = :state, error = :error, trouble = :trouble WHERE id = :id",
        {**times(now), "id": job.id, "state": state, "error": why, "trouble": trouble},
    )
    add_event(sql, now, str(state), why, job)
    if state is not State.CANCELLED:
        name = f"{job.strip} ({job.kind})" if job.strip else f"{job.kind} {job.id}"
        key = f"{state}/{job.id}/{job.lease}"
        what = "wants a person" if state is State.PARKED else "failed"
        # the window and a mail's list show the subject only: it says why, in one line
        subject = f"{name} {what}: {' '.join(why.split())}"
        post(sql, now, job.strip, Notice(key, subject, f"{name} {what}: {why}", True))


def _reap(sql: sqlite3.Connection, now: Moment) -> int:
    dead = sql.execute(
        f"SELECT * FROM job WHERE state = 'running' AND {ENDED}", times(now)
    ).fetchall()
    for row in dead:
        job = Job.of(row)
        crashes = row["crashes"] + 1
        sql.execute("UPDATE job SET crashes = ? WHERE id = ?", (crashes, job.id))
        words = f"{job.worker} did not answer any more"
        if job.cancel:
            _end(sql, job, now, State.CANCELLED, words, "")
        elif crashes >= MOST_CRASHES:
            why = f"its worker died {counted(crashes, 'time')} in a row; see the logs, then retry"
            _end(sql, job, now, State.PARKED, why, "crashed")
        else:
            _wait(sql, job, now, 0.0, error=words, trouble="crashed")
            add_event(sql, now, "reaped", words, job)
    return len(dead)


def times(now: Moment) -> dict[str, Any]:
    """A moment as the questions above are asked for it."""
    return {"utc": now.utc, "monotonic": now.monotonic, "boot": now.boot}
