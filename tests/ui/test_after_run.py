"""A completed run gets its levels behind what is done next; nobody hears of it unless it fails."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import useq
from pytestqt.qtbot import QtBot

from parfocal.plan import Experiment, experiment_from_sequence
from parfocal.run import RunState
from parfocal.store import check, info
from parfocal.ui import product_work
from parfocal.ui.desk import Desk
from parfocal.ui.tasks import TaskState

PATIENCE_MS = 20_000


def experiment(timepoints: int, interval: float = 0.0) -> Experiment:
    sequence = useq.MDASequence(
        time_plan={"interval": interval, "loops": timepoints},
        channels=[{"config": "DAPI", "exposure": 5}],
    )
    return experiment_from_sequence(sequence, "short")


def run(desk: Desk, qtbot: QtBot, store: Path, timepoints: int = 3) -> None:
    with qtbot.waitSignal(desk.controller.run_finished, timeout=PATIENCE_MS):
        desk.controller.start(experiment(timepoints), store)


def test_the_levels_come_by_themselves_and_quietly(open_desk: Desk, qtbot: QtBot) -> None:
    store = open_desk.settings.values.data_folder / "a.ome.zarr"
    run(open_desk, qtbot, store)
    qtbot.waitUntil(lambda: open_desk.levels.settled(store), timeout=PATIENCE_MS)
    assert info(store).levels == 2
    assert check(store, deep=True).findings == ()
    assert [task.name for task in open_desk.tasks.listed()] == ["Pyramid of a.ome.zarr"]
    assert [toast.text for toast in open_desk.toasts.history if "yramid" in toast.text] == []


def test_a_stopped_run_gets_none(open_desk: Desk, qtbot: QtBot) -> None:
    store = open_desk.settings.values.data_folder / "a.ome.zarr"
    controller = open_desk.controller
    with qtbot.waitSignal(controller.run_finished, timeout=PATIENCE_MS) as finished:
        controller.start(experiment(1000, 0.05), store)
        qtbot.waitUntil(lambda: (s := controller.status()) is not None and s.frames_stored > 0)
        controller.cancel()
    assert finished.args[0].state is RunState.CANCELLED
    qtbot.wait(50)
    assert open_desk.tasks.listed() == ()


def test_the_next_run_comes_first(
    open_desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = open_desk.settings.values.data_folder
    go = threading.Event()
    make = product_work.write_pyramid

    def when_told(*words: object, **more: object) -> object:
        assert go.wait(20)
        return make(*words, **more)

    monkeypatch.setattr(product_work, "write_pyramid", when_told)
    run(open_desk, qtbot, folder / "a.ome.zarr")
    controller = open_desk.controller
    controller.start(experiment(1000, 0.02), folder / "b.ome.zarr")
    qtbot.waitUntil(lambda: (s := controller.status()) is not None and s.frames_acquired > 2)
    go.set()
    tasks = open_desk.tasks
    qtbot.waitUntil(lambda: "waiting for the run" in tasks.listed()[0].message)
    assert not open_desk.levels.settled(folder / "a.ome.zarr")
    assert info(folder / "a.ome.zarr").levels == 1
    with qtbot.waitSignal(controller.run_finished, timeout=PATIENCE_MS):
        controller.cancel()
    qtbot.waitUntil(lambda: open_desk.levels.settled(folder / "a.ome.zarr"), timeout=PATIENCE_MS)
    assert info(folder / "a.ome.zarr").levels == 2


def test_closing_ends_it_and_leaves_nothing_half_made(
    open_desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = open_desk.settings.values.data_folder
    begun = threading.Event()
    make = product_work.write_pyramid

    def slowly(*words: object, progress: object = None, **more: object) -> object:
        def show(done: float, message: str) -> None:
            begun.set()
            more["cancelled"].wait(0.2)  # type: ignore[attr-defined]
            progress(done, message)  # type: ignore[operator]

        return make(*words, progress=show, **more)

    monkeypatch.setattr(product_work, "write_pyramid", slowly)
    run(open_desk, qtbot, folder / "a.ome.zarr", 40)
    qtbot.waitUntil(begun.is_set, timeout=PATIENCE_MS)
    assert open_desk.tasks.shutdown(1.0)
    assert [entry.name for entry in folder.iterdir()] == ["a.ome.zarr"]
    assert check(folder / "a.ome.zarr", deep=True).ok


def test_a_failure_is_said_and_the_run_stays_complete(
    open_desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = open_desk.settings.values.data_folder
    (folder / "a.ome.zarr.pyramid").write_text("a file is in the way")
    run(open_desk, qtbot, folder / "a.ome.zarr")
    qtbot.waitUntil(lambda: open_desk.levels.settled(folder / "a.ome.zarr"), timeout=PATIENCE_MS)
    assert open_desk.tasks.listed()[0].state is TaskState.FAILED
    qtbot.waitUntil(lambda: any("a.ome.zarr" in t.text for t in open_desk.toasts.history))
    assert info(folder / "a.ome.zarr").state == "completed"
