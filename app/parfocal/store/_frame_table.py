"""Turn the journal's frames into Parquet tables inside the store, in bounded memory."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from numbers import Number
from pathlib import Path
from typing import Any

import numpy as np

from parfocal.store._files import legible, replacing, sync_to_disk
from parfocal.store._journal import read_entries
from parfocal.store._layout import FRAME_TABLE, MISSING_TABLE
from parfocal.store._spec import Index

ROW_GROUP = 20_000
CRC = "crc32c"


def have_tables_ready() -> None:
    """Load what the tables are written with.

    It takes a second or three where the disk is cold, and the first run of a program took them
    behind its cancel.
    """
    import pyarrow as pa
    import pyarrow.parquet

    pa.array([0])  # the first value that is no array has pyarrow look for pandas


def flat(metadata: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The numbers, words and truths of nested metadata, named `outer.inner`; the rest as text."""
    row: dict[str, Any] = {}
    for key, value in metadata.items():
        name = f"{prefix}{key}"
        if value is None:
            continue
        if isinstance(value, Mapping):
            row.update(flat(value, f"{name}."))
        elif isinstance(value, bool | str):
            row[name] = value
        elif isinstance(value, np.bool_):
            row[name] = bool(value)
        elif isinstance(value, Number) and not isinstance(value, complex):
            row[name] = _number(value)
        elif isinstance(value, list | tuple):
            row[name] = json.dumps(value, default=str)
        else:
            row[name] = str(value)
    return row


def _number(value: Any) -> int | float | str:
    """As a column can hold it; a whole number of more than 64 bit is kept as text."""
    if not hasattr(value, "__index__"):
        return float(value)
    whole = int(value)
    return whole if -(2**63) <= whole < 2**63 else str(whole)


def write_frame_table(root: Path, journal: Path) -> int:
    """Write `frames.parquet`, one row a stored frame; returns how many."""
    return write_frame_rows(root, lambda: journal_rows(journal))


def write_frame_rows(root: Path, rows: Callable[[], Iterable[Mapping[str, Any]]]) -> int:
    """Write `frames.parquet` from rows, which are gone through twice; returns how many."""
    kinds: dict[str, type] = {}
    for row in rows():
        for name, value in row.items():
            kinds[name] = _wider(kinds.get(name), type(value))
    return _write(root / FRAME_TABLE, rows(), kinds or _INDEX_KINDS)


def journal_rows(journal: Path) -> Iterator[dict[str, Any]]:
    """The frames that a journal acknowledges, in its order."""
    for entry in read_entries(journal):
        yield from entry.get("frames", ())


def table_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of either table; none when it is not there or cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        return
    try:
        with pq.ParquetFile(path) as table:
            for batch in table.iter_batches(ROW_GROUP):
                for row in batch.to_pylist():
                    yield {name: value for name, value in row.items() if value is not None}
    except (pa.ArrowException, OSError):
        return


def write_missing_table(root: Path, missing: Iterable[tuple[Index, str]]) -> int:
    """Write `missing.parquet`, one row a planned frame that did not come, with the reason."""
    rows = ({**dict(zip("tpcz", index, strict=True)), "reason": why} for index, why in missing)
    return _write(root / MISSING_TABLE, rows, {**_INDEX_KINDS, "reason": str})


def count_rows(root: Path) -> int | None:
    """How many frames `frames.parquet` has; None when it is not there or cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(root / FRAME_TABLE).num_rows)
    except (pa.ArrowException, OSError):
        return None


_INDEX_KINDS: dict[str, type] = dict.fromkeys("tpcz", int)


def _wider(known: type | None, kind: type) -> type:
    """The type that holds both: a value that changes its type from frame to frame becomes text."""
    if known is None or known is kind:
        return kind
    return float if {known, kind} == {int, float} else str


def _write(path: Path, rows: Iterable[Mapping[str, Any]], kinds: Mapping[str, type]) -> int:
    # here and not above: it costs 0.3 s, and only a recording that ends needs it
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {int: pa.int64(), float: pa.float64(), bool: pa.bool_(), str: pa.string()}
    schema = pa.schema([(name, types[kind]) for name, kind in kinds.items()])
    count = 0
    remaining = iter(rows)
    with replacing(path) as fresh:
        with pq.ParquetWriter(fresh, schema, compression="zstd") as writer:
            while batch := list(islice(remaining, ROW_GROUP)):
                table = pa.Table.from_pylist([_cast(row, kinds) for row in batch], schema=schema)
                writer.write_table(table)
                count += len(batch)
        sync_to_disk(fresh)
    return count


def _cast(row: Mapping[str, Any], kinds: Mapping[str, type]) -> dict[str, Any]:
    # a reason is told by a person or a device
    told = {name: kinds[name](value) for name, value in row.items()}
    return {name: legible(it) if isinstance(it, str) else it for name, it in told.items()}
