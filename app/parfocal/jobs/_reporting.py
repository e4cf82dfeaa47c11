"""Say what became of a strip, how the disks stand, and when a slice or a camera is complete."""

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from functools import partial

from parfocal.jobs._clock import Moment
from parfocal.jobs._database import Database
from parfocal.jobs._disks import HOUR_S, RATE_OVER_S, RATES, full_in_s, rates_of
from parfocal.jobs._job import Artifact, Notice, Outcome
from parfocal.jobs._records import artifacts_of
from parfocal.jobs._strip import Strip
from parfocal.jobs._work import Work

__all__ = ["report"]

GB = 1e9
QUARTERS = (25, 50, 75, 100)
CLEANUPS = {
    "keep": "the raw data stay where they are",
    "move": "the raw data will be moved to 'processed'",
    "trash": "the raw data will go to the trash for {days:g} days",
    "delete": "the raw data will be deleted",
}


def report(work: Work) -> Outcome:
    """One message a strip and generation, with what was made of it and the disks it lies on."""
    strip, artifacts = work.strip, work.artifacts
    if strip.raw.is_dir():  # what came after it was copied is in no copy
        work.require_raw()
    lines = [f"{strip.name.words} processed", *_sizes(artifacts)]
    lines += _other_camera(work)
    lines.append(CLEANUPS[strip.config.cleanup].format(days=strip.config.trash_days))
    lines += _disks(work.database, strip, work.database.now())
    pictures = artifacts["preview"].facts["pictures"] if "preview" in artifacts else []
    generation = work.job.generation
    first = Notice(
        f"processed/{strip.name.key}/{generation}",
        lines[0],
        "\n".join(lines),
        pictures=tuple(pictures),
    )
    return Outcome("\n".join(lines), notices=(first,), when_done=partial(_rollups, strip))


def _sizes(artifacts: Mapping[str, Artifact]) -> Iterator[str]:
    for kind, words in (("raw", "raw"), ("store", "store"), ("backup", "backup")):
        if kind in artifacts:
            found = artifacts[kind]
            yield f"{words}: {found.bytes / GB:.2f} GB in {found.path}"


def _other_camera(work: Work) -> Iterator[str]:
    """Two cameras see the same strip at the same time, and as many planes of it."""
    name, mine = work.strip.name, work.artifacts.get("raw")
    rows = work.database.rows(
        "SELECT * FROM strip WHERE project = ? AND slice = ? AND strip = ? AND channel <> ?",
        (name.project, name.slice, name.strip, name.channel),
    )
    for row in rows:
        theirs = artifacts_of(work.database, row["id"], row["generation"]).get("raw")
        if mine is None or theirs is None:
            continue
        shapes = [
            tuple(one.facts.get(key) for key in ("frames", "height", "width"))
            for one in (mine, theirs)
        ]
        if shapes[0] != shapes[1]:
            yield (
                f"check: {name.channel} has {_shape(shapes[0])}, {row['channel']} has "
                f"{_shape(shapes[1])}"
            )
        apart = abs(mine.facts["ended"] - theirs.facts["ended"])
        lasted = max(one.facts["ended"] - one.facts["began"] for one in (mine, theirs))
        if apart > max(60.0, lasted):
            yield f"check: the two cameras ended {apart:.0f} s apart"


def _shape(shape: tuple[int | None, ...]) -> str:
    return " × ".join("?" if length is None else str(length) for length in shape)


def _disks(database: Database, strip: Strip, now: Moment) -> Iterator[str]:
    """Used, free and whole, and when it is full at the rate of the last hours."""
    places = (("raw", strip.raw.parent), ("output", strip.store), ("archive", strip.backup))
    for words, place in places:
        if place is None:
            continue
        root = next(one for one in (place, *place.parents) if one.is_dir())
        disk = shutil.disk_usage(root)
        free, whole = disk.free / GB, disk.total / GB
        yield f"{words} disk: {disk.used / GB:.0f} GB used, {free:.0f} of {whole:.0f} GB free" + (
            _forecast(database, words, disk.free, now)
        )


def _forecast(database: Database, words: str, free: int, now: Moment) -> str:
    rates = rates_of(database.rows(RATES, (now.utc - RATE_OVER_S,)), now)
    seconds = full_in_s(free, rates.get(words))
    return "" if seconds is None else f", full in {seconds / HOUR_S:.0f} h at this rate"


def _rollups(strip: Strip, sql: sqlite3.Connection) -> Iterator[Notice]:
    """A camera's quarters of a slice, and all of it, each told once a generation of all its
    strips: the outbox knows the keys. Asked in the moment in which this strip is done."""
    name, config = strip.name, strip.config
    most = config.strips_per_slice
    mine, oldest = _reported(strip, sql, name.slice)
    where = f"{name.project}/slice-{name.slice:03}/{name.channel}/{oldest}"
    whose = f"Slice {name.slice} ({name.channel}) of {name.project}"
    yield from _quarters(f"slice/{where}", whose, mine, most)
    if mine == most:
        words = f"{name.channel} of slice {name.slice} of {name.project} is ready"
        yield Notice(f"ready/{where}", words, words)
    if config.slices is not None:
        mine, oldest = _reported(strip, sql, None)
        where, whose = f"{name.project}/{name.channel}/{oldest}", f"{name.project} ({name.channel})"
        yield from _quarters(f"project/{where}", whose, mine, most * config.slices)


def _reported(strip: Strip, sql: sqlite3.Connection, slice_: int | None) -> tuple[int, int]:
    """How many strips of this camera, of one slice or of all, are reported, and their oldest
    generation."""
    rows = sql.execute(
        "SELECT strip.generation, job.state FROM strip JOIN job ON job.strip = strip.id "
        "AND job.generation = strip.generation AND job.kind = 'report' "
        "WHERE project = :project AND channel = :channel AND (:slice IS NULL OR slice = :slice)",
        {"project": strip.name.project, "channel": strip.name.channel, "slice": slice_},
    ).fetchall()
    mine = sum(row["state"] == "done" for row in rows)
    return mine, min(row["generation"] for row in rows)


def _quarters(key: str, whose: str, mine: int, most: int) -> Iterator[Notice]:
    """Told by the strip that crosses it."""
    for quarter in QUARTERS:
        if (mine - 1) * 100 < quarter * most <= mine * 100:
            words = f"{whose}: {quarter} % processed"
            yield Notice(f"{key}/{quarter}", words, words)
