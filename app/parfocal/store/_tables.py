"""Keep tables (tracks, stimulations, detections) as Parquet: written in parts, appended, read.

`parfocal/tables/<name>` is a folder of Parquet files, `part-000000.parquet` and so on: pandas,
Polars and Arrow open the folder as one table. A part is complete before it has its place, so a
killed append leaves what was there before, readable; parts are never changed.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from secrets import token_hex
from typing import Any, TypeAlias

import numpy as np

from parfocal.store._errors import StoreError, cause
from parfocal.store._files import sync_to_disk, write_json
from parfocal.store._layout import EXTRAS, TABLES, whole_path
from parfocal.store._metadata import group
from parfocal.store._results_names import accepted_name
from parfocal.store._results_staging import Staged, clear_up
from parfocal.store._results_switch import put_in_place
from parfocal.store._store_lock import changing, require_own

ROWS_AT_ONCE = 20_000
SUFFIX = ".parquet"
FIRST = f"part-000000{SUFFIX}"
Row: TypeAlias = Mapping[str, Any]
Columns: TypeAlias = Mapping[str, type]
"""The name and type of each column: bool, int, float or str; a row may leave any of them out."""


def write_table(
    store: Path | str, name: str, rows: Iterable[Row], *, columns: Columns | None = None
) -> int:
    """Write a table anew, a few rows in memory at a time; returns how many rows there are.

    Without `columns` they are those of the first 20,000 rows. The one before stays until the new
    one is complete.
    """
    root, name, staged = _begin(store, name)
    table = root / TABLES / name
    try:
        staged.images.mkdir()
        count = _write_part(staged.images / FIRST, iter(rows), columns, table)
        with changing(root):
            _list_group(root)
            staged.say(ready=True, table=name)
            put_in_place(staged.images, table, staged.folder / "former")
    except OSError as problem:
        raise StoreError(f"{table} cannot be written: {cause(problem)}") from problem
    finally:
        staged.remove()
    return count


def append_table(
    store: Path | str, name: str, rows: Iterable[Row], *, columns: Columns | None = None
) -> int:
    """Add rows to a table, or begin it; returns how many were added.

    They are readable when this returns. Many rows at once make fewer files: an append every few
    seconds serves a run better than one a frame.
    """
    root, name, staged = _begin(store, name)
    table, fresh = root / TABLES / name, staged.folder / FIRST
    try:
        known = _known(table, columns)
        count = _write_part(fresh, iter(rows), known or columns, table)
        if count:
            with changing(root):
                _known(table, _columns_of(fresh))  # somebody may have begun it meanwhile
                _list_group(root)
                table.mkdir(exist_ok=True)
                fresh.rename(table / _next_part(table))
                sync_to_disk(table)
    except OSError as problem:
        raise StoreError(f"{table} cannot be written: {cause(problem)}") from problem
    finally:
        staged.remove()
    return count


def read_table(store: Path | str, name: str, columns: Iterable[str] | None = None) -> Any:
    """The whole table as a pyarrow.Table (`.to_pandas()`), or some columns of it."""
    import pyarrow as pa

    wanted = None if columns is None else list(columns)
    tables = []
    for file in table_parts(whole_path(store), name):
        with _opened(file) as parquet:
            absent = [each for each in wanted or () if each not in parquet.schema_arrow.names]
            if absent:
                raise StoreError(f"{file.parent} has no column {absent[0]!r}")
            try:
                tables.append(parquet.read(columns=wanted))
            except (pa.ArrowException, OSError) as problem:
                raise StoreError(f"{file} cannot be read: {problem}") from problem
    try:
        return pa.concat_tables(tables)
    except pa.ArrowException as problem:
        raise StoreError(f"the parts of {file.parent} do not fit together: {problem}") from problem


def list_tables(store: Path | str) -> tuple[str, ...]:
    """The tables of a store."""
    folder = whole_path(store) / TABLES
    if not folder.is_dir():
        return ()
    return tuple(sorted(one.name for one in folder.iterdir() if one.is_dir() and _parts(one)))


def remove_table(store: Path | str, name: str) -> None:
    """Take a table out of a store: that of an analysis that failed at its end, say."""
    root = whole_path(store)
    require_own(root)
    table = root / TABLES / accepted_name(name, "a table", root / TABLES)
    with changing(root):
        try:
            if table.is_dir():
                shutil.rmtree(table)
        except OSError as problem:
            raise StoreError(f"{table} cannot be removed: {cause(problem)}") from problem


def table_parts(root: Path, name: str) -> list[Path]:
    """The files of a table, in the order in which they were written."""
    folder = root / TABLES / name
    parts = _parts(folder) if folder.is_dir() else []
    if not parts:
        raise StoreError(f"{root} has no table {name!r}; it has {list(list_tables(root))}")
    return parts


def table_faults(root: Path, name: str) -> Iterator[str]:
    """Parts that cannot be opened, or that have other columns than the first."""
    first: dict[str, type] | None = None
    for part in table_parts(root, name):
        columns = _columns_of(part)
        if first is not None and columns != first:
            yield f"{part.name} has the columns {_told(columns)}, the first part {_told(first)}"
        first = first or columns


def _begin(store: Path | str, name: str) -> tuple[Path, str, Staged]:
    root = whole_path(store)
    require_own(root)
    name = accepted_name(name, "a table", root / TABLES)
    with changing(root):
        clear_up(root)
        return root, name, Staged(root, "", f"table-{token_hex(6)}")


def _known(table: Path, wanted: Columns | None) -> dict[str, type] | None:
    """The columns that a table has; they stay as they are."""
    parts = _parts(table) if table.is_dir() else []
    known = _columns_of(parts[0]) if parts else None
    if known is not None and wanted is not None and dict(wanted) != known:
        raise StoreError(f"{table} has the columns {_told(known)}, not {_told(wanted)}")
    return known


def _parts(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"part-*{SUFFIX}"))


def _next_part(folder: Path) -> str:
    parts = _parts(folder)
    number = int(parts[-1].name.removesuffix(SUFFIX).rpartition("-")[2]) + 1 if parts else 0
    return f"part-{number:06d}{SUFFIX}"


def _list_group(root: Path) -> None:
    file = root / TABLES / "zarr.json"
    if not file.is_file():
        write_json(file, group({EXTRAS: {"format": "parquet"}}))


def _write_part(file: Path, rows: Iterator[Row], columns: Columns | None, table: Path) -> int:
    """One Parquet file, as many row groups as it takes."""
    import pyarrow.parquet as pq

    first = list(islice(rows, ROWS_AT_ONCE))
    if columns is None:
        columns = _columns(first, table)
    if not columns:
        raise StoreError(f"{table} cannot begin without rows: name its columns")
    schema, count, remaining = _schema(columns), 0, chain(first, rows)
    with pq.ParquetWriter(file, schema, compression="zstd", write_page_checksum=True) as writer:
        while batch := list(islice(remaining, ROWS_AT_ONCE)):
            writer.write_table(_as_table(batch, columns, schema, count, table))
            count += len(batch)
    sync_to_disk(file)
    return count


def _as_table(batch: list[Row], columns: Columns, schema: Any, before: int, table: Path) -> Any:
    import pyarrow as pa

    values: dict[str, list[Any]] = {name: [] for name in columns}
    for number, row in enumerate(batch, before):
        for name in row:
            if name not in columns:
                raise StoreError(
                    f"row {number} for {table} has a column {name!r}; there are {_told(columns)}"
                )
        for name, kind in columns.items():
            values[name].append(_cast(row.get(name), kind, name, number, table))
    return pa.table(values, schema=schema)


def _cast(value: Any, kind: type, name: str, number: int, table: Path) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or type(value) is kind:
        return value
    if kind is float and type(value) is int:
        return float(value)
    raise StoreError(
        f"row {number} for {table} has {value!r} in the column {name!r}, which is {kind.__name__}"
    )


def _columns(rows: list[Row], table: Path) -> dict[str, type]:
    found: dict[str, type] = {}
    for row in rows:
        for name, value in row.items():
            plain = value.item() if isinstance(value, np.generic) else value
            if plain is None:
                continue
            kind, known = type(plain), found.get(name)
            if kind not in (bool, int, float, str):
                raise StoreError(f"{table} cannot hold {plain!r} in the column {name!r}")
            found[name] = float if {known, kind} == {int, float} else known or kind
    return found


def _columns_of(part: Path) -> dict[str, type]:
    import pyarrow as pa

    kinds = {pa.int64(): int, pa.float64(): float, pa.bool_(): bool, pa.string(): str}
    with _opened(part) as parquet:
        return {field.name: kinds.get(field.type, str) for field in parquet.schema_arrow}


def _schema(columns: Columns) -> Any:
    import pyarrow as pa

    types = {int: pa.int64(), float: pa.float64(), bool: pa.bool_(), str: pa.string()}
    return pa.schema([(name, types[kind]) for name, kind in columns.items()])


def _opened(part: Path) -> Any:
    """A part with its checksums looked at: a flipped bit is an error, not another number."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(part, page_checksum_verification=True)
    except (pa.ArrowException, OSError) as problem:
        raise StoreError(f"{part} cannot be read: {problem}") from problem


def _told(columns: Columns) -> str:
    return ", ".join(f"{name} ({kind.__name__})" for name, kind in columns.items())
