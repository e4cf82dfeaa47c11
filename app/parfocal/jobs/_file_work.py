"""Do the work on files that stages leave to whoever has time: here, or on another computer.

A piece of it is told in JSON and answers in JSON. Done twice it leaves the same, and one that was
killed is gone on with. It asks no queue and gives nothing its final name: that is the worker's.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from parfocal import ParfocalError
from parfocal.convert import ConversionInUse, Projection, Way, Wishes, convert, spool_facts
from parfocal.jobs._errors import Transient
from parfocal.jobs._hashing import COPYING, copy_hashed, hash_file, read_manifest
from parfocal.jobs._pace import Pace
from parfocal.jobs._raw import RawFile, raw_files, size_of
from parfocal.store import check, export, info, sync_to_disk

__all__ = ["do_file_work"]

GB = 1e9
STORE_SHARE = 0.98
"""Of compressing; the rest is to write the projection."""

Told = Mapping[str, Any]


class Meter:
    """Counts what was read, keeps to the bandwidth, and lets the work be paused or ended."""

    def __init__(self, pace: Pace, files: list[RawFile], bandwidth_mb_s: float | None) -> None:
        self.done = 0
        self._pace = pace
        self._total = max(1, sum(file.size for file in files))
        self._rate = None if bandwidth_mb_s is None else bandwidth_mb_s * 1e6

    def passed(self, count: int) -> None:
        """So many bytes more."""
        self.done += count
        self._pace.spend(count, self._rate)
        self._pace.breathe(self.done / self._total)


def do_file_work(kind: str, told: Told, pace: Pace) -> dict[str, Any]:
    """Do a piece of it; what it answers is plain JSON."""
    return WORK[kind](told, pace)


def _copy(told: Told, pace: Pace) -> dict[str, Any]:
    """Copy what an earlier call had not; what it had is verified later with all the rest."""
    copy, so_far = Path(told["copy"]), Path(told["so_far"])
    copy.mkdir(exist_ok=True)
    files = raw_files(Path(told["raw"]))
    known = read_manifest(so_far, torn=True) if so_far.is_file() else {}
    hashes: dict[str, str] = {}
    meter = Meter(pace, files, told["bandwidth_mb_s"])
    for file in files:
        target = copy / file.name
        if file.name in known and target.is_file() and target.stat().st_size == file.size:
            hashes[file.name] = known[file.name]
            meter.done += file.size
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        hashes[file.name] = copy_hashed(file.path, target, meter.passed)
        with so_far.open("a", encoding="utf-8", errors="surrogateescape") as book:
            book.write(f"{hashes[file.name]}  {file.name}\n")
    for path in copy.rglob("*.copying"):
        if COPYING.search(path.name) and path.relative_to(copy).as_posix() not in hashes:
            path.unlink(missing_ok=True)
    return {"hashes": hashes}


def _hash(told: Told, pace: Pace) -> dict[str, Any]:
    """The hash of each file as it is now."""
    files = raw_files(Path(told["folder"]))
    meter = Meter(pace, files, told["bandwidth_mb_s"])
    return {"hashes": {file.name: hash_file(file.path, meter.passed) for file in files}}


def _compress(told: Told, pace: Pace) -> dict[str, Any]:
    """Convert, every chunk compared with the raw data; the projection is made of the pixels as
    they pass by, where it is asked for."""
    raw, made = Path(told["raw"]), Path(told["store"])
    voxel = told["voxel_size_um"]
    wishes = Wishes(
        axes="zyx" if spool_facts(raw) is not None else None,
        voxel_um=None if voxel is None else (voxel[0], voxel[1], voxel[2]),
        codec=told["codec"],
        shard_bytes=told["shard_bytes"],
    )
    projection = None if told["mip"] is None else Projection()

    def tell(way: Way) -> None:
        if not pace.stop:  # conversion looks at `cancelled` itself, and keeps what it has
            pace.breathe(way.fraction * STORE_SHARE)

    pace.breathe()
    try:
        convert(
            raw,
            made,
            wishes,
            action="ingest",
            tell=tell,
            cancelled=pace.cancelled,
            threads=told["threads"],
            hold=pace.wait,
            onlooker=projection,
        )
    except ConversionInUse as problem:  # somebody who was given up has not noticed it yet
        raise Transient(str(problem)) from problem
    if projection is not None and projection.planes:
        _project({"store": told["store"], "mip": told["mip"]}, pace, projection)
    return {}


def _project(told: Told, pace: Pace, made: Projection | None = None) -> dict[str, Any]:
    file = Path(told["mip"])
    export(
        Path(told["store"]),
        file,
        mip="z",
        overwrite=True,
        cancelled=pace.cancelled,
        progress=lambda done, _words: pace.breathe(STORE_SHARE + (1 - STORE_SHARE) * done),
        made=None if made is None else made.planes,
    )
    sync_to_disk(file)
    return {}


def _judge(told: Told, pace: Pace) -> dict[str, Any]:
    """Why a store is not what it should be, or None; everything is decoded."""
    return {"damage": _damage_of(Path(told["store"]), told["least_gb"], told["frames"], pace)}


def _damage_of(store: Path, least_gb: float, frames: int | None, pace: Pace) -> str | None:
    if not store.is_dir():
        return f"the store {store} is missing"
    size = size_of(store)
    if size == 0:
        return f"the store {store} is empty"
    if size < least_gb * GB:
        return (
            f"the store {store} has {size / GB:.3f} GB, and at least {least_gb:g} GB are expected"
        )
    pace.breathe()
    try:
        report = check(store, deep=True, between=pace.breathe)
        held = info(store).acquired
    except ParfocalError as problem:
        if pace.stop:
            raise
        return f"the store {store} is damaged: {problem}"
    errors = [one for one in report.findings if one.severity == "error"]
    if errors:
        return f"the store {store} is damaged: {errors[0].path}: {errors[0].message}"
    if frames is not None and frames != held:
        return f"the store {store} has {held} planes of {frames}"
    return None


WORK: Mapping[str, Callable[[Told, Pace], dict[str, Any]]] = {
    "copy": _copy,
    "hash": _hash,
    "compress": _compress,
    "project": _project,
    "judge": _judge,
}
