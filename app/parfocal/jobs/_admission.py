"""Take strips into the queue: start, go on, skip with the reason, or begin anew."""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from parfocal.jobs._clock import Moment, in_words
from parfocal.jobs._config import Config
from parfocal.jobs._database import Database
from parfocal.jobs._errors import JobError
from parfocal.jobs._identity import StripName
from parfocal.jobs._job import Job, State
from parfocal.jobs._leases import mark_ready
from parfocal.jobs._records import add_event
from parfocal.jobs._strip import Strip, config_of, stages_of

__all__ = ["Decision", "admit", "admit_in", "begin_anew", "reset_strip", "strip_of"]

LIVE, BACKLOG = 0, 10
OVER = frozenset({State.DONE, State.FAILED, State.PARKED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a strip that was offered, and why."""

    strip: str
    action: Literal["start", "go on", "skip", "conflict"]
    why: str

    def as_json(self) -> dict[str, Any]:
        """With the keys of the command line."""
        return {"strip": self.strip, "action": self.action, "why": self.why}


def admit(
    database: Database,
    name: StripName,
    raw: Path,
    config: Config,
    *,
    force: bool = False,
    backlog: bool = False,
    raw_identity: str = "",
) -> Decision:
    """Queue a strip. None, pending and failed start; a completed one is skipped until it is
    forced; one that runs is left alone. `raw_identity` tells a folder of the same name apart
    that another session made."""
    now = database.now()
    with database.change() as sql:
        return admit_in(
            sql, now, name, raw, config, force=force, backlog=backlog, raw_identity=raw_identity
        )


def admit_in(
    sql: sqlite3.Connection,
    now: Moment,
    name: StripName,
    raw: Path,
    config: Config,
    *,
    force: bool = False,
    backlog: bool = False,
    raw_identity: str = "",
) -> Decision:
    """The same within a change that goes on."""
    priority = BACKLOG if backlog else LIVE
    row = sql.execute("SELECT * FROM strip WHERE id = ?", (name.key,)).fetchone()
    if row is None:
        sql.execute(
            "INSERT INTO strip (id, project, slice, channel, strip, raw, config, generation, "
            "created) VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)",
            (
                name.key,
                name.project,
                name.slice,
                name.channel,
                name.strip,
                str(raw),
                json.dumps(config.as_json()),
                now.utc,
            ),
        )
        _queue(sql, name.key, 1, config, now, priority)
        return Decision(name.key, "start", "it is new")
    if not _jobs(sql, name.key, row["generation"]):
        # of its configuration too: its stages are those of this one
        sql.execute(
            "UPDATE strip SET raw = ?, config = ? WHERE id = ?",
            (str(raw), json.dumps(config.as_json()), name.key),
        )
        _queue(sql, name.key, row["generation"], config, now, priority)
        return Decision(name.key, "start", "its state was reset")
    if force:
        return _forced(sql, row, raw, config, now, priority)
    elsewhere = Path(row["raw"]) != raw  # another folder moves nothing of this one's jobs
    other = raw_identity and row["raw_identity"] and raw_identity != row["raw_identity"]
    jobs = _jobs(sql, name.key, row["generation"])
    # the trash has its own time, and the folder's place is free meanwhile
    over = all(job.state in OVER for job in jobs if job.kind != "purge")
    if elsewhere or (other and over):
        return Decision(
            name.key,
            "conflict",
            f"{raw} is not what this strip was made of ({row['raw']}); if it is the same "
            "strip taken again, force it: what was made before is kept aside",
        )
    return _decide(sql, name.key, jobs, now)


def begin_anew(database: Database, strip: str, generation: int, why: str) -> bool:
    """Begin a new generation after this one; its jobs are cancelled, its products stay. False
    when somebody has begun one already."""
    now = database.now()
    with database.change() as sql:
        row = sql.execute(
            "SELECT * FROM strip WHERE id = ? AND generation = ?", (strip, generation)
        ).fetchone()
        if row is None:
            return False
        config = config_of(row)
        _anew(sql, row, Path(row["raw"]), config, now, why, LIVE)
        return True


def reset_strip(database: Database, strip: str) -> None:
    """Forget what was done with a strip, so that it is taken for a new one; no file is touched."""
    now = database.now()
    with database.change() as sql:
        row = sql.execute("SELECT * FROM strip WHERE id = ?", (strip,)).fetchone()
        if row is None:
            raise JobError(f"there is no strip {strip}; `parfocal state show` names them")
        running = sql.execute(
            "SELECT worker FROM job WHERE strip = ? AND state = 'running'", (strip,)
        ).fetchone()
        if running is not None:
            raise JobError(f"{running[0]} is working on {strip}; cancel its job first")
        sql.execute("DELETE FROM job WHERE strip = ?", (strip,))
        sql.execute("DELETE FROM artifact WHERE strip = ?", (strip,))
        # a new generation, whose notices are new ones
        sql.execute(
            "UPDATE strip SET generation = generation + 1, raw_identity = '' WHERE id = ?",
            (strip,),
        )
        sql.execute(
            "INSERT INTO event (utc, strip, kind, words) VALUES (?, ?, 'reset', 'reset by hand')",
            (now.utc, strip),
        )


def strip_of(database: Database, job: Job) -> Strip:
    """The strip of a job."""
    row = database.row("SELECT * FROM strip WHERE id = ?", (job.strip,))
    if row is None:
        raise JobError(f"job {job.id} belongs to no strip")
    return Strip.of(row)


def _forced(
    sql: sqlite3.Connection, row: Any, raw: Path, config: Config, now: Moment, priority: int
) -> Decision:
    live = [job for job in _jobs(sql, row["id"], row["generation"]) if job.state is State.RUNNING]
    if live:
        why = f"{live[0].worker} is working on it ({live[0].kind})"
        return Decision(row["id"], "skip", why)
    _anew(sql, row, raw, config, now, "forced", priority)
    return Decision(row["id"], "start", "forced")


def _anew(
    sql: sqlite3.Connection,
    row: Any,
    raw: Path,
    config: Config,
    now: Moment,
    why: str,
    priority: int,
) -> int:
    generation = int(row["generation"]) + 1
    strip = row["id"]
    sql.execute(
        "UPDATE job SET state = 'cancelled', error = 'a newer generation took its place', "
        "changed = ? WHERE strip = ? AND state IN ('waiting', 'ready', 'parked', 'failed')",
        (now.utc, strip),
    )
    sql.execute("UPDATE job SET cancel = 1 WHERE strip = ? AND state = 'running'", (strip,))
    sql.execute(
        "UPDATE strip SET generation = ?, raw = ?, raw_identity = '', config = ? WHERE id = ?",
        (generation, str(raw), json.dumps(config.as_json()), strip),
    )
    _queue(sql, strip, generation, config, now, priority)
    sql.execute(
        "INSERT INTO event (utc, strip, kind, words) VALUES (?, ?, 'generation', ?)",
        (now.utc, strip, f"generation {generation}: {why}"),
    )
    return generation


def _decide(sql: sqlite3.Connection, strip: str, jobs: list[Job], now: Moment) -> Decision:
    for job in jobs:
        if job.state is State.RUNNING:
            return Decision(strip, "skip", f"{job.worker} is working on it ({job.kind})")
    jobs = [job for job in jobs if job.kind != "purge"]  # the trash has its own time
    broken = [job for job in jobs if job.state in {State.FAILED, State.PARKED, State.CANCELLED}]
    for job in broken:
        sql.execute(
            "UPDATE job SET state = 'waiting', attempt = 0, crashes = 0, cancel = 0, due_utc = 0, "
            "due_monotonic = 0, due_boot = '', changed = ? WHERE id = ?",
            (now.utc, job.id),
        )
        add_event(sql, now, "again", f"{job.kind} is tried again after: {job.error}", job)
    if broken:
        mark_ready(sql, now, strip, broken[0].generation)
        return Decision(strip, "go on", f"{broken[0].kind} had {broken[0].state}")
    if all(job.state is State.DONE for job in jobs):
        when = in_words(max(job.changed for job in jobs))
        return Decision(strip, "skip", f"it was completed at {when}; force it to begin anew")
    return Decision(strip, "skip", "it is queued already")


def _queue(
    sql: sqlite3.Connection,
    strip: str,
    generation: int,
    config: Config,
    now: Moment,
    priority: int,
) -> None:
    for stage in stages_of(config):
        sql.execute(
            "INSERT INTO job (key, strip, generation, kind, lane, needs, state, priority, created, "
            "changed) VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?, ?)",
            (
                f"{strip}/{generation}/{stage.kind}",
                strip,
                generation,
                stage.kind,
                stage.lane,
                json.dumps(stage.needs),
                priority,
                now.utc,
                now.utc,
            ),
        )
    mark_ready(sql, now, strip, generation)


def _jobs(sql: sqlite3.Connection, strip: str, generation: int) -> list[Job]:
    rows = sql.execute(
        "SELECT * FROM job WHERE strip = ? AND generation = ? ORDER BY id", (strip, generation)
    ).fetchall()
    return [Job.of(row) for row in rows]
