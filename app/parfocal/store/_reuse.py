"""Find out whether an analysis was done already, so that its newest result can be used again.

It can when the newest run of the analysis had the same parameters, the same version of its code and
inputs of the same content, when what it made is still as it was made, and when nothing that it was
made from, through any number of results between, has been made again since. Only the newest run is
looked at: what has run as A, then B, runs again as A. An export always runs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from parfocal.store._errors import StoreError
from parfocal.store._layout import RESULTS, whole_path
from parfocal.store._provenance import (
    Content,
    Part,
    ProvenanceRecord,
    named,
    plain,
    read_provenance,
)
from parfocal.store._provenance_chain import canonical
from parfocal.store._results_place import latest_run, real_place

EXPORT = "export"


@dataclass(frozen=True, slots=True)
class ReusableResult:
    """The newest run of an analysis, which another run would only repeat."""

    analysis: str
    run: str
    outputs: tuple[str, ...]
    record: ProvenanceRecord


def find_reusable(
    store: Path | str,
    analysis: str,
    parameters: Mapping[str, Any],
    code_version: str,
    inputs: Iterable[Part],
) -> ReusableResult | None:
    """The newest result of the analysis, if running it again would give the same; else None."""
    root = whole_path(store)
    if is_export(analysis):
        return None
    records = read_provenance(root)
    mine = [one for one in records if one.action == analysis and one.run is not None]
    if not mine:
        return None
    record = mine[-1]
    if canonical(record.parameters) != canonical(plain(parameters)):
        return None
    if record.code_version != code_version or record.run is None:
        return None
    try:
        asked = named(root, inputs, touched_since=_time(record))
    except StoreError:
        return None  # an input that is gone; the analysis says so better
    if asked != record.inputs:
        return None
    if not _is_whole(root, record) or not _is_current(root, record, records, set()):
        return None
    outputs = tuple(real_place(root, one.path) for one in record.outputs)
    return ReusableResult(analysis, record.run, outputs, record)


def is_export(analysis: str) -> bool:
    """What is written for somebody else is written each time: nobody knows what became of it."""
    return analysis == EXPORT or analysis.startswith((f"{EXPORT}-", f"{EXPORT} ", f"{EXPORT}:"))


def _is_whole(root: Path, record: ProvenanceRecord) -> bool:
    """Whether everything that a run made is still there, and as it was made."""
    return all(_unchanged(root, one, _time(record)) for one in record.outputs)


def _is_current(
    root: Path, record: ProvenanceRecord, records: Sequence[ProvenanceRecord], seen: set[int]
) -> bool:
    """Whether nothing upstream has been made again since."""
    if record.number in seen:
        return True
    seen.add(record.number)
    for one in record.inputs:
        if not _unchanged(root, one, _time(record)):
            return False
        maker = _maker(one.path, records[: record.number])
        if maker is not None and not _is_current(root, maker, records, seen):
            return False
    return True


def _unchanged(root: Path, content: Content, since: float) -> bool:
    if not content.identity or not _is_inside(content.path):
        return True  # it lies elsewhere, or was never named
    parts = PurePosixPath(content.path).parts
    if parts[:1] == (RESULTS,) and len(parts) > 2 and latest_run(root, parts[1]) != parts[2]:
        return False  # a newer one has taken its place
    try:
        now = named(root, [content.path], touched_since=since)
    except StoreError:
        return False
    return now[0].identity == content.identity


def _maker(path: str, records: Sequence[ProvenanceRecord]) -> ProvenanceRecord | None:
    """The newest run that made this, or what it is a part of, or a part of it."""
    place = PurePosixPath(path)
    for record in reversed(records):
        for one in record.outputs:
            made = PurePosixPath(one.path)
            if record.run is not None and (
                place.is_relative_to(made) or made.is_relative_to(place)
            ):
                return record
    return None


def _is_inside(path: str) -> bool:
    place = PurePosixPath(path)
    return not place.is_absolute() and ".." not in place.parts and ":" not in path.split("/")[0]


def _time(record: ProvenanceRecord) -> float:
    return datetime.fromisoformat(record.at).timestamp()
