"""An analysis goes on whatever its first pictures hold, and its bad ends leave nothing."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from result_stores import recorded

from parfocal.react import Pipeline, ReactError, analyse_again
from parfocal.store import (
    LabelWriter,
    StoreCancelled,
    StoreError,
    list_labels,
    list_tables,
    read_table,
)

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


SLOW = """
import os, time
from pathlib import Path
import numpy as np

class Slow:
    def segment(self, image):
        began = Path(os.environ["BEGAN"])
        (began / str(time.monotonic_ns())).touch()
        if len(list(began.iterdir())) > 1:  # all but the first
            end = time.monotonic() + 20
            while not (began / "let go").exists() and time.monotonic() < end:
                time.sleep(0.05)
        return np.zeros(image.shape, np.int32)
"""


def test_a_cancel_waits_for_no_picture_and_begins_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = recorded(tmp_path / "run.ome.zarr")
    plug_ins, began = tmp_path / "plug-ins", tmp_path / "began"
    for folder in (plug_ins, began):
        folder.mkdir()
    (plug_ins / "slow.py").write_text(SLOW)
    monkeypatch.setenv("PARFOCAL_PLUGINS", str(plug_ins))
    monkeypatch.setenv("BEGAN", str(began))
    cancelled, ended = threading.Event(), threading.Event()

    def analyse() -> None:
        pipeline = Pipeline.model_validate({"segment": "slow"})
        with pytest.raises(StoreCancelled):
            analyse_again(store, pipeline, processes=2, cancelled=cancelled)
        ended.set()

    thread = threading.Thread(target=analyse)
    thread.start()
    end = time.monotonic() + 60
    while len(list(began.iterdir())) < 2:
        assert time.monotonic() < end
        time.sleep(0.05)
    cancelled.set()
    in_time = ended.wait(5)
    (began / "let go").touch()
    thread.join()
    assert in_time
    assert len(list(began.iterdir())) < 5  # of four pictures, and what lets go
    assert list_labels(store) == {}


def test_a_process_that_is_killed_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = recorded(tmp_path / "run.ome.zarr")
    killed = "import os\nclass Killed:\n    def segment(self, image):\n        os._exit(9)\n"
    (tmp_path / "killed.py").write_text(killed)
    monkeypatch.setenv("PARFOCAL_PLUGINS", str(tmp_path))
    with pytest.raises(ReactError, match="a process that looked at pictures was killed"):
        analyse_again(store, Pipeline.model_validate({"segment": "killed"}), processes=2)
    assert list_labels(store) == {}
