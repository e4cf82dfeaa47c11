"""Let a person have a strip done again from one of its stages on, cancel it, or try it again."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

from parfocal.jobs._admission import admit_in
from parfocal.jobs._database import Database
from parfocal.jobs._desk import cancel_job, retry_job
from parfocal.jobs._errors import JobError
from parfocal.jobs._job import Job, State
from parfocal.jobs._leases import mark_ready
from parfocal.jobs._records import add_event
from parfocal.jobs._strip import Strip, stages_of
from parfocal.store import sync_to_disk

__all__ = ["cancel_jobs", "force_from", "retry_jobs", "stages_to_force"]

MADE: Mapping[str, tuple[str, ...]] = {
    "archive": ("backup",),
    "compress": ("store", "mip"),
    "preview": ("preview",),
}
PROVEN: Mapping[str, tuple[str, ...]] = {
    "verify_archive": ("backup",),
    "verify_store": ("store", "mip"),
}
BEHIND = frozenset({"cleanup", "purge"})
AGAIN = """UPDATE job SET state = 'waiting', attempt = 0, crashes = 0, cancel = 0, due_utc = 0,
    due_monotonic = 0, due_boot = '', trouble = '', error = '', fraction = 0, note = '{}',
    changed = ? WHERE id = ?"""


def stages_to_force(strip: Strip) -> tuple[str, ...]:
    """From where it can be done again: the stages of its file, but for the first two, which
    belong together."""
    return tuple(stage.kind for stage in stages_of(strip.config) if stage.kind != "inspect")


def force_from(database: Database, strip: str, stage: str, consent: str | None = None) -> None:
    """Do a stage, and all that follows from it, once more. What it had made is kept aside; what
    other stages made stays, and is proven again before any raw data go. From `settle` on it is a
    new generation. `consent` is what a person typed for a clean-up that deletes."""
    now = database.now()
    with database.change() as sql:
        row = sql.execute("SELECT * FROM strip WHERE id = ?", (strip,)).fetchone()
        if row is None:
            raise JobError(f"there is no strip {strip} any more")
        known = Strip.of(row)
        if stage == "settle":
            _refuse(sql, known, [], set())
            decision = admit_in(sql, now, known.name, known.raw, known.config, force=True)
            if decision.action != "start":
                raise JobError(f"{known.name.words}: {decision.why}; cancel it first")
            _consent(sql, strip, consent)
            return
        mine = (strip, known.generation)
        found = sql.execute("SELECT * FROM job WHERE strip = ? AND generation = ?", mine)
        jobs = [Job.of(one) for one in found.fetchall()]
        again = _and_what_follows(known, stage)
        first = next((job for job in jobs if job.kind == stage), None)
        if first is None:
            raise JobError(f"{known.name.words} has no stage {stage}")
        _refuse(sql, known, jobs, again)
        for final in _finals(known, stage):
            _keep_aside(final, known.generation)
        for job in jobs:
            if job.kind in again:
                sql.execute(AGAIN, (now.utc, job.id))
        _forget(sql, mine, again)
        _consent(sql, strip, consent)
        add_event(sql, now, "forced", f"again from {stage} on, by hand", first)
        mark_ready(sql, now, *mine)


def retry_jobs(database: Database, numbers: Iterable[int], consent: str | None = None) -> None:
    """Try several again; `consent` as in `retry_job`."""
    for number in numbers:
        retry_job(database, number, consent)


def cancel_jobs(database: Database, numbers: Iterable[int]) -> None:
    """Let several not start, or stop; the last ones first, so that none begins in between."""
    for number in sorted(numbers, reverse=True):
        cancel_job(database, number)


def _and_what_follows(strip: Strip, stage: str) -> set[str]:
    again = {stage}
    for one in stages_of(strip.config):  # in their order, so that one pass finds all
        if again & set(one.needs):
            again.add(one.kind)
    return again


def _refuse(sql: sqlite3.Connection, strip: Strip, jobs: list[Job], again: set[str]) -> None:
    gone = sql.execute(
        "SELECT 1 FROM artifact WHERE strip = ? AND kind IN ('tombstone', 'purge') "
        "AND generation = ?",
        (strip.name.key, strip.generation),
    ).fetchone()
    if gone is not None:
        raise JobError(
            f"the raw data of {strip.name.words} were cleaned away, so nothing of it can be made "
            "again; its tombstone says where the copies are"
        )
    if not strip.raw.is_dir():
        raise JobError(f"{strip.raw} is not there, so nothing can be made of it again")
    for job in jobs:
        if job.state is State.RUNNING and job.kind in again | BEHIND:
            raise JobError(f"{job.worker} is working on it ({job.kind}); cancel it first")


def _finals(strip: Strip, stage: str) -> list[Path]:
    """What a stage puts in place, and would leave alone when it found it there."""
    made = {"archive": (strip.backup,), "compress": (strip.store, strip.mip)}
    return [product for product in made.get(stage, ()) if product is not None]


def _keep_aside(final: Path, number: int) -> None:
    if not final.exists():
        return
    while (aside := final.with_name(f".{final.name}.previous-{number}")).exists():
        number += 1
    final.rename(aside)
    sync_to_disk(final.parent)


def _forget(sql: sqlite3.Connection, mine: tuple[str, int], again: set[str]) -> None:
    """Nothing that is to be done again is there, and nothing to be proven again is proven."""
    where = "WHERE strip = ? AND generation = ? AND kind = ?"
    for kind in again:
        for proven in PROVEN.get(kind, ()):
            sql.execute(f"UPDATE artifact SET verified = 0 {where}", (*mine, proven))
        for made in MADE.get(kind, ()):
            sql.execute(f"DELETE FROM artifact {where}", (*mine, made))


def _consent(sql: sqlite3.Connection, strip: str, consent: str | None) -> None:
    if consent:
        sql.execute(
            "UPDATE job SET note = ? WHERE strip = ? AND kind = 'cleanup' AND generation = "
            "(SELECT generation FROM strip WHERE id = job.strip)",
            (json.dumps({"consent": consent}), strip),
        )
