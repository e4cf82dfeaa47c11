"""Tell what was dropped or opened apart: ours, files of scans, and foreign data. No widgets."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

__all__ = ["Dropped", "sort_dropped"]

SCANS = (".yaml", ".yml")
PLANS = (*SCANS, ".json")
RECORDS = ("experiment.yml", "experiment.yaml")


class Dropped(NamedTuple):
    """What a workspace opens, what is to be brought in, and files of scans."""

    known: tuple[Path, ...]
    foreign: tuple[Path, ...]
    scans: tuple[Path, ...] = ()


def sort_dropped(paths: Sequence[Path]) -> Dropped:
    """By what lies there; it reads the disk."""
    foreign = tuple(path for path in paths if _is_foreign(path))
    scans = tuple(path for path in paths if path not in foreign and _is_scan(path))
    known = tuple(path for path in paths if path not in foreign and path not in scans)
    return Dropped(known, foreign, scans)


def _is_scan(path: Path) -> bool:
    if not path.is_file() or not path.name.lower().endswith(SCANS):
        return False
    from parfocal.jobs import is_scan_file

    return is_scan_file(path)


def _is_foreign(path: Path) -> bool:
    name = path.name.lower()
    if path.is_file():
        return name in RECORDS or not name.endswith(PLANS)
    if not path.is_dir() or name.endswith(".zarr"):
        return False  # the Store workspace shows any of them, and offers to migrate it
    from parfocal.convert import is_foreign, sources_at

    if is_foreign(path):
        return True
    stores = any(one.name.endswith(".zarr") for one in path.iterdir())
    return not stores and sources_at(path) != (path,)
