"""Find things in a store and beside it: every path that Parfocal writes is named here once."""

import os
from pathlib import Path

WELL = "A/1"
EXTRAS = "parfocal"
RUN = f"{EXTRAS}/run"
PLANES = f"{RUN}/planes"
FRAME_TABLE = f"{RUN}/frames.parquet"
MISSING_TABLE = f"{RUN}/missing.parquet"
LOCK = f"{EXTRAS}/lock"
PROVENANCE = f"{EXTRAS}/provenance"
PROVENANCE_LOG = f"{PROVENANCE}/records.jsonl"
RESULTS = "results"
LATEST = "latest"
STAGING = f"{EXTRAS}/staging"
TABLES = f"{EXTRAS}/tables"
RESULT_DATA = f"{EXTRAS}/results"
# Under parfocal/results: arrays of older stores, which are runs of no analysis
LEGACY_RESULTS = "legacy"
STORE_METADATA = f"{EXTRAS}/metadata"
GUI = f"{EXTRAS}/gui"
# Names the files of a change that has been decided on, until all of them are in their places
EDIT = f"{EXTRAS}/edit.json"
EDITED_SUFFIX = ".edited"
JOURNAL_SUFFIX = ".journal"
SPOOL_SUFFIX = ".spool"
QUARANTINE_SUFFIX = ".quarantine"
LOCK_SUFFIX = ".__lock"
# What a record says of a store in which a chunk that is not there is one of the fill value
EVERY_CHUNK = "every chunk"
ZARR_FILES = ("zarr.json", ".zgroup", ".zarray", ".zattrs")


def whole_path(path: Path | str) -> Path:
    """An absolute path without `..`, which TensorStore refuses (`parfocal info ../a.ome.zarr`)."""
    whole = Path(path).absolute()
    if ".." not in whole.parts:
        return whole  # a link keeps its name
    if whole.name == "..":
        return Path(os.path.realpath(whole))
    return Path(os.path.realpath(whole.parent)) / whole.name


def journal_path(store: Path) -> Path:
    """The journal lies beside the store while it records, so that the store holds only Zarr."""
    return store.with_name(store.name + JOURNAL_SUFFIX)


def spool_path(store: Path) -> Path:
    """Raw frames beside the store while it records, when a recording is asked to keep them."""
    return store.with_name(store.name + SPOOL_SUFFIX)


def quarantine_path(store: Path) -> Path:
    """Where `recover` moves what is broken or left over: beside the store, never deleted."""
    return store.with_name(store.name + QUARANTINE_SUFFIX)


def reserve_path(store: Path) -> Path:
    """Files of no meaning: the room that they take is left for the end on a full disk."""
    return store / RUN / "reserve"


def sibling(store: Path, word: str) -> Path:
    """A free path beside `store` that still ends as a store does: `cells.WORD.ome.zarr`."""
    stem, suffix = split_name(store.name)
    candidate = store.with_name(f"{stem}.{word}{suffix}")
    number = 2
    while candidate.exists():
        candidate = store.with_name(f"{stem}.{word}-{number}{suffix}")
        number += 1
    return candidate


def is_store(path: Path) -> bool:
    """Whether `path` is a Zarr group or array of version 2 or 3."""
    return any((path / name).is_file() for name in ZARR_FILES)


def store_around(path: Path) -> Path | None:
    """The store in which `path` lies, as its metadata or chunks do."""
    for folder in Path(os.path.realpath(path)).parents:
        # isfile: a folder that may not be searched is no error here
        if any(os.path.isfile(folder / name) for name in ZARR_FILES):  # noqa: PTH113
            return folder
    return None


def split_name(name: str) -> tuple[str, str]:
    """What a person calls a store, and the ending of its folder."""
    for suffix in (".ome.zarr", ".zarr"):
        if name.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)], suffix
    return name, ""
