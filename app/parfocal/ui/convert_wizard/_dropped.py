"""Tell what was dropped apart: plans and stores of our own, and foreign data. No widgets."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

__all__ = ["Dropped", "sort_dropped"]

PLANS = (".yaml", ".yml", ".json")
RECORDS = ("experiment.yml", "experiment.yaml")


class Dropped(NamedTuple):
    """What a workspace opens, and what is to be brought in."""

    known: tuple[Path, ...]
    foreign: tuple[Path, ...]


def sort_dropped(paths: Sequence[Path]) -> Dropped:
    """By what lies there; it reads the disk."""
    foreign = tuple(path for path in paths if _is_foreign(path))
    return Dropped(tuple(path for path in paths if path not in foreign), foreign)


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
