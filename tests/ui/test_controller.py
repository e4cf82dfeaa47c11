"""The controller: nothing blocks the GUI thread, signals arrive in it, and it always lets go."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import useq
from PyQt6.QtCore import QThread
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from parfocal.plan import Experiment, experiment_from_sequence
from parfocal.run import RunState
from parfocal.store import info
from parfocal.ui.controller import AcquisitionController, ControllerError

PATIENCE_MS = 20_000


def experiment(timepoints: int, interval: float = 0.0) -> Experiment:
    sequence = useq.MDASequence(
        time_plan={"interval": interval, "loops": timepoints},
        channels=[{"config": "DAPI", "exposure": 5}],
        stage_positions=[(0, 0, 0), (40, 0, 0)],
    )
    return experiment_from_sequence(sequence, "short")


@pytest.fixture
def unopened(qtbot: QtBot) -> Iterator[AcquisitionController]:
    made = AcquisitionController()
    yield made
    assert made.shutdown(10)


@pytest.fixture
def controller(unopened: AcquisitionController, qtbot: QtBot) -> AcquisitionController:
    with qtbot.waitSignal(unopened.microscope_opened, timeout=PATIENCE_MS):
        unopened.open_microscope()
    return unopened


def reach(qtbot: QtBot, controller: AcquisitionController, state: RunState) -> None:
    def reached() -> bool:
        status = controller.status()
        return status is not None and status.state is state

    qtbot.waitUntil(reached, timeout=PATIENCE_MS)


def test_opening_returns_at_once_and_another_thread_does_it(
    unopened: AcquisitionController, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(unopened.microscope_opened, timeout=PATIENCE_MS) as opened:
        started = time.perf_counter()
        unopened.open_microscope()
        assert time.perf_counter() - started < 0.2
        assert unopened.opening
    assert opened.args == [unopened.microscope]
    assert not unopened.opening
    assert unopened.in_engine(threading.get_ident).result(5) != threading.get_ident()


def test_a_microscope_that_does_not_exist_is_refused_in_a_sentence(
    unopened: AcquisitionController, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(unopened.microscope_failed, timeout=PATIENCE_MS) as failed:
        unopened.open_microscope("nowhere")
    assert "nowhere" in failed.args[0]
    assert unopened.microscope_problem == failed.args[0]
    assert unopened.microscope is None


def test_a_run_goes_from_start_to_a_complete_store(
    controller: AcquisitionController, qtbot: QtBot, tmp_path: Path
) -> None:
    threads: dict[str, QThread | None] = {}

    def note(name: str) -> Callable[[object], None]:
        def heard(_: object) -> None:
            threads[name] = QThread.currentThread()

        return heard

    controller.run_started.connect(note("started"))
    controller.run_finished.connect(note("finished"))
    store = tmp_path / "whole.ome.zarr"
    with qtbot.waitSignal(controller.run_finished, timeout=PATIENCE_MS) as finished:
        controller.start(experiment(5), store)
        assert controller.busy
    app = QApplication.instance()
    assert app is not None
    assert threads == {"started": app.thread(), "finished": app.thread()}
    status = finished.args[0]
    assert status.state is RunState.COMPLETED
    assert status.frames_stored == status.frames_expected == 10
    assert controller.status() == status
    assert not controller.busy
    assert info(store).state == "completed"
    assert controller.latest_frames.offered == 10
    assert controller.field_size_um == (256.0, 256.0)


def test_a_refusal_is_a_sentence_with_the_path_and_leaves_nothing_behind(
    controller: AcquisitionController, qtbot: QtBot, tmp_path: Path
) -> None:
    taken = tmp_path / "taken.ome.zarr"
    taken.mkdir()
    with qtbot.waitSignal(controller.run_refused, timeout=PATIENCE_MS) as refused:
        controller.start(experiment(2), taken)
    assert str(taken) in refused.args[0]
    assert controller.run_problem == refused.args[0]
    assert controller.status() is None
    assert not controller.busy
    assert list(tmp_path.iterdir()) == [taken]
    with qtbot.waitSignal(controller.run_refused, timeout=PATIENCE_MS):
        controller.start(experiment(2), tmp_path / "new" / "folder" / "no-store")
    assert list(tmp_path.iterdir()) == [taken], "the folders made for it are gone again"


def test_without_a_microscope_a_start_is_refused(
    unopened: AcquisitionController, qtbot: QtBot, tmp_path: Path
) -> None:
    with qtbot.waitSignal(unopened.run_refused, timeout=PATIENCE_MS) as refused:
        unopened.start(experiment(2), tmp_path / "never.ome.zarr")
    assert "microscope" in refused.args[0]
    assert list(tmp_path.iterdir()) == []


def test_a_second_start_is_refused_and_the_first_run_goes_on(
    controller: AcquisitionController, qtbot: QtBot, tmp_path: Path
) -> None:
    controller.start(experiment(200, 0.05), tmp_path / "first.ome.zarr")
    with qtbot.waitSignal(controller.run_refused, timeout=PATIENCE_MS):
        controller.start(experiment(2), tmp_path / "second.ome.zarr")
    reach(qtbot, controller, RunState.RUNNING)
    with pytest.raises(ControllerError):
        controller.in_engine(lambda: None).result(0)
    with qtbot.waitSignal(controller.run_finished, timeout=PATIENCE_MS):
        controller.cancel()
    assert not (tmp_path / "second.ome.zarr").exists()


def test_pause_holds_the_frames_and_resume_lets_them_come(
    controller: AcquisitionController, qtbot: QtBot, tmp_path: Path
) -> None:
    controller.start(experiment(30, 0.05), tmp_path / "paused.ome.zarr")
    reach(qtbot, controller, RunState.RUNNING)
    controller.pause()
    reach(qtbot, controller, RunState.PAUSED)
    before = controller.status()
    qtbot.wait(300)
    after = controller.status()
    assert before is not None
    assert after is not None
    assert after.frames_acquired == before.frames_acquired < 60
    with qtbot.waitSignal(controller.run_finished, timeout=PATIENCE_MS) as finished:
        controller.resume()
    assert finished.args[0].state is RunState.COMPLETED
    assert finished.args[0].frames_stored == 60


def test_cancel_answers_within_a_second_and_keeps_what_was_recorded(
    controller: AcquisitionController, qtbot: QtBot, tmp_path: Path
) -> None:
    store = tmp_path / "stopped.ome.zarr"
    controller.start(experiment(100, 30), store)
    qtbot.waitUntil(
        lambda: (status := controller.status()) is not None and status.frames_stored >= 2,
        timeout=PATIENCE_MS,
    )
    started = time.monotonic()
    with qtbot.waitSignal(controller.run_finished, timeout=PATIENCE_MS) as finished:
        controller.cancel("enough")
    assert time.monotonic() - started < 2
    assert finished.args[0].state is RunState.CANCELLED
    assert finished.args[0].reason == "enough"
    assert info(store).acquired == 2


def test_a_cancel_before_the_run_exists_is_not_lost(
    controller: AcquisitionController, qtbot: QtBot, tmp_path: Path
) -> None:
    with qtbot.waitSignal(controller.run_finished, timeout=PATIENCE_MS) as finished:
        controller.start(experiment(100, 30), tmp_path / "never-begun.ome.zarr")
        controller.cancel()
    assert finished.args[0].state is RunState.CANCELLED
    assert finished.args[0].frames_acquired == 0


def test_each_run_is_bound_anew(
    controller: AcquisitionController, qtbot: QtBot, tmp_path: Path
) -> None:
    runs = []
    for name in ("one", "two"):
        with qtbot.waitSignal(controller.run_finished, timeout=PATIENCE_MS):
            controller.start(experiment(1), tmp_path / f"{name}.ome.zarr")
        runs.append(controller.run)
    assert runs[0] is not runs[1]
    assert controller.latest_frames.offered == 2  # the second run's only


def test_the_stage_is_read_in_a_thread_of_its_own_and_never_during_an_exposure(
    controller: AcquisitionController, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: controller.stage() is not None, timeout=PATIENCE_MS)
    microscope = controller.microscope
    assert microscope is not None
    readers: set[int] = set()
    read = microscope.stage

    def watched() -> object:
        readers.add(threading.get_ident())
        return read()

    microscope.stage = watched  # type: ignore[method-assign]
    qtbot.waitUntil(lambda: bool(readers), timeout=PATIENCE_MS)
    assert threading.get_ident() not in readers

    def expose() -> int:
        time.sleep(0.1)  # a read that had begun before is over
        readers.clear()
        time.sleep(0.6)
        return len(readers)

    assert controller.in_engine(expose).result(5) == 0


def test_shutdown_in_mid_run_stops_it_closes_the_store_and_ends_the_threads(
    controller: AcquisitionController, qtbot: QtBot, tmp_path: Path
) -> None:
    store = tmp_path / "left.ome.zarr"
    controller.start(experiment(100, 30), store)
    reach(qtbot, controller, RunState.RUNNING)
    assert controller.shutdown(10)
    assert controller.microscope is None
    assert info(store).state in {"interrupted", "completed"}
    status = controller.status()
    assert status is not None
    assert status.state is RunState.CANCELLED
    with pytest.raises(ControllerError):
        controller.in_engine(lambda: None).result(0)


def test_shutdown_gives_up_on_a_device_that_does_not_answer(
    controller: AcquisitionController, qtbot: QtBot
) -> None:
    answer = threading.Event()
    controller.in_engine(answer.wait)
    started = time.monotonic()
    assert not controller.shutdown(0.5)
    assert time.monotonic() - started < 5
    answer.set()
    assert controller._engine.wait(5000)
