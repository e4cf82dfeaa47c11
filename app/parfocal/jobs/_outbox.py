"""Keep what is to be told until somebody has taken it: at least once, and posted only once."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from parfocal.jobs._clock import Moment
from parfocal.jobs._database import DUE, Database, Row
from parfocal.jobs._job import Notice

__all__ = [
    "WINDOW",
    "Letter",
    "claim_letter",
    "delivered",
    "notice_of",
    "post",
    "post_on",
    "put_back",
]

LEASE_S = 60.0
AGAIN_S = (60.0, 300.0, 1800.0, 7200.0)
MOST_ATTEMPTS = 50
NEEDS_ME = "needs me"
WINDOW = "window"


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice on one way: the key of a way in the strip's configuration, and what to say."""

    id: int
    key: str
    way: Mapping[str, Any]
    notice: Notice
    attempt: int
    lease: int


def post(sql: sqlite3.Connection, now: Moment, strip: str | None, notice: Notice) -> None:
    """Put it on every way of the strip's configuration that wants such; a second one with the
    same key is the same notice."""
    post_on(sql, now, _ways(sql, strip), notice, strip)


def post_on(
    sql: sqlite3.Connection,
    now: Moment,
    ways: Sequence[Mapping[str, Any]],
    notice: Notice,
    about: str | None = None,
) -> None:
    """Put it on those ways, and where a window finds it; `about` which strip it is."""
    # nobody has to deliver this one, so that it never counts among those that wait
    sql.execute(
        "INSERT OR IGNORE INTO outbox (key, way, notice, state, created, changed) "
        "VALUES (?, ?, ?, 'delivered', ?, ?)",
        (
            f"{notice.key}/{WINDOW}",
            json.dumps({WINDOW: about or ""}),
            json.dumps(asdict(notice)),
            now.utc,
            now.utc,
        ),
    )
    for number, way in enumerate(ways):
        if way.get("only") == NEEDS_ME and not notice.needs_me:
            continue
        sql.execute(
            "INSERT OR IGNORE INTO outbox (key, way, notice, state, created, changed) "
            "VALUES (?, ?, ?, 'waiting', ?, ?)",
            (
                f"{notice.key}/{number}",
                json.dumps(way),
                json.dumps(asdict(notice)),
                now.utc,
                now.utc,
            ),
        )


def claim_letter(database: Database) -> Letter | None:
    """Take the next letter that is due, for a minute; nobody else gets it meanwhile."""
    now = database.now()
    values = {"utc": now.utc, "monotonic": now.monotonic, "boot": now.boot}
    with database.change() as sql:
        row = sql.execute(
            f"""UPDATE outbox SET state = 'sending', lease = lease + 1, changed = :utc,
                lease_until = :monotonic + {LEASE_S}, lease_boot = :boot
            WHERE id = (SELECT id FROM outbox WHERE (state = 'waiting' AND {DUE})
                OR (state = 'sending' AND (lease_boot <> :boot OR lease_until <= :monotonic
                    OR lease_until > :monotonic + {10 * LEASE_S}))
                ORDER BY id LIMIT 1) RETURNING *""",
            values,
        ).fetchone()
    if row is None:
        return None
    return Letter(
        row["id"],
        row["key"],
        json.loads(row["way"]),
        notice_of(row),
        row["attempt"],
        row["lease"],
    )


def notice_of(row: Row) -> Notice:
    """What is to be told."""
    told = json.loads(row["notice"])
    return Notice(**{**told, "pictures": tuple(told["pictures"])})


def delivered(database: Database, letter: Letter) -> None:
    """Somebody has taken it."""
    _settle(database, letter, "delivered", "")


def put_back(database: Database, letter: Letter, why: str) -> None:
    """Nobody took it: tried again later, and in the end given up, which is seen in the list."""
    state = "failed" if letter.attempt + 1 >= MOST_ATTEMPTS else "waiting"
    _settle(database, letter, state, why)


def _settle(database: Database, letter: Letter, state: str, why: str) -> None:
    now = database.now()
    due = now.after(AGAIN_S[min(letter.attempt, len(AGAIN_S) - 1)])
    with database.change() as sql:
        sql.execute(
            "UPDATE outbox SET state = ?, error = ?, attempt = attempt + 1, due_utc = ?, "
            "due_monotonic = ?, due_boot = ?, changed = ? WHERE id = ? AND lease = ?",
            (
                state,
                why,
                due.utc,
                due.monotonic,
                due.boot,
                now.utc,
                letter.id,
                letter.lease,
            ),
        )


def _ways(sql: sqlite3.Connection, strip: str | None) -> list[Mapping[str, Any]]:
    if strip is None:
        return []
    row = sql.execute("SELECT config FROM strip WHERE id = ?", (strip,)).fetchone()
    notify: list[Mapping[str, Any]] = json.loads(row["config"]).get("notify", []) if row else []
    return notify
