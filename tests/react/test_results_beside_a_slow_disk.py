"""What a loop finds is kept: light without waiting for the disk, rows whatever measures say."""

from __future__ import annotations

import errno
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from result_stores import recorded
from store_recordings import SHAPE

from parfocal.plan import Index
from parfocal.react import Cells, Results
from parfocal.react import _results as results_module
from parfocal.store import StoreError, append_table, list_tables, read_table

PATIENCE_S = 30.0


def cell(count: int = 1) -> Cells:
    labels = np.zeros((8, 8), np.int32)
    labels[2:4, 2:4] = count
    numbers = np.arange(1, count + 1)
    return Cells(labels, {"label": numbers, **dict.fromkeys(("y", "x", "area"), numbers * 1.0)})


def test_light_is_kept_while_labels_are_laid_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, begun = threading.Event(), threading.Event()

    def stalled(*_given: Any, **_wishes: Any) -> Any:
        begun.set()
        disk.wait(PATIENCE_S)
        raise OSError("the disk is gone")

    monkeypatch.setattr(results_module, "write_labels", stalled)
    errors: list[Exception] = []
    results = Results(lambda: tmp_path, lambda _p, _c: "A/1/0", errors.append)

    def find() -> None:
        with pytest.raises(OSError, match="the disk is gone"):
            results.keep_cells(Index(0, 0, 0, 0), "a", "tracks-a", cell())

    finder = threading.Thread(target=find)
    finder.start()
    assert begun.wait(PATIENCE_S)
    mask = Index(0, 0, 1, 0), np.ones((8, 8), bool)
    lighter = threading.Thread(
        target=lambda: results.keep_lights("stimulations-a", [{"t": 0}], mask)
    )
    lighter.start()
    lighter.join(5.0)
    waited = lighter.is_alive()
    disk.set()
    for thread in (lighter, finder):
        thread.join()
    results.close()
    assert not waited


def test_measures_that_come_later_cost_no_row(tmp_path: Path) -> None:
    """A picture without a cell, whose extractor says nothing; then one with cells and measures."""
    store = recorded(tmp_path / "run.ome.zarr")
    errors: list[Exception] = []
    results = Results(lambda: store, lambda _p, _c: "A/1/0", errors.append)
    nothing = Cells(np.zeros(SHAPE, np.int32), cell(0).table)
    results.keep_cells(Index(0, 0, 0, 0), "a", "tracks-a", nothing)
    found = Cells(np.ones(SHAPE, np.int32), cell().with_columns({"round": np.ones(1)}).table)
    results.keep_cells(Index(1, 0, 0, 0), "a", "tracks-a", found)
    wait_for_rows(store, 1)
    # the table has its columns now: what is measured only later is left out, and that is told
    late = Cells(found.labels, cell().with_columns({"round": np.ones(1), "late": np.ones(1)}).table)
    results.keep_cells(Index(1, 0, 0, 1), "a", "tracks-a", late)
    results.keep_cells(Index(1, 0, 0, 2), "a", "tracks-a", late)
    results.close()
    assert read_table(store, "tracks-a").to_pandas()["round"].tolist() == [1.0] * 3
    (told,) = map(str, errors)
    assert "'late'" in told


def wait_for_rows(store: Path, count: int) -> None:
    end = time.monotonic() + PATIENCE_S
    while "tracks-a" not in list_tables(store) or len(read_table(store, "tracks-a")) < count:
        assert time.monotonic() < end, "no row came"
        time.sleep(0.05)


def results_on_a_full_disk(
    store: Path, times: int, monkeypatch: pytest.MonkeyPatch
) -> tuple[Results, list[Exception]]:
    """A disk that is full for the first so many appends, and what is said of it."""
    left = [times]

    def full(*given: Any, **wishes: Any) -> Any:
        if left[0]:
            left[0] -= 1
            try:
                raise OSError(errno.ENOSPC, "No space left on device")
            except OSError as problem:
                raise StoreError("the table cannot be written") from problem
        return append_table(*given, **wishes)

    monkeypatch.setattr(results_module, "append_table", full)
    monkeypatch.setattr(results_module, "FLUSH_S", 0.05)
    errors: list[Exception] = []
    return Results(lambda: store, lambda _p, _c: "A/1/0", errors.append), errors


def test_rows_that_a_full_disk_refused_are_written_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = recorded(tmp_path / "run.ome.zarr")
    results, errors = results_on_a_full_disk(store, 3, monkeypatch)
    for t in range(20):
        results.keep_lights("stimulations-a", [{"t": t}])
        time.sleep(0.02)
    results.close()
    assert read_table(store, "stimulations-a").column("t").to_pylist() == list(range(20))
    assert [str(error) for error in errors] == ["the table cannot be written"]


def test_rows_that_the_disk_never_took_are_said_to_be_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = recorded(tmp_path / "run.ome.zarr")
    results, errors = results_on_a_full_disk(store, 10_000, monkeypatch)
    results.keep_lights("stimulations-a", [{"t": 0}, {"t": 1}])
    results.close()
    assert str(errors[-1]) == "2 rows of stimulations-a could not be written"
