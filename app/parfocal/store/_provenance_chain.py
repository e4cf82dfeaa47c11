"""Append records to a log in which each one holds the hash of the one before, and verify it.

The log is `parfocal/provenance/records.jsonl`, one JSON object a line. `sha256` of a record is that
of its canonical form (keys sorted, no spaces, UTF-8) without the key `sha256`; `previous` is the
`sha256` of the record before. A chain cannot see that its end was cut off, so the attributes of
`parfocal/provenance` say how many records there are and the hash of the last one.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parfocal.store._errors import StoreError
from parfocal.store._files import legible, read_json, sync_to_disk, write_json
from parfocal.store._layout import EXTRAS, PROVENANCE, PROVENANCE_LOG
from parfocal.store._metadata import group

FORMAT = 1
NOTHING = "0" * 64
EDITED = "somebody changed the store's history: restore parfocal/provenance from a copy"


@dataclass(frozen=True, slots=True)
class Chain:
    """What was read of a log: the records that hold together, and what does not."""

    records: tuple[dict[str, Any], ...]
    problem: str = ""
    torn: bool = False
    whole_bytes: int = 0

    @property
    def head(self) -> str:
        """The hash that the next record refers to."""
        return str(self.records[-1]["sha256"]) if self.records else NOTHING


def canonical(value: Any) -> str:
    """The one way in which a value is written to be hashed or compared."""
    return legible(
        json.dumps(
            value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
    )


def digest(record: Mapping[str, Any]) -> str:
    """The hash of a record."""
    bare = {key: value for key, value in record.items() if key != "sha256"}
    return hashlib.sha256(canonical(bare).encode()).hexdigest()


def read_chain(root: Path) -> Chain:
    """The log of a store; its problem is the first record that does not hold."""
    log = root / PROVENANCE_LOG
    counted, head = _head(root)
    if not log.is_file():
        missing = f"it counts {counted} records, but its log is gone" if counted else ""
        return Chain((), missing)
    try:
        lines = log.read_bytes().splitlines(keepends=True)
    except OSError as problem:
        raise StoreError(f"{log} cannot be read: {problem.strerror}") from problem
    records: list[dict[str, Any]] = []
    before, whole = NOTHING, 0
    for number, line in enumerate(lines):
        record = _parsed(line)
        if record is None and number == len(lines) - 1 and number >= counted:
            return Chain(tuple(records), "", True, whole)  # a kill tore it: it was never told
        problem_here = _fault(record, number, before)
        if record is None or problem_here:
            return Chain(tuple(records), f"record {number} {problem_here}", False, whole)
        records.append(record)
        before, whole = record["sha256"], whole + len(line)
    if len(records) < counted:
        gone = f"it counts {counted} records, but the log ends after {len(records)}"
        return Chain(tuple(records), gone, False, whole)
    if counted and records[counted - 1]["sha256"] != head:
        other = f"record {counted - 1} is not the one that was written"
        return Chain(tuple(records), other, False, whole)
    return Chain(tuple(records), "", False, whole)


def append(root: Path, content: Mapping[str, Any]) -> dict[str, Any]:
    """Write one more record; the caller holds the store's lock. A torn last one is cut off."""
    chain = read_chain(root)
    if chain.problem:
        raise StoreError(f"{root / PROVENANCE}: {chain.problem}; {EDITED}")
    record = {"record": len(chain.records), **content, "previous": chain.head}
    record["sha256"] = digest(record)
    line = canonical(record).encode() + b"\n"
    log = root / PROVENANCE_LOG
    try:
        log.parent.mkdir(exist_ok=True)
        if not (log.parent / "zarr.json").is_file():
            _write_head(root, 0, NOTHING)
        with log.open("ab") as file:
            file.truncate(chain.whole_bytes)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        _write_head(root, len(chain.records) + 1, record["sha256"])
        sync_to_disk(log.parent)
    except OSError as problem:
        raise StoreError(f"{log} cannot be written: {problem.strerror}") from problem
    return record


def _parsed(line: bytes) -> dict[str, Any] | None:
    if not line.endswith(b"\n"):
        return None
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _fault(record: dict[str, Any] | None, number: int, before: str) -> str:
    if record is None:
        return "is not JSON"
    if record.get("record") != number:
        return f"says that it is record {record.get('record')}: one was removed, added or moved"
    if record.get("previous") != before:
        return "does not follow the one before it: one was removed, added or moved"
    try:
        mine = digest(record)
    except ValueError:
        return "holds a number that JSON has not"
    return "" if record.get("sha256") == mine else "was edited: its hash is another"


def _head(root: Path) -> tuple[int, str]:
    file = root / PROVENANCE / "zarr.json"
    if not file.is_file():
        return 0, NOTHING
    attributes = read_json(file).get("attributes")
    told = attributes.get(EXTRAS) if isinstance(attributes, dict) else None
    if not isinstance(told, dict) or not isinstance(told.get("records"), int):
        raise StoreError(f"{file} does not say how many records there are; {EDITED}")
    return told["records"], str(told.get("head"))


def _write_head(root: Path, records: int, head: str) -> None:
    told = {"format": FORMAT, "log": Path(PROVENANCE_LOG).name, "records": records, "head": head}
    write_json(root / PROVENANCE / "zarr.json", group({EXTRAS: told}))
