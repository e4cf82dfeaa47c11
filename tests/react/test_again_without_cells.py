"""A store is analysed again whatever its first pictures hold, and nothing of a failure stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from result_stores import recorded

from parfocal.react import Pipeline, analyse_again
from parfocal.store import LabelWriter, StoreError, list_labels, list_tables, read_table

LATER = """
import numpy as np

class Later:
    calls = 0
    def segment(self, image):
        type(self).calls += 1
        return np.full(image.shape, int(type(self).calls > 2), np.int32)

class Rounds:
    def measure(self, cells, seen):
        return {"round": np.ones(len(cells))} if len(cells) else {}
"""


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    (tmp_path / "mine.py").write_text(LATER)
    monkeypatch.setenv("PARFOCAL_PLUGINS", str(tmp_path))
    return Pipeline.model_validate({"segment": "later", "measure": "rounds"})


def test_first_pictures_without_cells_hold_nothing_up(tmp_path: Path, pipeline: Pipeline) -> None:
    store = recorded(tmp_path / "run.ome.zarr")
    done = analyse_again(store, pipeline)
    assert (done.frames, done.cells) == (4, 2)
    assert read_table(store, done.table).to_pandas()["round"].tolist() == [1.0, 1.0]


def test_a_disk_that_is_full_at_the_end_leaves_no_table(
    tmp_path: Path, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = recorded(tmp_path / "run.ome.zarr")

    def full(self: LabelWriter, *_given: Any) -> None:
        raise StoreError(f"{self.path}: no space left on device")

    monkeypatch.setattr(LabelWriter, "close", full)
    with pytest.raises(StoreError, match="no space left"):
        analyse_again(store, pipeline)
    assert list_labels(store) == {}
    assert list_tables(store) == ()
