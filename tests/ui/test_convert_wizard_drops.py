"""What is dropped finds its place, and a source that asks for something is answered in its page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from pytestqt.qtbot import QtBot

from parfocal.ui.convert_wizard._dropped import sort_dropped
from parfocal.ui.convert_wizard._wizard import CALIBRATE, DESTINATION, INSPECT
from parfocal.ui.desk import Desk
from parfocal.ui.store_workspace import StoreWorkspace
from ui.shell_parts import plain_workspaces
from ui.wizard_parts import (
    PATIENCE_MS,
    drop,
    go_on,
    navigate_run,
    open_window,
    wizard_of,
    wizard_with,
)


@pytest.fixture
def things(tmp_path: Path) -> dict[str, Path]:
    """One of each: by the name of what it is."""
    found = {
        "plan": tmp_path / "a.parfocal.yaml",
        "store": tmp_path / "b.ome.zarr",
        "project": tmp_path / "project",
        "stack": tmp_path / "c.npy",
        "stacks": tmp_path / "stacks",
        "nothing": tmp_path / "empty",
    }
    found["plan"].write_text("name: a")
    for folder in (found["store"], found["project"] / "d.ome.zarr", found["nothing"]):
        folder.mkdir(parents=True)
    found["stacks"].mkdir()
    for file in (found["stack"], found["stacks"] / "e.npy"):
        np.save(file, np.ones((2, 16, 16), "u2"))
    found["run"] = navigate_run(tmp_path / "run")
    found["record"] = found["run"] / "experiment.yml"
    return found


def test_plans_and_stores_open_as_before_and_foreign_data_go_to_the_wizard(
    things: dict[str, Path],
) -> None:
    found = sort_dropped(tuple(things.values()))
    names = {path: name for name, path in things.items()}
    assert [names[path] for path in found.known] == ["plan", "store", "project", "nothing"]
    assert [names[path] for path in found.foreign] == ["stack", "stacks", "run", "record"]


def test_a_drop_on_the_store_workspace_is_sorted_too(
    desk: Desk, qtbot: QtBot, things: dict[str, Path]
) -> None:
    spaces = {**plain_workspaces(), "store": StoreWorkspace}
    with open_window(desk, qtbot, spaces) as window:
        store = window.show_workspace("store")
        assert isinstance(store, StoreWorkspace)
        drop(store, things["run"], things["project"])
        wizard = wizard_of(window, qtbot)
        qtbot.waitUntil(lambda: len(wizard.history.draft) == 1, timeout=PATIENCE_MS)
        assert wizard.history.draft.items[0].source == things["run"]
        assert desk.settings.values.store_folders == (things["project"],)


@pytest.mark.parametrize("action", ["ingest", "migrate"])
def test_the_store_that_is_looked_at_is_taken_when_it_is_a_foreign_one(
    desk: Desk, qtbot: QtBot, things: dict[str, Path], action: str
) -> None:
    foreign, own = things["store"], things["project"] / "d.ome.zarr"
    (foreign / ".zgroup").write_text('{"zarr_format": 2}')
    (own / "parfocal" / "run").mkdir(parents=True)
    for file in (own / "zarr.json", own / "parfocal" / "run" / "zarr.json"):
        file.write_text("{}")
    with open_window(desk, qtbot) as window:
        desk.chosen_store = lambda: own
        assert desk.actions.trigger(f"store.{action}")
        wizard = wizard_of(window, qtbot)
        assert len(wizard.history.draft) == 0
        desk.chosen_store = lambda: foreign
        assert desk.actions.trigger(f"store.{action}")
        qtbot.waitUntil(lambda: len(wizard.history.draft) == 1, timeout=PATIENCE_MS)
        assert wizard.history.draft.items[0].source == foreign


def test_a_set_of_files_that_is_not_whole_can_be_accepted(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "plate"
    folder.mkdir()
    for site in (1, 2):
        for channel in (1, 2):
            if (site, channel) != (2, 2):
                name = f"x_A01_s{site}_w{channel}.tif"
                tifffile.imwrite(folder / name, np.ones((16, 16), "u2"))
    with open_window(desk, qtbot) as window:
        wizard = wizard_with(window, qtbot, folder)
        go_on(wizard, qtbot, INSPECT)
        notes = wizard.page(INSPECT).table.model().index(0, 2).data()
        assert "is not complete" in notes
        assert "--accept-partial" not in notes
        wizard.next_button.click()
        form = wizard.page(CALIBRATE).form
        form.options.partial.click()
        go_on(wizard, qtbot, DESTINATION)
        assert wizard.history.draft.items[0].wishes.options == {"accept_partial": True}
        plan = wizard.page(DESTINATION).table.model()
        assert plan.index(0, 2).data() == "stored anew, same pixels"
        assert plan.index(0, 4).data() == "1 plane"
        wizard.history.undo()
        qtbot.waitUntil(lambda: bool(wizard.page(DESTINATION).obstacle()), timeout=PATIENCE_MS)
