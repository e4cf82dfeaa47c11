"""A run on the demo microscope that looks, lights, and keeps what it found in the store."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from living_cells import PIXEL_UM
from loop_runs import SIDE, finished, looking

from parfocal.plan import Experiment, Phase, Stimulation, Wait
from parfocal.react import Cells, Seen
from parfocal.run import RunRefused, RunState, preflight
from parfocal.scope import Microscope
from parfocal.store import (
    StoreError,
    StoreReader,
    check,
    info,
    list_labels,
    list_tables,
    read_labels,
    read_provenance,
    read_table,
)
from parfocal.wiring import Session, prepare_run


def test_every_planned_stimulation_is_given_through_the_mask_of_its_picture(
    prepare: Callable[..., Session],
) -> None:
    light = Stimulation(exposure=10, stimulator="whole-cell")
    stack = {"range": 4, "step": 2}
    measure = ["shape", {"intensity": {}}]
    pipeline = {"segment": "otsu", "measure": measure, "track": "laptrack"}
    session = prepare(
        looking(
            name="before/after",
            light=light,
            pipeline=pipeline,
            places=2,
            z_plan=stack,
            interval=1.0,
        ),
        Wait(seconds=0.1),
        looking(name="watch", loops=2),
    )
    status = finished(session)
    assert (status.state, status.reason, status.errors) == (RunState.COMPLETED, "", ())
    assert status.stimulations == (10, 0, 0)
    assert (status.react_queued, status.react_deferred) == (0, 0)
    store = session.run.store
    report = check(store, deep=True)
    assert report.ok, [finding.message for finding in report.findings]
    assert list_labels(store) == dict.fromkeys(("A/1/0", "A/1/1"), ("cells", "light"))
    assert list_tables(store) == (
        "stimulations-before_after",
        "tracks-before_after",
        "tracks-watch",
    )
    lights = read_table(store, "stimulations-before_after").to_pandas()
    assert len(lights) == 10
    assert set(lights.outcome) == {"fired"}
    assert (lights.mask_t == lights.t).all()
    assert (lights.exposure_ms == 10).all()
    tracks = read_table(store, "tracks-before_after").to_pandas()
    assert {"t", "p", "y", "x", "track", "parent", "area", "solidity", "mean_DAPI"} <= set(tracks)
    assert not tracks.duplicated(["p", "t", "track"]).any()
    mean = tracks.groupby(["p", "t"]).size()
    assert len(mean) == 10
    assert mean.min() >= 5
    # the mask that fired is the picture's own cells, and the light fell on them to two pixels
    reader = StoreReader(store)
    for p in (0, 1):
        cells = read_labels(store, f"A/1/{p}", "cells")
        fired = read_labels(store, f"A/1/{p}", "light")
        assert tuple(cells.shape) == (7, 1, 3, SIDE, SIDE)
        for t in range(5):
            mask = fired[t, 0, 1].read().result() > 0
            assert np.array_equal(mask, cells[t, 0, 1].read().result() > 0)
            seen = reader.plane((t, p, 1, 1)).astype(int) - reader.plane((t, p, 0, 1))
            lit = seen > 750
            off = np.argwhere(lit).mean(axis=0) - np.argwhere(mask).mean(axis=0)
            assert np.abs(off).max() <= 2
            assert (lit & mask).sum() / lit.sum() > 0.8
    record = read_provenance(store)[-1]
    assert record.action == "closed loop"
    assert record.parameters["pipelines"]["0 before/after"]["segment"] == "otsu"
    assert {part.path for part in record.outputs} >= {
        "A/1/0/labels/cells",
        "parfocal/tables/tracks-watch",
    }


def test_cells_answer_to_the_light_they_got(prepare: Callable[..., Session]) -> None:
    fitc = [{"config": "DAPI", "exposure": 10}, {"config": "FITC", "exposure": 10}]
    pipeline = {"segment": "otsu", "measure": [{"intensity": {"channels": ["FITC"]}}]}

    def brightness(name: str, light: Stimulation | None) -> np.ndarray:
        phase = looking(light=light, pipeline=pipeline, channels=fitc, loops=4)
        session = prepare(phase, name=name)
        assert finished(session).state is RunState.COMPLETED
        tracks = read_table(session.run.store, "tracks-a").to_pandas()
        return np.asarray(tracks.groupby("t").mean_FITC.mean())

    dark = brightness("dark", None)
    lit = brightness("lit", Stimulation(exposure=100, timepoints=[0]))
    again = brightness("again", Stimulation(exposure=100, timepoints=[0]))
    assert lit[0] == dark[0]
    assert (lit[1:] > 1.2 * dark[1:]).all()
    assert np.array_equal(lit, again)  # by the plan alone, never by the clock


def test_in_a_run_that_is_continued_the_cells_keep_their_tracks(
    prepare: Callable[..., Session],
) -> None:
    session = prepare(looking(loops=3, interval=0.2), keep_open=True)
    session.run.start()
    deadline = time.monotonic() + 60
    while session.run.status().state is not RunState.HOLDING:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with pytest.raises(Exception, match="no segmenter 'otsy'"):
        session.run.continue_with([looking(pipeline={"segment": "otsy"})])
    light = Stimulation(exposure=5)
    with pytest.raises(StoreError, match="in a store of its own"):  # it has no channel for light
        session.run.continue_with([looking(name="no", loops=2, light=light)])
    session.run.continue_with([looking(name="b", loops=3, interval=0.2)])
    while session.run.status().event < 6:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    while not session.run.release():  # it does not hold yet
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert session.run.wait(20)
    store = session.run.store
    before, after = (read_table(store, f"tracks-{name}").to_pandas() for name in "ab")
    last, first = set(before[before.t == 2].track), set(after[after.t == 3].track)
    assert len(last & first) >= 0.8 * len(last)
    cells = read_labels(store, "A/1/0", "cells")
    assert all(cells[t].read().result().any() for t in range(6))
    assert session.run.status().errors == ()
    assert check(store).ok


def test_what_is_seen_can_change_the_plan(prepare: Callable[..., Session]) -> None:
    asked: list[int] = []

    def decide(seen: Seen, cells: Cells | None) -> list[Phase] | None:
        asked.append(seen.t)
        assert cells is not None
        assert len(cells) > 5
        if seen.phase == "a" and seen.t == 2:
            return [looking(name="b", loops=2, interval=0.2)]
        return None

    session = prepare(looking(loops=200, interval=0.3), decide=decide)
    status = finished(session)
    assert (status.state, status.errors) == (RunState.COMPLETED, ())
    assert status.revision == 1
    assert 5 <= status.frames_stored < 20
    assert sorted(asked) == list(range(status.frames_stored))
    store = session.run.store
    assert len(set(read_table(store, "tracks-b").to_pandas().t)) == 2
    assert info(store).missing == 0


def test_what_cannot_react_is_refused_before_anything_is_made(
    demo: Microscope, tmp_path: Path, hook: Any
) -> None:
    light = Stimulation(exposure=5)
    refused = {
        "no segmenter 'otsy'": looking(pipeline={"segment": "otsy"}),
        "stimulates by 'front' and its pipeline by 'half-cell'": looking(
            light=Stimulation(exposure=5, stimulator="front"),
            pipeline={"segment": "otsu", "stimulate": "half-cell"},
        ),
        "'spot' needs the metadata 'spot'": looking(light=light, pipeline={"stimulate": "spot"}),
        "looks at the channel 'Cy5', which is not imaged": looking(
            pipeline={"segment": "otsu", "channel": "Cy5"}
        ),
    }
    for sentence, phase in refused.items():
        experiment = Experiment(items=(phase,))
        (finding,) = preflight(experiment, demo, tmp_path / "new.ome.zarr")
        assert (finding.rule, finding.fix) == ("pipeline", "edit-pipeline:a")
        with pytest.raises(RunRefused, match=sentence):
            prepare_run(experiment, demo, tmp_path / "new.ome.zarr", live=False)
    (tmp_path / "plug-ins" / "heavy.py").write_text(
        "class Heavy:\n    def prewarm(self): raise OSError('weights.pt is not there')\n"
        "    def segment(self, image): return image\n"
    )
    experiment = Experiment(items=(looking(pipeline={"segment": "heavy"}),))
    with pytest.raises(Exception, match=r"'heavy' cannot be loaded: OSError: weights\.pt"):
        prepare_run(experiment, demo, tmp_path / "new.ome.zarr", live=False)
    assert not (tmp_path / "new.ome.zarr").exists()
    assert demo.camera().pixel_size_um == PIXEL_UM
