"""Find a name for a new store that is not taken yet."""

import re
from itertools import count
from pathlib import Path

__all__ = ["SUFFIX", "file_stem", "free_store"]

SUFFIX = ".ome.zarr"
LONGEST = 150  # bytes: disks take 255, and temporary names are longer than the last one


def file_stem(name: str) -> str:
    """A name as every disk takes it: "drug/dose 3" as "drug-dose-3"."""
    stem = re.sub(r"[^\w.-]+", "-", name.strip()).strip("-.")
    return stem.encode()[:LONGEST].decode(errors="ignore") or "experiment"


def free_store(folder: Path, name: str) -> Path:
    """`folder/name.ome.zarr`, or the first of name-2, name-3, … that does not exist."""
    stem = file_stem(name)
    first = folder / f"{stem}{SUFFIX}"
    if not first.exists():
        return first
    return next(
        path for number in count(2) if not (path := folder / f"{stem}-{number}{SUFFIX}").exists()
    )
