"""Ask a person which strip is meant when a name comes again with other data, and do it."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from parfocal.jobs._admission import Decision, admit_in
from parfocal.jobs._config import Config
from parfocal.jobs._database import Database, Row
from parfocal.jobs._errors import JobError
from parfocal.jobs._identity import StripName

__all__ = ["Answer", "Conflict", "answer_conflict", "conflict_key", "note_conflict", "open_ones"]

Answer = Literal["again", "other", "leave"]
"""The same strip, taken again · a strip of another project · nothing is to be done with it."""
PREFIX = "conflict:"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Data that came under the name of a strip that was made of others."""

    key: str
    strip: str
    raw: Path
    """Where the new data lie."""
    known: Path
    """Where those lay of which the strip was made."""
    project: str


def conflict_key(strip: str, generation: int, raw: Path) -> str:
    """One question for a folder and a generation, however its data grow meanwhile."""
    return f"{PREFIX}{strip}/{generation}/{raw}"


def note_conflict(
    database: Database, name: StripName, raw: Path, identity: str, config: Config
) -> bool:
    """Keep the question until somebody answers it; True when it is a new one."""
    with database.change() as sql:
        row = sql.execute("SELECT * FROM strip WHERE id = ?", (name.key,)).fetchone()
        if row is None:
            return False
        told = {
            "strip": name.key,
            "generation": row["generation"],
            "raw": str(raw),
            "known": row["raw"],
            "identity": identity,
            "config": config.as_json(),
            "answer": "",
        }
        key = conflict_key(name.key, row["generation"], raw)
        new = sql.execute(
            "INSERT OR IGNORE INTO setting VALUES (?, ?)", (key, json.dumps(told))
        ).rowcount
        return bool(new)


def open_ones(rows: Iterable[Row], generations: Mapping[str, int]) -> tuple[Conflict, ...]:
    """Those that nobody has answered, here or by forcing the strip; `rows` are the settings."""
    found = []
    for row in rows:
        if not row["key"].startswith(PREFIX):
            continue
        told = json.loads(row["value"])
        if told["answer"] or generations.get(told["strip"]) != told["generation"]:
            continue
        found.append(
            Conflict(
                row["key"],
                told["strip"],
                Path(told["raw"]),
                Path(told["known"]),
                told["config"]["project"],
            )
        )
    return tuple(found)


def answer_conflict(
    database: Database, key: str, answer: Answer, project: str | None = None
) -> Decision:
    """Do what a person said, once: the answer and what follows from it are one change."""
    now = database.now()
    with database.change() as sql:
        row = sql.execute("SELECT value FROM setting WHERE key = ?", (key,)).fetchone()
        told = {} if row is None else json.loads(row["value"])
        if not told or told["answer"]:
            raise JobError("somebody has answered this meanwhile; nothing was done")
        raw = Path(told["raw"])
        config = Config.model_validate(told["config"])
        if answer == "other":
            config = _of_project(config, project)
        name = config.name_of(raw)
        if name is None:
            raise JobError(f"{raw} is not named as {config.pattern!r} says, so it is no strip")
        if answer == "leave":
            decision = Decision(name.key, "skip", f"{raw} is left alone, as somebody said")
            add = (now.utc, name.key, decision.why)
            sql.execute(
                "INSERT INTO event (utc, strip, kind, words) VALUES (?, ?, 'left alone', ?)", add
            )
        else:
            decision = admit_in(sql, now, name, raw, config, force=answer == "again")
            if decision.action not in {"start", "go on"}:
                raise JobError(f"{name.words} of {name.project}: {decision.why}")
        _keep(sql, key, {**told, "answer": answer})
        return decision


def _of_project(config: Config, project: str | None) -> Config:
    told = {**config.as_json(), "project": project or "", "delete_consent": None}
    try:
        return Config.model_validate(told)
    except ValidationError as problem:
        raise JobError(
            f"{project!r} is no name of a project: letters, figures, blanks and . + - _ are"
        ) from problem


def _keep(sql: sqlite3.Connection, key: str, told: dict[str, Any]) -> None:
    sql.execute("UPDATE setting SET value = ? WHERE key = ?", (json.dumps(told), key))
