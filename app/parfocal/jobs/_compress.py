"""Compress a strip to an OME-Zarr store with its projection, and judge both."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from parfocal.jobs._errors import Corrupt, NeedsPerson
from parfocal.jobs._job import Artifact, Outcome
from parfocal.jobs._leave_to import leave_to
from parfocal.jobs._raw import size_of
from parfocal.jobs._work import Work
from parfocal.jobs._workplace import (
    is_ours,
    put_in_place,
    refuse_unmounted,
    set_aside,
    workplace,
)

__all__ = ["compress", "damage_of", "verify_store"]

STORE, MIP = "store.ome.zarr", "mip.tif"
GB, MB = 1e9, 1e6

Leave = Callable[[Work, str, Mapping[str, Any]], Mapping[str, Any]]


def compress(work: Work) -> Outcome:
    """Convert, every chunk compared with the raw data, and project; each appears when whole."""
    work.require_raw()
    final = _store(work)
    how = "was there already"
    if work.job.generation > 1 and is_ours(work, final) and damage_of(work, final) is not None:
        set_aside(work, final)
    if not is_ours(work, final):
        with workplace(work, final) as folder:
            if not (folder / STORE).exists():
                _make(work, folder)
            work.require_raw()
            put_in_place(work, folder / STORE, final)
            mip = work.strip.mip
            if mip is not None and (folder / MIP).exists() and not is_ours(work, mip):
                put_in_place(work, folder / MIP, mip)
        how = "compressed"
    size = size_of(final)
    artifacts = [Artifact("store", final, size, False)]
    if (mip := work.strip.mip) is not None:
        if not is_ours(work, mip):
            with workplace(work, mip) as folder:
                # the store is older than it, or a kill came in between
                leave_to(work, "project", {"store": str(final), "mip": str(folder / MIP)})
                put_in_place(work, folder / MIP, mip)
        artifacts.append(Artifact("mip", mip, mip.stat().st_size, False))
    return Outcome(f"{final}: {size / GB:.2f} GB, {how}", tuple(artifacts))


def verify_store(work: Work) -> Outcome:
    """Open and decode everything: a size proves nothing."""
    final = _store(work)
    refuse_unmounted(work, final)
    damage = damage_of(work, final)
    if damage is not None:
        raise Corrupt(damage)
    artifacts = [Artifact("store", final, size_of(final), True)]
    if (mip := work.strip.mip) is not None:
        _refuse_bad_mip(mip, work.strip.config.thresholds.mip_mb)
        artifacts.append(Artifact("mip", mip, mip.stat().st_size, True))
    return Outcome(f"{final} is whole", tuple(artifacts))


def damage_of(work: Work, store: Path, leave: Leave = leave_to) -> str | None:
    """Why a store is not what it should be, or None."""
    raw = work.artifacts.get("raw")
    told = {
        "store": str(store),
        "least_gb": work.strip.config.thresholds.store_gb,
        "frames": None if raw is None else raw.facts.get("frames"),
    }
    damage: str | None = leave(work, "judge", told)["damage"]
    return damage


def _make(work: Work, folder: Path) -> None:
    """The store and, of the pixels as they pass by, its projection."""
    config = work.strip.config
    told = {
        "raw": str(work.strip.raw),
        "store": str(folder / STORE),
        "mip": str(folder / MIP) if config.mip else None,
        "voxel_size_um": config.voxel_size_um,
        "codec": config.codec,
        "shard_bytes": config.shard_bytes,
        "threads": config.threads,
    }
    leave_to(work, "compress", told)


def _refuse_bad_mip(mip: Path, least_mb: float) -> None:
    import tifffile  # 0.1 s

    if not mip.is_file():
        raise Corrupt(f"the projection {mip} is missing")
    size = mip.stat().st_size
    if size < least_mb * MB:
        raise Corrupt(
            f"the projection {mip} has {size / MB:.2f} MB, and at least {least_mb:g} MB are "
            "expected"
        )
    try:
        with tifffile.TiffFile(mip) as file:
            file.asarray()
    except (OSError, ValueError, IndexError, tifffile.TiffFileError) as problem:
        raise Corrupt(f"the projection {mip} cannot be read: {problem}") from problem


def _store(work: Work) -> Path:
    if work.strip.store is None:
        raise NeedsPerson("the configuration names no output")
    return work.strip.store
