"""Look how full disks are, and say when they will be at the rate at which they fill."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from parfocal.jobs._clock import Moment
from parfocal.jobs._database import Row

__all__ = ["HOUR_S", "RATES", "RATE_OVER_S", "DiskLook", "full_in_s", "look_at_disk", "rates_of"]

HOUR_S = 3600.0
RATE_OVER_S = 6 * HOUR_S
FEWEST = 3
KINDS: Mapping[str, str] = {"raw": "raw", "store": "output", "backup": "archive"}
RATES = (
    "SELECT kind, count(*) AS many, sum(bytes) AS bytes, min(changed) AS first FROM artifact "
    "WHERE kind IN ('raw', 'store', 'backup') AND changed > ? GROUP BY kind"
)


@dataclass(frozen=True, slots=True)
class DiskLook:
    """One disk at one moment; `problem` says why it could not be looked at."""

    role: str
    folder: Path
    used: int = 0
    free: int = 0
    total: int = 0
    problem: str = ""


def look_at_disk(role: str, folder: Path) -> DiskLook:
    """How full the disk is on which a folder is, or will be. A dead share may take minutes."""
    try:
        there = next(one for one in (folder, *folder.parents) if one.is_dir())
        disk = shutil.disk_usage(there)
    except (OSError, StopIteration) as problem:
        return DiskLook(role, folder, problem=getattr(problem, "strerror", None) or "offline")
    return DiskLook(role, folder, disk.used, disk.free, disk.total)


def rates_of(rows: Sequence[Row], now: Moment) -> dict[str, float]:
    """Bytes a second that came to each disk in the last hours; nothing where too little came to
    say. `rows` are what `RATES` finds since then."""
    return {
        KINDS[row["kind"]]: row["bytes"] / max(60.0, now.utc - row["first"])
        for row in rows
        if row["many"] >= FEWEST and row["bytes"]
    }


def full_in_s(free: int, bytes_per_s: float | None) -> float | None:
    """When a disk is full if it goes on like this; None when nobody can say."""
    return None if not bytes_per_s else free / bytes_per_s
