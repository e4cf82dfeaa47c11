"""Keep a result where no reader lists it until it is complete, and clear up after a killed one.

`parfocal/staging` is no Zarr group. `<run>.json` in it is locked for as long as its process lives
and says of which analysis `<run>/` is, and whether it was complete and about to be published.
"""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parfocal._known_process import KnownProcess
from parfocal.store._errors import StoreError, cause
from parfocal.store._file_lock import is_locked, lock_file
from parfocal.store._files import read_json
from parfocal.store._layout import LATEST, RESULT_DATA, RESULTS, STAGING, TABLES
from parfocal.store._results_place import run_of

IMAGES, VALUES = "images", "values"


class Staged:
    """One result that is being made."""

    def __init__(self, root: Path, analysis: str, run: str) -> None:
        self.root, self.analysis, self.run = root, analysis, run
        self.folder = root / STAGING / run
        self._label = root / STAGING / f"{run}.json"
        try:
            self.folder.mkdir(parents=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            self._descriptor = os.open(self._label, flags, 0o644)
        except FileExistsError:
            raise StoreError(f"{root} has a run {run!r} already: choose another name") from None
        except OSError as problem:
            raise StoreError(f"{root} cannot be written: {cause(problem)}") from problem
        lock_file(self._descriptor)
        self.say(ready=False)

    @property
    def images(self) -> Path:
        """The collection of images."""
        return self.folder / IMAGES

    @property
    def values(self) -> Path:
        """What is no image."""
        return self.folder / VALUES

    def say(self, *, ready: bool, former: str | None = None, table: str = "") -> None:
        """Write down how far it is; once it is ready, a killed publication is completed."""
        process = KnownProcess.own()
        told = {
            "analysis": self.analysis,
            "table": table,
            "ready": ready,
            "former": former,
            "pid": process.pid,
            "process_started": process.started,
            "process_start": process.start,
        }
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, json.dumps(told).encode())
        os.fsync(self._descriptor)

    def remove(self) -> None:
        """Take everything away that is still here."""
        os.close(self._descriptor)
        shutil.rmtree(self.folder, ignore_errors=True)
        self._label.unlink(missing_ok=True)
        remove_empty(self.folder.parent)


@dataclass(frozen=True, slots=True)
class Left:
    """A result whose process is gone, or still at work."""

    folder: Path
    label: Path
    analysis: str
    table: str
    ready: bool
    former: str | None
    alive: bool


def left_over(root: Path) -> Iterator[Left]:
    """What lies in the staging folder."""
    staging = root / STAGING
    if not staging.is_dir():
        return
    for run in sorted({path.name.removesuffix(".json") for path in staging.iterdir()}):
        label = staging / f"{run}.json"
        told: dict[str, Any] = {}
        if label.is_file():
            try:
                told = read_json(label)
            except StoreError:
                told = {}  # killed while it was being written
        former = told.get("former")
        yield Left(
            staging / run,
            label,
            str(told.get("analysis") or ""),
            str(told.get("table") or ""),
            told.get("ready") is True,
            former if isinstance(former, str) else None,
            _is_alive(label, told),
        )


def clear_up(root: Path) -> None:
    """Complete what was ready, remove the halves; the caller holds the store's lock."""
    for left in left_over(root):
        if left.alive:
            continue
        images = left.folder / IMAGES
        if left.ready and images.is_dir():
            _complete(root, left, images)
        shutil.rmtree(left.folder, ignore_errors=True)
        left.label.unlink(missing_ok=True)
    remove_empty(root / STAGING)


def missing_latest(root: Path, analysis: str) -> Path | None:
    """Where the former newest collection is, while another one is taking its place."""
    for left in left_over(root):
        if left.ready and left.analysis == analysis and left.former:
            former = root / RESULTS / analysis / left.former
            return former if former.is_dir() else None
    return None


def remove_empty(folder: Path) -> None:
    """Remove a folder that has nothing in it."""
    try:
        folder.rmdir()
    except OSError:
        return  # it has something in it, or is not there


def _complete(root: Path, left: Left, images: Path) -> None:
    """What lies in staging is the new one, or the former one, exchanged already."""
    if left.table:
        if not (root / TABLES / left.table).exists():
            images.rename(root / TABLES / left.table)
        return
    if not left.analysis:
        return
    results = root / RESULTS / left.analysis
    if run_of(images) != left.folder.name:
        images.rename(results / (left.former or str(run_of(images))))
    elif not (results / LATEST).exists() and results.is_dir():
        images.rename(results / LATEST)
    # else it was killed before anything changed: nobody was told of it
    elif (values := root / RESULT_DATA / left.analysis / left.folder.name).is_dir():
        shutil.rmtree(values)


def _is_alive(label: Path, told: dict[str, Any]) -> bool:
    locked = is_locked(label)
    if locked is not None:
        return locked
    start = told.get("process_start", "")
    return KnownProcess(told.get("pid", -1), told.get("process_started", 0.0), start).lives
