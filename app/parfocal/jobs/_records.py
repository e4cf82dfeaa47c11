"""Write down what happened and what there is: events, which are only added, and artifacts."""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from parfocal.jobs._clock import Moment
from parfocal.jobs._database import Database
from parfocal.jobs._job import Artifact, Job

__all__ = ["add_event", "artifacts_of", "put_artifact"]


def add_event(
    sql: sqlite3.Connection, now: Moment, kind: str, words: str, job: Job | None = None
) -> None:
    """Something happened."""
    strip, number = ("", 0) if job is None else (job.strip or "", job.id)
    sql.execute(
        "INSERT INTO event (utc, strip, job, kind, words) VALUES (?, ?, ?, ?, ?)",
        (now.utc, strip, number, kind, words),
    )


def put_artifact(sql: sqlite3.Connection, job: Job, artifact: Artifact, now: Moment) -> None:
    """Something is there, for this generation of the strip."""
    sql.execute(
        "INSERT OR REPLACE INTO artifact VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            job.strip,
            job.generation,
            artifact.kind,
            str(artifact.path),
            artifact.bytes,
            artifact.verified,
            json.dumps(artifact.facts),
            now.utc,
        ),
    )


def artifacts_of(database: Database, strip: str, generation: int) -> Mapping[str, Artifact]:
    """What there is of a strip, by kind."""
    rows = database.rows(
        "SELECT * FROM artifact WHERE strip = ? AND generation = ?", (strip, generation)
    )
    return {
        row["kind"]: Artifact(
            row["kind"],
            Path(row["path"]),
            row["bytes"],
            bool(row["verified"]),
            json.loads(row["facts"]),
        )
        for row in rows
    }
