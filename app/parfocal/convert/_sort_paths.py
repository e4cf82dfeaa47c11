"""Find the sources at a path: the path itself, or what lies in a folder of them."""

import os
from collections.abc import Callable
from pathlib import Path

from parfocal.convert._errors import ConvertError
from parfocal.convert._folder_source import FolderSource
from parfocal.convert._open import SOURCES, open_source
from parfocal.convert._source import Wishes
from parfocal.convert._zarr_source import RUN, ZarrSource

__all__ = ["is_foreign", "sources_at"]

DEPTH = 2
MOST = 500


def sources_at(path: Path, wanted: Callable[[], bool] = lambda: True) -> tuple[Path, ...]:
    """What can be converted at a path; the path itself when nothing was found, so that somebody
    says why. It stops when it is not wanted any more."""
    found = _found(path, DEPTH, wanted)
    return tuple(found[:MOST]) or (path,)


def is_foreign(path: Path) -> bool:
    """Whether a path holds something to convert, and no store of Parfocal's own."""
    if (path / RUN / "zarr.json").is_file():
        return False
    return any(kind.sniff(path) for kind in SOURCES)


def _found(path: Path, depth: int, wanted: Callable[[], bool]) -> list[Path]:
    kind = next((kind for kind in SOURCES if kind.sniff(path)), None)
    if kind is not None and (kind is not FolderSource or _is_one(path)):
        return [path]
    if depth == 0 or not path.is_dir():
        return []
    with os.scandir(path) as entries:
        inside = sorted(Path(entry.path) for entry in entries if not entry.name.startswith("."))
    found: list[Path] = []
    for one in inside:
        if len(found) > MOST or not wanted():
            break
        if not (ZarrSource.sniff(one) and (one / RUN / "zarr.json").is_file()):
            found += _found(one, depth - 1, wanted)
    return found


def _is_one(folder: Path) -> bool:
    """Whether the files of a folder belong together by their names, or are sources of their own."""
    try:
        open_source(folder, Wishes()).close()
    except ConvertError:
        return not any(_alone(one) for one in folder.iterdir())
    return True


def _alone(path: Path) -> bool:
    return any(kind is not FolderSource and kind.sniff(path) for kind in SOURCES)
