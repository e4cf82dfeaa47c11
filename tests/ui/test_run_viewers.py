"""The viewers that a plan names open when its run begins, and show what it chose for them."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
import useq
from pytestqt.qtbot import QtBot

from parfocal.plan import Experiment, Hold, Phase, View
from parfocal.run import RunState
from parfocal.ui.desk import Desk
from parfocal.viewer import LiveFilter, Selection, ViewerError

PATIENCE_MS = 20_000
OPENING_MS = 60_000


def plan(timepoints: int = 2, interval: float = 0.0, **of_phase: Any) -> Phase:
    sequence = useq.MDASequence(
        time_plan={"interval": interval, "loops": timepoints},
        channels=[{"config": "DAPI", "exposure": 5}, {"config": "FITC", "exposure": 5}],
        stage_positions=[{"x": 0, "y": 0, "name": "left"}, {"x": 90, "y": 0, "name": "right"}],
    )
    return Phase(name="a", sequence=sequence, **of_phase)


def run(desk: Desk, qtbot: QtBot, experiment: Experiment) -> RunState:
    store = desk.settings.values.data_folder / "run.ome.zarr"
    with qtbot.waitSignal(desk.controller.run_finished, timeout=PATIENCE_MS) as finished:
        desk.controller.start(experiment, store)
    # who is opened is found in a task, and that is heard a moment later
    done: list[object] = []
    desk.tasks.quietly("after it", lambda _task: None, on_done=done.append)
    qtbot.waitUntil(lambda: bool(done))
    qtbot.wait(50)
    state = finished.args[0].state
    assert isinstance(state, RunState)
    return state


@pytest.fixture
def opened(open_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, LiveFilter]]:
    """The title and filter of each viewer that would have been opened on a run."""
    asked: list[tuple[str, LiveFilter]] = []

    def note(_session: object, title: str = "", only: LiveFilter | None = None) -> None:
        asked.append((title, only or LiveFilter()))

    monkeypatch.setattr(open_desk.viewers, "open_live", note)
    return asked


def test_a_plan_without_a_word_opens_a_viewer_only_if_a_person_set_so(
    open_desk: Desk, qtbot: QtBot, opened: list[tuple[str, LiveFilter]]
) -> None:
    run(open_desk, qtbot, Experiment(items=(plan(),)))
    assert opened == []
    open_desk.settings.change(viewer_at_start=True)
    open_desk.controller.start(
        Experiment(items=(plan(),)), open_desk.settings.values.data_folder / "b.ome.zarr"
    )
    qtbot.waitUntil(lambda: opened == [("", LiveFilter())], timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not open_desk.controller.busy, timeout=PATIENCE_MS)


def test_each_viewer_of_the_plan_is_opened_with_its_title_and_its_frames(
    open_desk: Desk, qtbot: QtBot, opened: list[tuple[str, LiveFilter]]
) -> None:
    views = (View(viewer="overview"), View(viewer="right side", fields=("right",)))
    said: list[str] = []
    open_desk.viewers.failed.connect(said.append)
    lost = View(viewer="lost", wells=("C/9",))
    run(open_desk, qtbot, Experiment(view=(*views, lost), items=(plan(),)))
    right = Selection(((0, 2),), ((1, 2),), ((0, 2),))
    assert opened == [("overview", LiveFilter()), ("right side", LiveFilter((right,), (2, 2, 2)))]
    assert len(said) == 1
    assert "lost" in said[0]


def test_a_viewer_that_cannot_be_started_is_told_and_the_run_goes_on(
    open_desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parfocal.viewer._host.display_problem", lambda: "there is no display")
    said: list[str] = []
    open_desk.viewers.failed.connect(said.append)
    state = run(open_desk, qtbot, Experiment(view=(View(viewer="overview"),), items=(plan(),)))
    assert state is RunState.COMPLETED
    assert said == ["there is no display"]
    assert len(open_desk.viewers) == 0


def places(desk: Desk, number: int) -> Future[dict[str, Any]]:
    return desk.viewers.rows()[number].viewer.request("displayed")


def test_a_viewer_stays_with_the_field_that_the_plan_chose_and_outlives_the_run(
    open_desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    experiment = Experiment(
        view=(View(viewer="all"), View(viewer="left side", fields=("left",), channels=("FITC",))),
        items=(Hold(message="until both are up"), plan(timepoints=40, interval=0.4)),
    )
    controller, viewers = open_desk.controller, open_desk.viewers
    controller.start(experiment, tmp_path / "data" / "run.ome.zarr")
    qtbot.waitUntil(
        lambda: [status.state for status in viewers.statuses()] == ["ready", "ready"],
        timeout=OPENING_MS,
    )
    assert [row.viewer.title for row in viewers.rows()] == ["all", "left side"]
    controller.release()
    seen: tuple[set[tuple[int, int]], ...] = (set(), set())

    def both_were_shown() -> bool:
        for number, shown in enumerate(seen):
            with contextlib.suppress(ViewerError, TimeoutError):
                where = places(open_desk, number).result(5)["coordinates"]
                shown.add((where["t"], where["p"]))
        return {p for _, p in seen[0]} == {0, 1} and len({t for t, _ in seen[1]}) > 3

    qtbot.waitUntil(both_were_shown, timeout=PATIENCE_MS)
    assert {p for _, p in seen[1]} == {0}
    layers = [places(open_desk, number).result(20)["layers"] for number in (0, 1)]
    assert [layer["visible"] for layer in layers[0]] == [True, True]
    assert [layer["visible"] for layer in layers[1]] == [False, True]
    controller.cancel()
    qtbot.waitUntil(lambda: not controller.busy, timeout=PATIENCE_MS)
    qtbot.wait(300)
    assert len(viewers) == 2, "nothing is closed at the end of a run"
