"""Find a name for a new store that is not taken yet."""

import re
from itertools import count
from pathlib import Path

__all__ = ["SUFFIX", "free_store"]

SUFFIX = ".ome.zarr"


def free_store(folder: Path, name: str) -> Path:
    """`folder/name.ome.zarr`, or the first of name-2, name-3, … that does not exist."""
    stem = re.sub(r"[^\w.-]+", "-", name.strip()).strip("-.") or "experiment"
    first = folder / f"{stem}{SUFFIX}"
    if not first.exists():
        return first
    return next(
        path for number in count(2) if not (path := folder / f"{stem}-{number}{SUFFIX}").exists()
    )
