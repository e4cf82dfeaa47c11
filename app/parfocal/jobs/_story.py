"""Tell all that is known of one strip: its stages, what happened, and what it waits for."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from parfocal.jobs._clock import Clock, SystemClock
from parfocal.jobs._errors import JobError
from parfocal.jobs._holds import holds_in
from parfocal.jobs._job import Job, State
from parfocal.jobs._leases import STATE_NOW, times
from parfocal.jobs._overview import open_to_read
from parfocal.jobs._serving import worker_lives
from parfocal.jobs._standing import STAGES
from parfocal.jobs._strip import Strip
from parfocal.jobs._why import Standpoint, left_out, why

__all__ = ["StageView", "StripEvent", "StripStory", "story_of_strip"]

MOST_EVENTS = 400
LEFT_OUT = "left out"
WORKS = f"SELECT 1 FROM job WHERE state = 'running' AND {STATE_NOW} = 'running' LIMIT 1"
BROKEN = frozenset({State.PARKED, State.FAILED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage of a strip: its job, or why it has none. `words` say what came of it, or why it
    does not go on."""

    kind: str
    state: str
    words: str
    changed_utc: float = 0.0
    fraction: float = 0.0
    job: int | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class StripEvent:
    """Something that happened to a strip."""

    utc: float
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class StripStory:
    """A strip at one moment."""

    strip: Strip
    stages: tuple[StageView, ...]
    events: tuple[StripEvent, ...]
    sentence: str
    """Why it does not go on, or why it would be skipped."""
    pictures: tuple[Path, ...] = ()
    products: tuple[tuple[str, Path, int], ...] = ()
    """What was verified in this generation: kind, path, bytes."""
    cleaned: bool = False
    """Whether its raw data were taken away."""

    @property
    def unfinished(self) -> tuple[int, ...]:
        """The jobs that can be cancelled."""
        going = {str(State.WAITING), str(State.READY), str(State.RUNNING)}
        return tuple(one.job for one in self.stages if one.job and one.state in going)

    @property
    def broken(self) -> tuple[int, ...]:
        """The jobs that can be tried again."""
        return tuple(one.job for one in self.stages if one.job and one.state in BROKEN)

    @property
    def consent_wanted(self) -> StageView | None:
        """The job that waits for somebody to say in words that data may be deleted."""
        for one in self.stages:
            if one.state == State.PARKED and one.kind in {"cleanup", "purge"}:
                return one
        return None


def story_of_strip(
    queue: Path, strip: str, *, busy: bool = False, clock: Clock | None = None
) -> StripStory:
    """Read it; nothing is changed."""
    now = (SystemClock() if clock is None else clock).now()
    try:
        with closing(open_to_read(queue)) as sql:
            sql.execute("BEGIN")
            row = sql.execute("SELECT * FROM strip WHERE id = ?", (strip,)).fetchone()
            if row is None:
                raise JobError(f"there is no strip {strip} any more")
            held = holds_in(sql.execute("SELECT key, value FROM setting").fetchall())
            works = sql.execute(WORKS, times(now)).fetchone() is not None
            at = Standpoint(now, held, works or worker_lives(queue), busy)
            return _told(sql, row, at)
    except sqlite3.Error as problem:
        raise JobError(f"the queue {queue} cannot be read: {problem}") from problem


def _told(sql: sqlite3.Connection, row: sqlite3.Row, at: Standpoint) -> StripStory:
    strip = Strip.of(row)
    mine = (row["id"], row["generation"])
    found = sql.execute(
        f"SELECT *, {STATE_NOW} AS now FROM job WHERE strip = :strip AND generation = :generation "
        "ORDER BY id",
        {**times(at.now), "strip": mine[0], "generation": mine[1]},
    ).fetchall()
    jobs = [replace(Job.of(one), state=State(one["now"])) for one in found]
    events = sql.execute(
        "SELECT utc, job, kind, words FROM event WHERE strip = ? ORDER BY id DESC LIMIT ?",
        (row["id"], MOST_EVENTS),
    ).fetchall()
    done = {one["job"]: one["words"] for one in reversed(events) if one["kind"] == "done"}
    artifacts = {
        one["kind"]: one
        for one in sql.execute(
            "SELECT * FROM artifact WHERE strip = ? AND generation = ?", mine
        ).fetchall()
    }
    pictures: list[str] = []
    if "preview" in artifacts:
        pictures = json.loads(artifacts["preview"]["facts"])["pictures"]
    return StripStory(
        strip,
        _stages(strip, jobs, done, at),
        tuple(StripEvent(one["utc"], one["kind"], one["words"]) for one in reversed(events)),
        _sentence(jobs, at),
        tuple(map(Path, pictures)),
        tuple(
            (kind, Path(one["path"]), one["bytes"])
            for kind, one in artifacts.items()
            if one["verified"] and kind not in {"tombstone", "purge"}
        ),
        "tombstone" in artifacts,
    )


def _stages(
    strip: Strip, jobs: list[Job], done: Mapping[int, str], at: Standpoint
) -> tuple[StageView, ...]:
    """In the order of the chain, with those that were left out in their places."""
    views = {}
    for job in jobs:
        words = done.get(job.id, "") if job.state is State.DONE else why(job, jobs, at)
        views[job.kind] = StageView(
            job.kind, str(job.state), words, job.changed, job.fraction, job.id, job.trouble
        )
    for kind, words in left_out(strip.config).items():
        views.setdefault(kind, StageView(kind, LEFT_OUT, words))
    order = [*STAGES, *(kind for kind in views if kind not in STAGES)]
    return tuple(views[kind] for kind in order if kind in views)


def _sentence(jobs: list[Job], at: Standpoint) -> str:
    """Of all stages the one that a person has to know of."""
    if not jobs:
        return "Its state was reset: it is taken for a new one when it is offered again."
    chain = [job for job in jobs if job.kind != "purge"]
    broken = next((job for job in chain if job.state in BROKEN), None)
    if broken is not None:
        return f"{_name(broken)} is {broken.state}: {why(broken, jobs, at)}"
    if all(job.state is State.DONE for job in chain):
        when = datetime.fromtimestamp(max(job.changed for job in chain)).astimezone()
        return (
            f"It was completed on {when:%d %b %Y at %H:%M}, so it is skipped when it is offered "
            "again."
        )
    going = [job for job in chain if job.state is State.RUNNING]
    going = going or [job for job in chain if job.state is State.READY] or chain
    return "; ".join(f"{_name(job)}: {why(job, jobs, at)}" for job in going)


def _name(job: Job) -> str:
    return job.kind.replace("_", " ").capitalize()
