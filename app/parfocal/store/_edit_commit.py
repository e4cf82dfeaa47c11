"""Put changed metadata files in their places: all of them or none, whenever a kill comes.

The new files are written beside the old ones first. Then `parfocal/edit.json` names them, which
decides the change with one rename; from there on it is only renames, which need no room on the
disk. Whoever takes the store's lock next brings to its end what a kill left.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

from parfocal.store._component import normal
from parfocal.store._errors import StoreError, cause
from parfocal.store._files import read_json, sync_all_to_disk, sync_to_disk, write_json
from parfocal.store._layout import EDIT, EDITED_SUFFIX, PROVENANCE
from parfocal.store._provenance import record_in
from parfocal.store._provenance_chain import EDITED, read_chain

ACTION = "edit"


def commit_edit(
    root: Path, documents: Mapping[str, Mapping[str, Any]], told: Mapping[str, Any]
) -> None:
    """Replace these files and say `told` in the store's history; the caller holds the lock."""
    chain = read_chain(root)
    if chain.problem:
        raise StoreError(f"{root / PROVENANCE}: {chain.problem}; {EDITED}")
    fresh = [_beside(root / path) for path in documents]
    try:
        for file, document in zip(fresh, documents.values(), strict=True):
            write_json(file, document)
        sync_all_to_disk(fresh)
        decided = {"edit": token_hex(8), "files": list(documents), "told": dict(told)}
        write_json(root / EDIT, decided)
    except OSError as problem:
        for file in fresh:
            with suppress(OSError):
                file.unlink(missing_ok=True)
        raise StoreError(f"{root} cannot be changed: {cause(problem)}") from problem
    finish_edit(root)


def finish_edit(root: Path) -> None:
    """Bring a change that was decided on to its end; the caller holds the lock."""
    decided = read_json(root / EDIT)
    try:
        sync_to_disk((root / EDIT).parent)
        files = [root / normal(str(path)) for path in decided["files"]]
        for file in files:
            if _beside(file).is_file():
                _beside(file).replace(file)
        sync_all_to_disk({file.parent for file in files})
        _record_once(root, str(decided["edit"]), decided["told"])
        (root / EDIT).unlink()
        sync_to_disk((root / EDIT).parent)
    except (KeyError, TypeError) as problem:
        raise StoreError(f"{root / EDIT} names no change: {problem!r}") from problem
    except OSError as problem:
        raise StoreError(f"{root} cannot be changed: {cause(problem)}") from problem


def _record_once(root: Path, edit: str, told: Mapping[str, Any]) -> None:
    """A kill may have come after the record was written."""
    records = read_chain(root).records
    if records and records[-1].get("parameters", {}).get("edit") == edit:
        return
    record_in(root, ACTION, parameters={"edit": edit, **told})


def _beside(file: Path) -> Path:
    return file.with_name(file.name + EDITED_SUFFIX)
