"""A table is whole after every write, and what is in it comes back as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from result_stores import recorded

from parfocal.store import (
    StoreError,
    append_table,
    check,
    list_tables,
    read_table,
    write_table,
)
from parfocal.store import _results_switch as switch
from parfocal.store._layout import STAGING

TRACKS = [
    {"cell": 1, "t": 0, "y": 1.5, "parent": None, "kind": "é", "new": True},
    {"cell": 2, "t": 1, "y": 2, "parent": 1, "kind": "b", "new": False},
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(tmp_path_factory.mktemp("tables") / "cells.ome.zarr")


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(made, tmp_path / "cells.ome.zarr"))


def test_rows_come_back_as_they_were(store: Path) -> None:
    assert write_table(store, "tracks", TRACKS) == 2
    assert read_table(store, "tracks").to_pylist() == TRACKS
    assert read_table(store, "tracks", ["t", "cell"]).to_pylist() == [
        {"t": 0, "cell": 1},
        {"t": 1, "cell": 2},
    ]
    assert list_tables(store) == ("tracks",)
    assert check(store, deep=True).findings == ()
    assert not (store / STAGING).exists()


def test_numbers_of_numpy_are_numbers(store: Path) -> None:
    row = {"a": np.int32(3), "b": np.float32(0.5), "c": np.bool_(True), "d": np.str_("x")}
    write_table(store, "numpy", [row])
    assert read_table(store, "numpy").to_pylist() == [{"a": 3, "b": 0.5, "c": True, "d": "x"}]


def test_rows_are_added_in_order_and_other_programs_see_one_table(store: Path) -> None:
    for number in range(12):
        assert append_table(store, "tracks", [{"n": number, "x": 0.5}]) == 1
    assert append_table(store, "tracks", []) == 0
    assert append_table(store, "tracks", [{"n": 12}]) == 1
    wanted = [{"n": number, "x": 0.5 if number < 12 else None} for number in range(13)]
    assert read_table(store, "tracks").to_pylist() == wanted
    assert pq.read_table(store / "parfocal/tables/tracks").to_pylist() == wanted
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_parquet(store / "parfocal/tables/tracks")
    assert frame["n"].tolist() == list(range(13))


@pytest.fixture(params=["exchange", "two renames"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "two renames":
        monkeypatch.setattr(switch, "exchanged", lambda *_: False)
    return str(request.param)


def test_a_table_is_written_anew_in_one_step(store: Path, way: str) -> None:
    write_table(store, "tracks", TRACKS)
    append_table(store, "tracks", TRACKS)
    write_table(store, "tracks", [{"other": 1}])
    assert read_table(store, "tracks").to_pylist() == [{"other": 1}]
    assert not (store / STAGING).exists()


def test_a_table_may_begin_with_columns_and_no_row(store: Path) -> None:
    write_table(store, "fired", [], columns={"t": int, "why": str})
    assert read_table(store, "fired").to_pylist() == []
    append_table(store, "fired", [{"t": 3}])
    assert read_table(store, "fired").to_pylist() == [{"t": 3, "why": None}]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"cell": 1, "other": 2}, "row 1 for .* has a column 'other'; there are cell .int."),
        ({"cell": "x"}, "row 1 for .* has 'x' in the column 'cell', which is int"),
        ({"cell": 1.5}, "1.5 in the column 'cell'"),
        ({"cell": True}, "True in the column 'cell'"),
    ],
)
def test_a_row_that_does_not_fit_is_named_and_nothing_is_added(
    store: Path, row: dict[str, Any], said: str
) -> None:
    write_table(store, "tracks", [{"cell": 1}])
    for write in (append_table, lambda *all: write_table(*all, columns={"cell": int})):
        with pytest.raises(StoreError, match=said):
            write(store, "tracks", [{"cell": 5}, row])
    assert read_table(store, "tracks").to_pylist() == [{"cell": 1}]
    assert not (store / STAGING).exists()


def test_what_cannot_be_a_table_says_why(store: Path) -> None:
    for name in ("", "../x", "a/b", "latest"):
        with pytest.raises(StoreError, match="cannot be the name of a table"):
            write_table(store, name, TRACKS)
    write_table(store, "Tracks", TRACKS)
    for write in (write_table, append_table):
        with pytest.raises(StoreError, match="there is 'Tracks' already"):
            write(store, "tracks", TRACKS)
    with pytest.raises(StoreError, match="name its columns"):
        write_table(store, "empty", [])
    with pytest.raises(StoreError, match=r"cannot hold \[1\] in the column 'a'"):
        write_table(store, "lists", [{"a": [1]}])
    with pytest.raises(StoreError, match=r"no table 'none'; it has \['Tracks'\]"):
        read_table(store, "none")
    with pytest.raises(StoreError, match="has no column 'z'"):
        read_table(store, "Tracks", ["z"])
    with pytest.raises(StoreError, match="has the columns"):
        append_table(store, "Tracks", TRACKS, columns={"cell": int})


def test_memory_is_a_row_group_however_long_the_table(store: Path) -> None:
    def rows(count: int) -> Iterator[dict[str, Any]]:
        for number in range(count):
            yield {"n": number, "text": f"a row of some length that is not repeated {number}"}

    tracemalloc.start()
    try:
        write_table(store, "long", rows(200_000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 30e6  # all rows would be 80 MB
    file = pq.ParquetFile(store / "parfocal/tables/long/part-000000.parquet")
    assert file.metadata.num_row_groups == 10
    assert read_table(store, "long", ["n"])["n"].to_pylist() == list(range(200_000))


CHILD = """
import sys
from parfocal.store import append_table, write_table
number = 0
while True:
    rows = ({"n": number * 3 + part} for part in range(3))
    if sys.argv[2] == "append":
        append_table(sys.argv[1], "tracks", rows)
    else:
        write_table(sys.argv[1], "tracks", ({"n": n} for n in range(number * 3 + 3)))
    print(number, flush=True)
    number += 1
"""


@pytest.mark.parametrize("kind", ["append", "write"])
def test_a_kill_leaves_every_row_that_was_told(store: Path, kind: str) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(store), kind], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    told = [int(child.stdout.readline()) for _ in range(6)]
    os.kill(child.pid, signal.SIGKILL)
    told += [int(line) for line in child.communicate()[0].splitlines()]
    rows = read_table(store, "tracks")["n"].to_pylist()
    assert rows == list(range(len(rows)))
    assert len(told) * 3 <= len(rows) <= len(told) * 3 + 3
    assert check(store, deep=True).ok
    append_table(store, "tracks", [{"n": -1}])
    assert read_table(store, "tracks")["n"].to_pylist() == [*rows, -1]
    assert not (store / STAGING).exists()


def test_a_kill_between_two_renames_is_put_right_by_the_next_write(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_table(store, "tracks", [{"n": 1}])
    monkeypatch.setattr(switch, "exchanged", lambda *_: False)
    patiently, calls = switch._patiently, []

    class Killed(BaseException):
        pass

    def once(source: Path, target: Path) -> None:
        if calls:
            raise Killed
        calls.append(source)
        patiently(source, target)

    monkeypatch.setattr(switch, "_patiently", once)
    monkeypatch.setattr(
        "parfocal.store._results_staging.Staged.remove", lambda self: os.close(self._descriptor)
    )
    with pytest.raises(Killed):
        write_table(store, "tracks", [{"n": 2}])
    assert list_tables(store) == ()
    monkeypatch.undo()
    write_table(store, "others", [{"n": 3}])
    assert read_table(store, "tracks").to_pylist() == [{"n": 2}]
    assert not (store / STAGING).exists()


def test_a_flipped_bit_is_an_error_and_no_other_number(store: Path) -> None:
    write_table(store, "tracks", [{"n": number * 7919} for number in range(2000)])
    part = store / "parfocal/tables/tracks/part-000000.parquet"
    sound, wanted = part.read_bytes(), read_table(store, "tracks")
    random = np.random.default_rng(5)
    outcomes = []
    for place in random.integers(4, len(sound), 60).tolist():
        flipped = bytearray(sound)
        flipped[place] ^= 1 << int(random.integers(8))
        part.write_bytes(flipped)
        try:
            outcomes.append("same" if read_table(store, "tracks").equals(wanted) else "other")
        except StoreError:
            outcomes.append("refused")
    assert "other" not in outcomes
    assert outcomes.count("refused") > 50  # the rest lies in words of the footer that nobody needs
