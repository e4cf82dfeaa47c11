"""Pause the queue: because a person said so, or until a full disk has room again."""

import json
import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from parfocal.jobs._database import Database, Row
from parfocal.jobs._records import add_event

__all__ = ["hold_for_room", "holds", "holds_in", "is_held", "let_go_of_room", "pause", "resume"]

USER = "paused"
ROOM = "room:"


def is_held(sql: sqlite3.Connection) -> str | None:
    """`user` when nothing may start, `room` when nothing may start that fills a disk: what
    verifies and cleans up goes on, or a full disk would never get room again."""
    keys = [key for (key,) in sql.execute("SELECT key FROM setting").fetchall()]
    if USER in keys:
        return "user"
    return "room" if any(key.startswith(ROOM) for key in keys) else None


def holds(database: Database) -> dict[str, str]:
    """Why the queue stands, in words."""
    return holds_in(database.rows("SELECT key, value FROM setting"))


def holds_in(rows: Iterable[Row]) -> dict[str, str]:
    """The same of settings that were read."""
    told = {}
    for row in rows:
        if row["key"] == USER:
            told["user"] = row["value"]
        elif row["key"].startswith(ROOM):
            told[row["key"].removeprefix(ROOM)] = json.loads(row["value"])["why"]
    return told


def pause(database: Database, why: str = "paused by hand") -> None:
    """Let no job start; those that run pause as soon as they can."""
    _put(database, USER, why, "paused")


def resume(database: Database) -> None:
    """Go on, full disks or not: if one is still full, it is found out again."""
    with database.change() as sql:
        sql.execute("DELETE FROM setting WHERE key = ? OR key LIKE ?", (USER, f"{ROOM}%"))
        add_event(sql, database.now(), "resumed", "the queue goes on")


def hold_for_room(database: Database, folder: Path, bytes_needed: int, why: str) -> None:
    """Wait until so much is free on the disk of a folder."""
    value = json.dumps({"needed": bytes_needed, "why": why})
    _put(database, f"{ROOM}{folder}", value, "disk full")


def let_go_of_room(database: Database) -> list[str]:
    """Go on where there is room again; the folders whose disks those are."""
    freed = []
    for row in database.rows("SELECT key, value FROM setting WHERE key LIKE ?", (f"{ROOM}%",)):
        folder = row["key"].removeprefix(ROOM)
        try:
            # somebody may have taken it away to make room
            places = (Path(folder), *Path(folder).parents)
            there = next((one for one in places if one.is_dir()), folder)
            free = shutil.disk_usage(there).free
        except OSError:
            continue
        if free >= json.loads(row["value"])["needed"]:
            with database.change() as sql:
                sql.execute("DELETE FROM setting WHERE key = ?", (row["key"],))
                words = f"{folder} has {free / 1e9:.1f} GB free again"
                add_event(sql, database.now(), "room", words)
            freed.append(folder)
    return freed


def _put(database: Database, key: str, value: str, kind: str) -> None:
    with database.change() as sql:
        sql.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (key, value))
        add_event(sql, database.now(), kind, value)
