"""Look into a store's tables: how long they are, and their first rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parfocal.store._errors import StoreError
from parfocal.store._layout import FRAME_TABLE, MISSING_TABLE, TABLES, whole_path
from parfocal.store._tables import list_tables

OF_THE_RUN = {"frames": FRAME_TABLE, "missing": MISSING_TABLE}
FIRST_ROWS = 200


@dataclass(frozen=True, slots=True)
class TablePreview:
    """A table's name, how many rows it has, its columns, and the first rows."""

    name: str
    count: int
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def preview_tables(store: Path | str, rows: int = FIRST_ROWS) -> tuple[TablePreview, ...]:
    """The tables of the run (`frames`, `missing`), then those of analyses."""
    root = whole_path(store)
    found = [
        _preview(name, [root / file], rows)
        for name, file in OF_THE_RUN.items()
        if (root / file).is_file()
    ]
    for name in list_tables(root):
        found.append(_preview(name, sorted((root / TABLES / name).glob("part-*.parquet")), rows))
    return tuple(found)


def _preview(name: str, files: list[Path], rows: int) -> TablePreview:
    # here and not above: it costs 0.3 s, and only a look at a table needs it
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: tuple[str, ...] = ()
    count, shown = 0, list[tuple[Any, ...]]()
    for file in files:
        try:
            with pq.ParquetFile(file) as opened:
                columns = columns or tuple(opened.schema_arrow.names)
                count += opened.metadata.num_rows
                shown.extend(_rows(opened, columns, rows - len(shown)))
        except (pa.ArrowException, OSError) as problem:
            raise StoreError(f"{file} cannot be read: {problem}") from problem
    return TablePreview(name, count, columns, tuple(shown))


def _rows(opened: Any, columns: tuple[str, ...], most: int) -> Iterator[tuple[Any, ...]]:
    if most <= 0:
        return
    for batch in opened.iter_batches(batch_size=most):
        values = [batch.column(name).to_pylist() for name in columns]
        yield from zip(*values, strict=True)
        return
