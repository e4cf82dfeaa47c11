"""Read points, tracks and outlines from a table of a store, in pixels of the image they lie on.

A row is a mark when it has a place: `y` and `x` (and `z`) in pixels and planes of full resolution,
counted from 0 at the middle of the first one, or `y_um` and `x_um` (and `z_um`) in µm from there.
`t` is the timepoint, `p` or `field` the field (its number; `field` may be its name or path).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.store import read_table
from parfocal.viewer._errors import ViewerError

TRACK_COLUMNS = ("track", "track_id", "cell")
FIELD_COLUMNS = ("p", "field")
AXES = ("t", "p", "z", "y", "x")
SHAPE_KINDS = ("polygon", "path", "line", "rectangle", "ellipse")
# scipy counts every number up to the largest: 64-bit names of tracks would take all memory
_SPARE_NUMBERS = 100_000

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FieldsKnown:
    """What a table's marks lie on: each field's names, and the size of a voxel (z, y, x in µm)."""

    fields: tuple[tuple[str, ...], ...]
    voxel_um: tuple[float, float, float]

    def numbers(self) -> dict[str, int]:
        """The fields by each of their names; a name that two of them have is none."""
        names = [(name, number) for number, named in enumerate(self.fields) for name in named]
        found: dict[str, int] = {}
        for name, number in names:
            found[name] = number if found.get(name, number) == number else -1
        return {name: number for name, number in found.items() if number >= 0}


@dataclass(frozen=True, slots=True)
class Marks:
    """A table's marks. `places` has a row for each: t, p, z, y, x; NaN along an axis it lacks.

    `kind` is `points`, `tracks` or `shapes`. `ids` are the tracks or shapes that rows belong to,
    `parents` the tracks that a track came from, `values` the other numbers of each row.
    """

    kind: str
    places: Numbers
    ids: NDArray[np.int64]
    parents: Mapping[tuple[int, int], tuple[int, ...]] = field(default_factory=dict)
    shape_kinds: Mapping[int, str] = field(default_factory=dict)
    values: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    without_place: int = 0

    def of_field(self, p: int | None) -> NDArray[np.bool_]:
        """Which rows belong to a field."""
        return np.asarray(self.places[:, 1] == p)


def read_marks(store: Path, name: str, known: FieldsKnown) -> Marks | None:
    """The marks of a table; None when its rows have no place in a picture."""
    table = read_table(store, name)
    columns = set(table.column_names)
    space = [axis for axis in "yx" if axis in columns or f"{axis}_um" in columns]
    if space != ["y", "x"]:
        return None
    places = np.column_stack(
        [_numbers(table, "t"), _fields(table, name, known), *_space(table, known)]
    )
    kind, id_column = _kind(columns)
    ids = np.arange(len(places)) if id_column is None else _ids(table, id_column, name)
    needed = [1, 3, 4, *([0] if kind == "tracks" else [])]
    placed = np.isfinite(places[:, needed]).all(axis=1) & (ids >= 0)
    if "t" in columns:
        placed &= np.isfinite(places[:, 0]) & (places[:, 0] >= 0)
    taken = {"shape", "parent", "kind", *FIELD_COLUMNS, *"tzyx", "z_um", "y_um", "x_um"}
    return Marks(
        kind,
        places[placed],
        ids[placed],
        _parents(table, placed, places, ids) if kind == "tracks" else {},
        _shape_kinds(table, placed, ids) if kind == "shapes" else {},
        _values(table, columns - taken, placed),
        int((~placed).sum()),
    )


def _kind(columns: set[str]) -> tuple[str, str | None]:
    if "shape" in columns:
        return "shapes", "shape"
    track = next((name for name in TRACK_COLUMNS if name in columns), None)
    return ("tracks", track) if track and "t" in columns else ("points", None)


def _numbers(table: Any, name: str) -> Numbers:
    """A column as floats; NaN where there is no number."""
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan)
    import pyarrow as pa

    column = table[name]
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return np.full(table.num_rows, np.nan)
    return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)


def _space(table: Any, known: FieldsKnown) -> list[Numbers]:
    """z, y, x in pixels; where a table has both, pixels count."""
    found = []
    for axis, voxel in zip("zyx", known.voxel_um, strict=True):
        pixels = axis in table.column_names
        found.append(_numbers(table, axis) if pixels else _numbers(table, f"{axis}_um") / voxel)
    return found


def _fields(table: Any, name: str, known: FieldsKnown) -> Numbers:
    column = next((each for each in FIELD_COLUMNS if each in table.column_names), None)
    if column is None:
        if len(known.fields) > 1:
            raise ViewerError(
                f"the table {name} does not say of which of the {len(known.fields)} fields its"
                " rows are; it needs a column p or field"
            )
        return np.zeros(table.num_rows)
    values = table[column].to_pylist()
    if not any(isinstance(value, str) for value in values):
        numbers = _numbers(table, column)
    else:
        named = known.numbers()
        numbers = np.array([named.get(str(value), np.nan) for value in values], np.float64)
    inside = (numbers >= 0) & (numbers < len(known.fields)) & (numbers == np.floor(numbers))
    return np.where(inside, numbers, np.nan)


def _ids(table: Any, column: str, name: str) -> NDArray[np.int64]:
    """Numbers of tracks or shapes, small ones; -1 where a row has none."""
    values = table[column].to_pylist()
    present = [value for value in values if value is not None]
    if all(type(value) is int for value in present):
        most = max(present, default=0)
        if min(present, default=0) >= 0 and most <= len(values) + _SPARE_NUMBERS:
            return np.array([-1 if value is None else value for value in values], np.int64)
    elif any(isinstance(value, float) for value in present):
        raise ViewerError(f"the column {column} of the table {name} holds no whole numbers")
    order = {value: number for number, value in enumerate(dict.fromkeys(present))}
    return np.array([order.get(value, -1) for value in values], np.int64)


def _parents(
    table: Any, placed: NDArray[np.bool_], places: Numbers, ids: NDArray[np.int64]
) -> dict[tuple[int, int], tuple[int, ...]]:
    """By field and track; a parent that has no row there is none."""
    if "parent" not in table.column_names:
        return {}
    column = next(name for name in TRACK_COLUMNS if name in table.column_names)
    numbers = dict(zip(table[column].to_pylist(), ids.tolist(), strict=True))
    fields = np.where(placed, places[:, 1], -1).astype(int).tolist()
    there = set(zip(fields, ids.tolist(), strict=True))
    found: dict[tuple[int, int], set[int]] = {}
    for p, child, parent in zip(fields, ids.tolist(), table["parent"].to_pylist(), strict=True):
        number = numbers.get(parent)
        if p >= 0 and number is not None and number != child and (p, number) in there:
            found.setdefault((p, child), set()).add(number)
    return {key: tuple(sorted(parents)) for key, parents in found.items()}


def _shape_kinds(table: Any, placed: NDArray[np.bool_], ids: NDArray[np.int64]) -> dict[int, str]:
    if "kind" not in table.column_names:
        return {}
    told = zip(ids.tolist(), table["kind"].to_pylist(), placed.tolist(), strict=True)
    return {number: kind for number, kind, there in told if there and kind in SHAPE_KINDS}


def _values(
    table: Any, names: Sequence[str] | set[str], placed: NDArray[np.bool_]
) -> dict[str, NDArray[Any]]:
    import pyarrow as pa

    kinds = (pa.types.is_integer, pa.types.is_floating)
    numeric = [name for name in sorted(names) if any(is_(table[name].type) for is_ in kinds)]
    return {name: _numbers(table, name)[placed] for name in numeric}
