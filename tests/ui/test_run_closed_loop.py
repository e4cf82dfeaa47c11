"""A run from the window analyses its pictures and gives light, and Run says how that goes."""

from __future__ import annotations

from pathlib import Path

import pytest
import useq
from pytestqt.qtbot import QtBot

from parfocal.plan import Experiment, Phase, Stimulation
from parfocal.run import RunState, RunStatus, Stimulations
from parfocal.store import list_labels, read_table
from parfocal.ui.desk import Desk
from parfocal.ui.run_workspace import RunWorkspace
from parfocal.ui.run_workspace._numbers import Numbers
from parfocal.ui.theme import Theme

PATIENCE_MS = 60_000
ROWS = ("queue", "loop", "analysed", "latency", "light")
STUMBLES = """
class Stumbles:
    seen = 0

    def segment(self, image):
        Stumbles.seen += 1
        if Stumbles.seen == 2:
            raise ValueError("no cell likes this picture")
        return (image > 500).astype(int)
"""


def phase(name: str, **values: object) -> Phase:
    sequence = useq.MDASequence(
        time_plan={"interval": 0.2, "loops": 3},  # type: ignore[arg-type] # pydantic casts it
        channels=({"config": "DAPI", "exposure": 5},),  # type: ignore[arg-type]
    )
    return Phase(name=name, sequence=sequence, **values)  # type: ignore[arg-type]


def visible(numbers: Numbers) -> list[str]:
    form = numbers._form
    return [name for name in ROWS if form.isRowVisible(getattr(numbers, name))]


def test_a_run_from_the_window_finds_cells_gives_light_and_says_so(
    qtbot: QtBot, open_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARFOCAL_PROFILES", str(tmp_path / "profiles"))
    folder = tmp_path / "plug-ins"
    folder.mkdir()
    (folder / "stumbles.py").write_text(STUMBLES)
    monkeypatch.setenv("PARFOCAL_PLUGINS", str(folder))
    controller = open_desk.controller
    workspace = RunWorkspace(open_desk)
    qtbot.addWidget(workspace)
    workspace.resize(1190, 700)
    workspace.show()
    microscope = controller.microscope
    assert microscope is not None
    assert microscope.projector is not None
    controller.in_engine(microscope.projector.calibrate).result(60)
    light = Stimulation(exposure=5, deadline=30)
    items = (
        phase("light", stimulate=light, pipeline={"segment": "otsu"}),
        phase("watch", pipeline={"segment": "stumbles"}),
    )
    store = tmp_path / "data" / "loop.ome.zarr"
    with qtbot.waitSignal(controller.run_finished, timeout=PATIENCE_MS):
        controller.start(Experiment(name="loop", items=items), store)
    status = controller.status()
    assert status is not None
    assert status.state is RunState.COMPLETED
    assert status.stimulations == (3, 0, 0)
    assert (status.react_analysed, status.react_failed) == (5, 1)
    assert status.react_latency_ms is not None
    assert list_labels(store) == {"A/1/0": ("cells", "light")}
    assert set(read_table(store, "stimulations-light").to_pandas().outcome) == {"fired"}
    workspace.refresh(status)
    numbers = workspace.numbers
    assert numbers.loop.text() == "queue 0 · deferred 0"
    assert numbers.analysed.text() == "5 · 1 failed"
    assert numbers.light.text() == "3 fired · 0 fallback · 0 skipped"
    assert numbers.latency.text().endswith(")")
    assert visible(numbers) == list(ROWS)
    assert status.light == ((0, "fired"), (1, "fired"), (2, "fired"))
    strip = workspace.strip.strip
    assert strip.outcomes == ("fired",)
    assert strip.words_of(1).endswith("; light given")
    assert strip.words_of(4).endswith("imaging, due at 0.8 s")
    assert [error.source for error in status.errors] == ["react"]
    assert "no cell likes this picture" in status.errors[0].sentence
    assert numbers.errors.text() == "1 – show…"


def test_a_plan_without_a_pipeline_has_no_figures_of_the_loop(qtbot: QtBot) -> None:
    numbers = Numbers(Theme())
    qtbot.addWidget(numbers)
    assert visible(numbers) == []
    busy = RunStatus(
        react_queue_limit=60,
        react_queued=3,
        react_deferred=1,
        react_latency_ms=120,
        react_latency_p95_ms=300,
        stimulations=Stimulations(4, 1, 2),
    )
    numbers.show_status(busy)
    assert visible(numbers) == list(ROWS)
    assert numbers.loop.text() == "queue 3 · deferred 1"
    assert numbers.latency.text() == "0.12 s (p95 0.30)"
    assert numbers.light.text() == "4 fired · 1 fallback · 2 skipped"
    numbers.show_status(RunStatus())
    assert visible(numbers) == []
