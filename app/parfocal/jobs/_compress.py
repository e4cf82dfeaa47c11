"""Compress a strip to an OME-Zarr store with its projection, and judge both."""

from pathlib import Path

from parfocal import ParfocalError
from parfocal.convert import Way, Wishes, convert, spool_facts
from parfocal.jobs._errors import Corrupt, NeedsPerson
from parfocal.jobs._job import Artifact, Outcome
from parfocal.jobs._raw import size_of
from parfocal.jobs._work import Work
from parfocal.jobs._workplace import is_ours, put_in_place, set_aside, workplace
from parfocal.store import check, export, info, sync_to_disk

__all__ = ["compress", "damage_of", "verify_store"]

MIB = 2**20
BUDGET = 1024 * MIB
SHARD_MEMORY = 4 * 64 * MIB
"""What one of conversion's threads needs for a whole shard."""
STORE_SHARE = 0.85
"""Of the work; the rest is the projection."""
GB, MB = 1e9, 1e6


def compress(work: Work) -> Outcome:
    """Convert, every chunk compared with the raw data, and project; each appears when whole."""
    work.require_raw()
    final = _store(work)
    how = "was there already"
    if work.job.generation > 1 and is_ours(work, final) and damage_of(work, final) is not None:
        set_aside(work, final)
    if not is_ours(work, final):
        with workplace(work, final) as folder:
            made = folder / "store.ome.zarr"
            if not made.exists():
                _convert(work, made)
            work.require_raw()
            put_in_place(work, made, final)
        how = "compressed"
    size = size_of(final)
    artifacts = [Artifact("store", final, size, False)]
    if (mip := work.strip.mip) is not None:
        if not is_ours(work, mip):
            with workplace(work, mip) as folder:
                _project(work, final, folder / "mip.tif")
                put_in_place(work, folder / "mip.tif", mip)
        artifacts.append(Artifact("mip", mip, mip.stat().st_size, False))
    return Outcome(f"{final}: {size / GB:.2f} GB, {how}", tuple(artifacts))


def verify_store(work: Work) -> Outcome:
    """Open and decode everything: a size proves nothing."""
    final = _store(work)
    damage = damage_of(work, final)
    if damage is not None:
        raise Corrupt(damage)
    artifacts = [Artifact("store", final, size_of(final), True)]
    if (mip := work.strip.mip) is not None:
        _refuse_bad_mip(mip, work.strip.config.thresholds.mip_mb)
        artifacts.append(Artifact("mip", mip, mip.stat().st_size, True))
    return Outcome(f"{final} is whole", tuple(artifacts))


def _convert(work: Work, made: Path) -> None:
    config, raw = work.strip.config, work.strip.raw
    axes = "zyx" if spool_facts(raw) is not None else None
    threads = config.threads
    budget = BUDGET if threads is None else threads * SHARD_MEMORY

    def tell(way: Way) -> None:
        if not work.pace.stop:  # conversion looks at `cancelled` itself, and keeps what it has
            work.pace.breathe(way.fraction * STORE_SHARE)

    if work.pace.stop:
        work.pace.breathe()
    convert(
        raw,
        made,
        Wishes(axes=axes, voxel_um=config.voxel_size_um),
        action="ingest",
        tell=tell,
        cancelled=work.pace.cancelled,
        budget_bytes=budget,
    )


def _project(work: Work, store: Path, file: Path) -> None:
    export(
        store,
        file,
        mip="z",
        overwrite=True,
        cancelled=work.pace.cancelled,
        progress=lambda done, _words: work.pace.breathe(STORE_SHARE + (1 - STORE_SHARE) * done),
    )
    sync_to_disk(file)


def damage_of(work: Work, store: Path) -> str | None:
    """Why a store is not what it should be, or None."""
    if not store.is_dir():
        return f"the store {store} is missing"
    size = size_of(store)
    if size == 0:
        return f"the store {store} is empty"
    least = work.strip.config.thresholds.store_gb
    if size < least * GB:
        return f"the store {store} has {size / GB:.3f} GB, and at least {least:g} GB are expected"
    work.pace.breathe()
    try:
        report = check(store, deep=True)
        told = info(store)
    except ParfocalError as problem:
        return f"the store {store} is damaged: {problem}"
    errors = [one for one in report.findings if one.severity == "error"]
    if errors:
        return f"the store {store} is damaged: {errors[0].path}: {errors[0].message}"
    raw = work.artifacts.get("raw")
    if raw is not None and "frames" in raw.facts and raw.facts["frames"] != told.acquired:
        return f"the store {store} has {told.acquired} planes of {raw.facts['frames']}"
    return None


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
