"""List jobs, show one with its story, and let a person retry, cancel or add some."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parfocal.jobs._clock import in_words
from parfocal.jobs._database import Database
from parfocal.jobs._errors import JobError
from parfocal.jobs._holds import holds
from parfocal.jobs._job import Job, Lane, State
from parfocal.jobs._leases import Leases, mark_ready
from parfocal.jobs._records import add_event, artifacts_of

__all__ = [
    "add_job",
    "cancel_job",
    "is_idle",
    "job_of",
    "list_jobs",
    "places_needed",
    "retry_job",
    "state_of",
    "story_of",
]

OVER = (State.DONE, State.FAILED, State.CANCELLED)

AGAIN = """
UPDATE job SET state = 'waiting', attempt = 0, crashes = 0, cancel = 0, due_utc = 0,
    due_monotonic = 0, due_boot = '', note = ?, changed = ?
WHERE id = ? AND (state IN ('failed', 'parked', 'cancelled') OR (state = 'ready' AND attempt > 0))
    AND (strip IS NULL OR generation = (SELECT generation FROM strip WHERE id = job.strip))
"""


def add_job(
    database: Database,
    kind: str,
    payload: Mapping[str, Any],
    key: str,
    *,
    lane: Lane = Lane.WORK,
    priority: int = 20,
) -> int:
    """Queue work that belongs to no strip; asked for twice under the same key it is one job, for
    as long as it is not over."""
    now = database.now()
    with database.change() as sql:
        sql.execute(
            "UPDATE job SET key = key || ' #' || id WHERE key = ? "
            "AND state IN ('done', 'failed', 'parked', 'cancelled')",
            (key,),
        )
        sql.execute(
            "INSERT OR IGNORE INTO job (key, kind, lane, payload, state, priority, created, "
            "changed) VALUES (?, ?, ?, ?, 'ready', ?, ?, ?)",
            (key, kind, lane, json.dumps(payload), priority, now.utc, now.utc),
        )
        (number,) = sql.execute("SELECT id FROM job WHERE key = ?", (key,)).fetchone()
        return int(number)


def list_jobs(database: Database, state: str | None = None) -> list[Job]:
    """All of them, or those in one state; a dead worker's are told as what they are."""
    Leases(database).reap()
    if state is None:
        rows = database.rows("SELECT * FROM job ORDER BY id")
    else:
        rows = database.rows("SELECT * FROM job WHERE state = ? ORDER BY id", (state,))
    return [Job.of(row) for row in rows]


def places_needed(database: Database) -> frozenset[Path]:
    """What jobs that are not over name, and what is there already of the strips that they are of:
    the next one looks for it where it was made."""
    going = [job for job in list_jobs(database) if job.state not in OVER]
    named = {value for job in going for value in job.payload.values() if isinstance(value, str)}
    made = (
        artifact.path
        for strip, generation in {(job.strip, job.generation) for job in going}
        if strip is not None
        for artifact in artifacts_of(database, strip, generation).values()
    )
    return frozenset((*map(Path, named), *made))


def is_idle(database: Database, only: str | None = None) -> bool:
    """Whether nothing goes on by itself now: the rest waits for a person, for a retry's time, for
    room on a disk, for the end of a pause or of the trash's days."""
    Leases(database).reap()
    held = holds(database)
    if "user" in held:
        return database.row("SELECT 1 FROM job WHERE state = 'running'") is None
    return (
        database.row(
            "SELECT 1 FROM job WHERE (:only IS NULL OR strip = :only) AND (state = 'running' OR "
            "(state = 'ready' AND attempt = 0 AND kind <> 'purge' AND trouble <> 'disk full' "
            "AND (NOT :held OR lane = 'light')))",
            {"only": only, "held": bool(held)},
        )
        is None
    )


def state_of(database: Database) -> dict[str, Any]:
    """How everything stands: strips with their stage, what holds the queue, letters that wait."""
    jobs = list_jobs(database)
    strips = []
    for row in database.rows("SELECT * FROM strip ORDER BY id"):
        newest = row["id"], row["generation"]
        mine = [one for one in jobs if (one.strip, one.generation) == newest]
        now = next((one for one in mine if one.state is not State.DONE), mine[-1] if mine else None)
        strips.append(
            {
                "strip": row["id"],
                "generation": row["generation"],
                "raw": row["raw"],
                "stage": "" if now is None else now.kind,
                "state": "reset" if now is None else str(now.state),
                "error": "" if now is None else now.error,
            }
        )
    letters = database.rows("SELECT state, count(*) AS many FROM outbox GROUP BY state")
    counts: dict[str, int] = {}
    for one in jobs:
        counts[str(one.state)] = counts.get(str(one.state), 0) + 1
    return {
        "queue": str(database.path),
        "jobs": counts,
        "strips": strips,
        "holds": holds(database),
        "letters": {row["state"]: row["many"] for row in letters},
    }


def job_of(database: Database, number: int) -> Job:
    """One of them."""
    row = database.row("SELECT * FROM job WHERE id = ?", (number,))
    if row is None:
        raise JobError(f"there is no job {number}; `parfocal jobs list` names them")
    return Job.of(row)


def story_of(database: Database, job: Job) -> list[dict[str, Any]]:
    """What happened to it, in order."""
    rows = database.rows("SELECT * FROM event WHERE job = ? ORDER BY id", (job.id,))
    return [
        {"utc": in_words(row["utc"]), "kind": row["kind"], "words": row["words"]} for row in rows
    ]


def retry_job(database: Database, number: int, consent: str | None = None) -> Job:
    """Try a failed, parked or cancelled one again; `consent` is what a person typed."""
    job = job_of(database, number)
    now = database.now()
    note = job.note if consent is None else {**job.note, "consent": consent}
    with database.change() as sql:
        done = sql.execute(AGAIN, (json.dumps(note), now.utc, number)).rowcount
        if not done:
            raise JobError(
                f"job {number} is {job.state} and of generation {job.generation}: only a failed, "
                "parked or cancelled job of the newest generation can be tried again"
            )
        add_event(sql, now, "again", "tried again by hand", job)
        if job.strip is None:
            sql.execute("UPDATE job SET state = 'ready' WHERE id = ?", (number,))
        else:
            mark_ready(sql, now, job.strip, job.generation)
    return job_of(database, number)


def cancel_job(database: Database, number: int) -> Job:
    """Let it not start; one that runs stops as soon as it can."""
    job = job_of(database, number)
    now = database.now()
    with database.change() as sql:
        sql.execute("UPDATE job SET cancel = 1 WHERE id = ? AND state = 'running'", (number,))
        ended = sql.execute(
            "UPDATE job SET state = 'cancelled', error = 'it was cancelled', changed = ? "
            "WHERE id = ? AND state IN ('waiting', 'ready', 'failed', 'parked')",
            (now.utc, number),
        ).rowcount
        if ended:
            add_event(sql, now, "cancelled", "cancelled by hand", job)
    return job_of(database, number)
