"""A pipeline is tried on one picture: what it finds is told, and nothing that hangs holds it up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from living_cells import Dish
from loop_runs import SIDE, bright, finished, looking

from parfocal.plan import Stimulation
from parfocal.react import ReactError, picture_of_store, try_pipeline
from parfocal.wiring import Session

PICTURE = {"DAPI": Dish(SIDE).picture(0)}


def test_cells_mask_and_times_are_those_of_the_pipeline() -> None:
    pipeline = {"segment": "otsu", "measure": "shape", "track": "laptrack"}
    steps: list[str] = []
    phase = looking(pipeline=pipeline, light=Stimulation(exposure=5, stimulator="half-cell"))
    trial = try_pipeline(phase, PICTURE, pixel_um=0.5, progress=steps.append)
    assert trial is not None
    assert trial.cells is not None
    assert trial.mask is not None
    assert (trial.channel, trial.picture) == ("DAPI", PICTURE["DAPI"])
    assert len(trial.cells) >= 5
    assert {"solidity", "track"} <= set(trial.cells.table)
    lit = np.count_nonzero(trial.mask)
    assert 0 < lit < np.count_nonzero(trial.cells.labels)
    assert [one.step for one in trial.took] == [
        "finding cells",
        "following cells",
        "making the mask",
    ]
    assert trial.seconds == sum(one.seconds for one in trial.took)
    assert steps[0] == "loading the parts"
    dark = try_pipeline(looking(pipeline=pipeline), PICTURE)
    assert dark is not None
    assert dark.mask is None, "there is no light"


def test_what_raises_or_does_not_fit_is_a_sentence(hook: Any) -> None:
    def raises(_image: Any) -> Any:
        raise ValueError("no cell likes this picture.")

    hook.do = raises
    with pytest.raises(ReactError, match="segmenter 'mine': ValueError: no cell likes"):
        try_pipeline(looking(pipeline={"segment": "mine"}), PICTURE)
    for pipeline, planes, why in (
        ({"segment": {"otsu": {"smoth": 2}}}, PICTURE, "no key 'smoth'"),
        ({"segment": "otsu"}, {}, "looks at the first channel, and the picture has none"),
        ({"segment": "otsu", "channel": "DAPI"}, {"GFP": PICTURE["DAPI"]}, "picture has GFP"),
    ):
        with pytest.raises(ReactError, match=why):
            try_pipeline(looking(pipeline=pipeline), planes)


def test_what_hangs_is_left_behind_by_its_patience_or_by_a_cancel(hook: Any) -> None:
    gate, cancelled = threading.Event(), threading.Event()

    def hangs(image: Any) -> Any:
        gate.wait(60)
        return bright(image)

    hook.do = hangs
    with pytest.raises(ReactError, match=r"not come back within 0\.2 s .* while finding cells"):
        try_pipeline(looking(pipeline={"segment": "mine", "give_up": 0.2}), PICTURE)
    threading.Timer(0.3, cancelled.set).start()
    began = time.perf_counter()
    assert try_pipeline(looking(pipeline={"segment": "mine"}), PICTURE, cancelled=cancelled) is None
    assert time.perf_counter() - began < 1.3
    gate.set()


def test_the_picture_of_a_store_is_found_by_field_and_timepoint(
    prepare: Callable[..., Session], tmp_path: Path
) -> None:
    session = prepare(looking(loops=2, interval=0.1, places=2, pipeline={"segment": "otsu"}))
    finished(session)
    session.close()
    first = picture_of_store(session.run.store)
    assert (list(first.planes), first.timepoints, first.fields) == (["DAPI"], 2, 2)
    assert first.pixel_um == pytest.approx(0.5, rel=0.5)
    other = picture_of_store(session.run.store, 1, 1)
    assert not np.array_equal(first.planes["DAPI"], other.planes["DAPI"])
    trial = try_pipeline(looking(), first.planes, pixel_um=first.pixel_um)
    assert trial is not None
    with pytest.raises(ReactError, match="no picture of field 0 at timepoint 7"):
        picture_of_store(session.run.store, 7)
