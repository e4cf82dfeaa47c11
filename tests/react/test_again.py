"""A store is analysed again into a new named result, in as many processes as one likes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import useq

from parfocal.plan import Experiment, Phase
from parfocal.react import Pipeline, ReactError, analyse_again, write_pipeline
from parfocal.scope import open_microscope
from parfocal.store import (
    StoreCancelled,
    check,
    list_labels,
    list_tables,
    read_labels,
    read_provenance,
    read_table,
)
from parfocal.wiring import prepare_run

PIPELINE = Pipeline.model_validate(
    {"segment": "otsu", "measure": ["shape", "intensity"], "track": "laptrack"}
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two fields, two channels, three heights, four timepoints, analysed while it was recorded."""
    microscope = open_microscope("demo", camera_size=(192, 192))
    sequence = useq.MDASequence.model_validate(
        {
            "axis_order": "tpcz",
            "time_plan": {"interval": 0.2, "loops": 4},
            "stage_positions": [(0, 0, 0), (100, 0, 0)],
            "channels": [{"config": "DAPI", "exposure": 10}, {"config": "FITC", "exposure": 5}],
            "z_plan": {"range": 4, "step": 2},
        }
    )
    phase = Phase(name="a", sequence=sequence, pipeline=PIPELINE.as_tree())
    path = tmp_path_factory.mktemp("again") / "run.ome.zarr"
    session = prepare_run(Experiment(items=(phase,)), microscope, path, live=False)
    session.run.execute()
    assert session.run.status().errors == ()
    session.close()
    microscope.close()
    return path


def all_labels(store: Path, name: str) -> np.ndarray:
    fields = [read_labels(store, f"A/1/{p}", name)[...].read().result() for p in (0, 1)]
    return np.stack(fields)


@pytest.mark.parametrize("processes", [1, 2])
def test_the_same_pipeline_finds_what_it_found_in_the_run(store: Path, processes: int) -> None:
    name = f"again-{processes}"
    done = analyse_again(store, PIPELINE, name=name, processes=processes)
    assert np.array_equal(all_labels(store, name), all_labels(store, "cells"))
    live = read_table(store, "tracks-a").to_pandas()
    again = read_table(store, f"tracks-{name}").to_pandas()
    assert set(live.columns) == set(again.columns)
    keys = ["p", "t", "label"]
    same = [c for c in live.columns if c not in ("phase", *keys)]
    left, right = (one.sort_values(keys).reset_index(drop=True) for one in (live, again))
    assert left[keys].equals(right[keys])
    assert np.allclose(left[same], right[same], equal_nan=True)
    assert (done.frames, done.cells) == (8, len(live))
    assert done.tracks == len(live.groupby(["p", "track"]))
    record = read_provenance(store)[-1]
    assert (record.action, record.run) == (name, done.run)
    assert record.parameters["pipeline"] == PIPELINE.as_tree()
    assert [part.path for part in record.inputs] == ["A/1/0", "A/1/1"]
    assert all(part.identity for part in (*record.inputs, *record.outputs))
    assert check(store, deep=True).ok


def test_other_parameters_are_another_result_beside_the_first(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "larger.yaml"
    write_pipeline(Pipeline.model_validate({"segment": {"otsu": {"smallest": 400}}}), file)
    words = ["react", str(store), "--pipeline", str(file), "--json"]
    ran = subprocess.run(
        [sys.executable, "-m", "parfocal", *words], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert said["result"] == "cells-2"
    assert said["frames"] == 8
    assert said["tracks"] == 0
    assert 0 < said["cells"] < len(read_table(store, "tracks-a"))
    assert {"cells", "cells-2"} <= set(list_labels(store)["A/1/0"])
    assert (read_table(store, said["table"]).to_pandas().area >= 400).all()


def test_a_stopped_or_failing_analysis_leaves_nothing(store: Path, tmp_path: Path) -> None:
    labels, tables = list_labels(store), list_tables(store)
    stopped = threading.Event()
    with pytest.raises(StoreCancelled, match="'half' was stopped"):
        analyse_again(
            store, PIPELINE, name="half", cancelled=stopped, progress=lambda *_: stopped.set()
        )
    fails = Pipeline.model_validate(
        {"segment": "otsu", "measure": [{"intensity": {"channels": ["Cy5"]}}]}
    )
    with pytest.raises(ReactError, match="the channel 'Cy5' is to be measured"):
        analyse_again(store, fails, name="fails")
    for wrong, sentence in (
        (Pipeline(), "say how to `segment`"),
        (Pipeline.model_validate({"segment": "otsu", "channel": "Cy5"}), "no channel 'Cy5'"),
    ):
        with pytest.raises(ReactError, match=sentence):
            analyse_again(store, wrong)
    with pytest.raises(ReactError, match="'cells' already"):
        analyse_again(store, PIPELINE, name="cells")
    assert (list_labels(store), list_tables(store)) == (labels, tables)
    assert check(store).ok
