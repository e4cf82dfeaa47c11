"""Say what a job is: its values as the queue holds them, and what a finished one leaves."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from parfocal.jobs._clock import in_words
from parfocal.jobs._database import Row
from parfocal.jobs._errors import JobError

__all__ = ["Artifact", "Job", "Lane", "Notice", "Outcome", "State"]


class State(StrEnum):
    """Where a job stands. `waiting`: for other jobs; `ready`: for a worker, or for its time."""

    WAITING = "waiting"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    PARKED = "parked"
    CANCELLED = "cancelled"


class Lane(StrEnum):
    """What a job strains, and so how many of them may run at once."""

    COPY = "copy"
    WORK = "work"
    LIGHT = "light"


@dataclass(frozen=True, slots=True)
class Job:
    """One job as it stood when it was read."""

    id: int
    key: str
    strip: str | None
    generation: int
    kind: str
    lane: str
    payload: Mapping[str, Any]
    needs: tuple[str, ...]
    state: State
    attempt: int
    lease: int
    worker: str
    cancel: bool
    note: Mapping[str, Any]
    trouble: str
    error: str
    fraction: float
    due_utc: float
    changed: float

    @classmethod
    def of(cls, row: Row) -> "Job":
        """As the queue holds it."""
        return cls(
            row["id"],
            row["key"],
            row["strip"],
            row["generation"],
            row["kind"],
            row["lane"],
            _value(row, "payload"),
            tuple(_value(row, "needs")),
            State(row["state"]),
            row["attempt"],
            row["lease"],
            row["worker"],
            bool(row["cancel"]),
            _value(row, "note"),
            row["trouble"],
            row["error"],
            row["fraction"],
            row["due_utc"],
            row["changed"],
        )

    def as_json(self) -> dict[str, Any]:
        """With the keys of the command line."""
        stage = self.kind if self.strip else ""
        return {
            "id": self.id,
            "kind": "strip" if self.strip else self.kind,
            "stage": stage,
            "strip": self.strip,
            "generation": self.generation,
            "state": str(self.state),
            "attempt": self.attempt,
            "fraction": round(self.fraction, 3),
            "trouble": self.trouble,
            "error": self.error,
            "worker": self.worker,
            "due": in_words(self.due_utc) if self.due_utc else None,
            "changed": in_words(self.changed),
        }


def _value(row: Row, column: str) -> Any:
    try:
        return json.loads(row[column])
    except ValueError as problem:
        raise JobError(f"the queue is damaged: {column} of job {row['id']} is no JSON") from problem


@dataclass(frozen=True, slots=True)
class Artifact:
    """Something that a stage made or found, and whether it was verified for this generation."""

    kind: str
    path: Path
    bytes: int
    verified: bool
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell people. The key says what is the same notice; `needs_me` asks for one."""

    key: str
    subject: str
    text: str
    needs_me: bool = False
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a finished job leaves: all of it is written in the moment in which it is done."""

    words: str = ""
    artifacts: tuple[Artifact, ...] = ()
    notices: tuple[Notice, ...] = ()
    raw_identity: str | None = None
    when_done: Callable[[Connection], Iterable[Notice]] | None = None
    """More to tell, by what is done when this is: others may end at the same time."""
