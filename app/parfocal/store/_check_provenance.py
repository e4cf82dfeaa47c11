"""Check what a store says around its pixels: its history, tables, origin and display settings."""

from collections.abc import Iterator
from pathlib import Path

from parfocal.store._errors import StoreError
from parfocal.store._file_lock import is_locked
from parfocal.store._findings import Finding
from parfocal.store._gui_settings import read_display
from parfocal.store._layout import (
    EDIT,
    EXTRAS,
    GUI,
    LOCK,
    PROVENANCE,
    PROVENANCE_LOG,
    STORE_METADATA,
    TABLES,
    is_store,
)
from parfocal.store._provenance import read_provenance
from parfocal.store._provenance_chain import EDITED, read_chain
from parfocal.store._results_place import real_place
from parfocal.store._store_metadata import read_store_metadata
from parfocal.store._tables import list_tables, read_table, table_faults


def check_extras(root: Path, *, deep: bool) -> Iterator[Finding]:
    """The history, the tables, the origin and the display settings."""
    if not is_store(root / EXTRAS):
        return
    if (root / EDIT).is_file() and not is_locked(root / LOCK):
        message = "a change of the metadata was killed: some files say the new, others the old"
        yield Finding(EDIT, "edit-pending", "error", message, "parfocal recover")
    yield from _provenance(root)
    yield from _tables(root, deep=deep)
    yield from _metadata(root)
    try:
        read_display(root)
    except StoreError as problem:
        fix = f"delete {GUI}: the viewer begins with the image's own"
        yield Finding(GUI, "gui-settings", "warning", str(problem), fix)


def _provenance(root: Path) -> Iterator[Finding]:
    try:
        chain = read_chain(root)
        if chain.problem:
            yield Finding(PROVENANCE, "provenance", "error", chain.problem, EDITED)
            return
        read_provenance(root)
    except StoreError as problem:
        yield Finding(PROVENANCE, "provenance", "error", str(problem), EDITED)
        return
    if chain.torn:
        message = "a killed process left the beginning of a record"
        fix = "none is needed: the next record takes its place"
        yield Finding(PROVENANCE_LOG, "provenance-torn", "warning", message, fix)


def _tables(root: Path, *, deep: bool) -> Iterator[Finding]:
    fix = "restore the file from a copy, or write the table again"
    for name in list_tables(root):
        try:
            faults = list(table_faults(root, name))
            for fault in faults:
                yield Finding(f"{TABLES}/{name}", "table", "error", fault, fix)
            if deep and not faults:
                read_table(root, name)
        except StoreError as problem:
            yield Finding(f"{TABLES}/{name}", "table", "error", str(problem), fix)


def _metadata(root: Path) -> Iterator[Finding]:
    try:
        told = read_store_metadata(root)
    except StoreError as problem:
        fix = "correct it, or restore it from a copy"
        yield Finding(STORE_METADATA, "store-metadata", "error", str(problem), fix)
        return
    for link in told.derived_from:
        if not is_store(root / real_place(root, link)):
            message = f"the store's data were made from {link}, which is not in it"
            fix = "correct derived_from; what lies outside of the store is its source_uri"
            yield Finding(STORE_METADATA, "store-lineage", "warning", message, fix)
