"""Check a store strictly: its metadata, its files, and what it says about its own planes."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from parfocal.store._check_metadata import check_images, check_with_validators
from parfocal.store._check_pixels import check_arrays
from parfocal.store._errors import StoreError
from parfocal.store._findings import CheckReport, Finding
from parfocal.store._info import count_planes, store_state
from parfocal.store._layout import LOCK_SUFFIX, RUN
from parfocal.store._metadata import read_record
from parfocal.store._ngff import Image, find_images
from parfocal.store._planes import States, read_planes


def check(path: Path | str, deep: bool = False) -> CheckReport:
    """Check the store at `path`; `deep` decodes every chunk."""
    root = Path(path).absolute()
    findings = tuple(_findings(root, deep=deep))
    return CheckReport(not any(found.severity == "error" for found in findings), findings)


def _findings(root: Path, *, deep: bool) -> Iterator[Finding]:
    try:
        images = find_images(root)
    except StoreError as problem:
        if not root.is_dir() or (not any(root.glob("*zarr*")) and not any(root.glob(".z*"))):
            raise
        yield Finding(".", "metadata", "error", str(problem), "restore the metadata from a copy")
        return
    if not images:
        raise StoreError(f"{root} is a Zarr store, but holds no OME-Zarr image")
    yield from check_with_validators(root)
    yield from check_images(images)
    yield from _mixed_formats(root)
    record, states, state = None, None, ""
    try:
        record = read_record(root)
        states = read_planes(root)
        state, reason = store_state(root, record, images)
        yield from _check_state(root, state, reason, record, images)
    except StoreError as problem:
        yield Finding(RUN, "record", "error", str(problem), "parfocal recover")
    if state != "recording":
        yield from _stray_locks(root)
    yield from check_arrays(root, images, _finished(state, states), deep=deep)


def _finished(state: str, states: States | None) -> States | None:
    """The plane states, unless they are those of before the first frame."""
    return states if state in ("completed", "interrupted", "recovered") else None


def _check_state(
    root: Path, state: str, reason: str, record: Mapping[str, Any] | None, images: list[Image]
) -> Iterator[Finding]:
    if record is None:
        return
    if state == "damaged":
        yield Finding(".", "damaged", "error", reason, "restore the folder from a copy")
    if state == "recording":
        message = "it is being recorded right now, so it is not complete yet"
        yield Finding(RUN, "recording", "warning", message, "check it again after the run")
        return
    if record.get("state") == "recording":
        yield Finding(RUN, "not-closed", "error", reason, "parfocal recover")
        return
    planned, acquired = count_planes(root, record, images)
    told = record.get("acquired")
    if told is not None and told != acquired:
        message = f"it says {told} planes were acquired, but marks {acquired}"
        yield Finding(RUN, "planes-disagree", "error", message, "parfocal recover")
    if acquired < planned:
        message = f"{planned - acquired} of {planned} planned planes are missing"
        why = f" ({reason})" if reason else ""
        fix = f"none is needed: {RUN}/missing.parquet says which and why"
        yield Finding(RUN, "missing-planes", "warning", message + why, fix)


def _stray_locks(root: Path) -> Iterator[Finding]:
    for lock in sorted(root.rglob(f"*{LOCK_SUFFIX}")):
        path = lock.relative_to(root).as_posix()
        message = "a lock that a killed writer left behind"
        yield Finding(path, "stray-lock", "error", message, "parfocal recover, or delete the file")


def _mixed_formats(root: Path) -> Iterator[Finding]:
    for old in (".zarray", ".zgroup"):
        for file in sorted(root.rglob(old)):
            if (file.parent / "zarr.json").is_file():
                path = file.relative_to(root).as_posix()
                message = "Zarr version 2 metadata lie beside version 3 metadata"
                yield Finding(path, "mixed-formats", "error", message, "delete the one not meant")
