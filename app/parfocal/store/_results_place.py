"""Know where a result lies: the newest one of an analysis is `latest`, the others have their names.

`results/<analysis>/latest` is the newest collection itself and no link to it, so that every reader
opens it, on every disk, and the pixels lie there once. It says its run in its attributes; when a
newer one takes its place it is renamed to that run. So a path `results/<analysis>/<run>` means
`latest` for as long as that is what `latest` says.
"""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from parfocal.store._errors import StoreError
from parfocal.store._layout import EXTRAS, LATEST, RESULTS
from parfocal.store._ngff import read_attributes


def real_place(root: Path, path: str) -> str:
    """A path inside the store as it is on the disk."""
    parts = PurePosixPath(path).parts
    if len(parts) < 3 or parts[0] != RESULTS or parts[2] == LATEST or (root / path).exists():
        return path
    analysis, run = parts[1], parts[2]
    if (root / RESULTS / analysis / run).exists() or latest_run(root, analysis) != run:
        return path
    return str(PurePosixPath(RESULTS, analysis, LATEST, *parts[3:]))


def named_place(root: Path, path: str) -> str:
    """A path inside the store that stays true when `latest` becomes another one."""
    parts = PurePosixPath(path).parts
    if len(parts) < 3 or parts[0] != RESULTS or parts[2] != LATEST:
        return path
    run = latest_run(root, parts[1])
    return path if run is None else str(PurePosixPath(RESULTS, parts[1], run, *parts[3:]))


def latest_run(root: Path, analysis: str) -> str | None:
    """Which run `latest` is."""
    return run_of(root / RESULTS / analysis / LATEST)


def run_of(group: Path) -> str | None:
    """The run that made a collection, an image or a label."""
    if not (group / "zarr.json").is_file():
        return None
    try:
        ours = read_attributes(group)[1].get(EXTRAS)
    except StoreError:
        return None  # `check` says what is wrong with it
    run = ours.get("run") if isinstance(ours, Mapping) else None
    return run if isinstance(run, str) else None
