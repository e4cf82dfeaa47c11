"""A disk that stalls or is full under a closed loop loses nothing without a word."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from loop_runs import finished, looking

from parfocal.plan import Stimulation
from parfocal.react import Pipeline, analyse_again
from parfocal.run import RunState
from parfocal.store import (
    LabelWriter,
    StoreError,
    check,
    list_tables,
    read_labels,
    read_table,
)
from parfocal.wiring import Session

PIPELINE = {"segment": "otsu", "track": "laptrack"}


def test_frames_wait_in_the_store_while_the_disk_stalls_and_none_is_lost(
    prepare: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, put = threading.Event(), LabelWriter.put

    def stalled(self: LabelWriter, *given: Any) -> None:
        disk.wait(60)
        put(self, *given)

    monkeypatch.setattr(LabelWriter, "put", stalled)
    session = prepare(looking(loops=90, interval=0.0, pipeline=PIPELINE))
    session.run.start()
    deadline = time.monotonic() + 60
    while session.run.status().frames_acquired < 90:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    status = session.run.status()
    assert status.state is RunState.FINISHING or status.state is RunState.RUNNING
    assert status.react_deferred >= 20
    assert status.react_queued >= 85
    disk.set()
    assert session.run.wait(90)
    status = session.run.status()
    assert (status.state, status.errors) == (RunState.COMPLETED, ())
    assert (status.react_deferred, status.react_queued) == (0, 0)
    store = session.run.store
    assert check(store).ok
    # what was found in a hurry is what is found without one
    calm = analyse_again(store, Pipeline.model_validate(PIPELINE))
    hurried, again = (
        read_table(store, name).to_pandas().sort_values(["t", "label"]).reset_index(drop=True)
        for name in ("tracks-a", calm.table)
    )
    columns = ["t", "label", "y", "x", "area", "track", "parent"]
    assert hurried[columns].equals(again[columns])
    last = [read_labels(store, "A/1/0", name)[89] for name in ("cells", calm.result)]
    assert np.array_equal(*(labels.read().result() for labels in last))


def test_a_disk_that_takes_no_results_is_told_and_light_is_given_all_the_same(
    prepare: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: LabelWriter, *given: Any) -> None:
        raise StoreError(f"{self.path}: no space left on device")

    monkeypatch.setattr(LabelWriter, "put", full)
    session = prepare(looking(loops=4, light=Stimulation(exposure=5), interval=0.6))
    status = finished(session)
    assert status.state is RunState.COMPLETED
    assert status.stimulations == (4, 0, 0)
    told = {error.message: (error.source, error.count) for error in status.errors}
    assert told == {
        "A/1/0/labels/cells: no space left on device": ("react", 4),
        "A/1/0/labels/light: no space left on device": ("results", 4),
    }
    assert list_tables(session.run.store) == ("stimulations-a", "tracks-a")


def test_a_run_ends_though_its_disk_takes_no_results_any_more(
    prepare: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = threading.Event()
    monkeypatch.setattr(LabelWriter, "put", lambda *_: disk.wait(100))
    for module in ("_loop", "_results"):
        monkeypatch.setattr(f"parfocal.react.{module}.STALLED_S", 0.5)
    light = Stimulation(exposure=5, deadline=1)
    session = prepare(looking(loops=5, interval=0.1, light=light))
    status = finished(session)
    disk.set()
    assert status.state is RunState.COMPLETED
    # two threads analyse, and both wait for the disk then
    assert status.stimulations.fired >= 2
    assert sum(status.stimulations) == 5
    told = [error.message for error in status.errors]
    assert any("the store took no results for" in message for message in told)
    assert any("not analysed any more" in message for message in told)
    assert any("did not take the last results in time" in message for message in told)
