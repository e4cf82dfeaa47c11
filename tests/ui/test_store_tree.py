"""The tree of stores finds what is under projects, never enters a store, and says what is gone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from parfocal.ui.desk import Desk
from parfocal.ui.settings import first_data_folder
from parfocal.ui.store_workspace import StoreWorkspace
from parfocal.ui.store_workspace._node import Node
from parfocal.ui.store_workspace._query import Query
from ui.store_parts import bare, record


@pytest.fixture
def data(desk: Desk) -> Path:
    return desk.settings.values.data_folder


@pytest.fixture
def shown(qtbot: QtBot, desk: Desk) -> Callable[[], StoreWorkspace]:
    def make() -> StoreWorkspace:
        workspace = StoreWorkspace(desk)
        QAbstractItemModelTester(
            workspace.stores.model,
            QAbstractItemModelTester.FailureReportingMode.Warning,
            workspace,
        )
        qtbot.addWidget(workspace)
        workspace.resize(1200, 720)
        workspace.show()
        qtbot.waitUntil(lambda: not workspace.stores.scanning)
        return workspace

    return make


def tree(nodes: list[Node]) -> list[Any]:
    """The names that are shown, folders with what is in them."""
    return [node.name if node.is_store else (node.name, tree(node.shown)) for node in nodes]


def test_folders_stand_before_stores_and_those_without_stores_are_left_out(
    data: Path, shown: Callable[[], StoreWorkspace]
) -> None:
    for place in ("z.zarr", "A.zarr", "tuesday/x.zarr", "monday/late/y.zarr"):
        bare(data / place)
    (data / "empty" / "below").mkdir(parents=True)
    workspace = shown()
    (project,) = workspace.stores.model.projects()
    assert tree(project.shown) == [
        ("monday", [("late", ["y"])]),
        ("tuesday", ["x"]),
        "A",
        "z",
    ]
    assert workspace.list.status.text() == "4 stores"


def test_what_comes_and_goes_is_seen_at_the_next_look_at_the_times(
    qtbot: QtBot, data: Path, shown: Callable[[], StoreWorkspace]
) -> None:
    for place in ("a.zarr", "monday/b.zarr", "monday/c.zarr"):
        bare(data / place)
    workspace = shown()
    (project,) = workspace.stores.model.projects()
    shutil.rmtree(data / "a.zarr")
    shutil.rmtree(data / "monday" / "b.zarr")
    bare(data / "tuesday" / "d.zarr")
    workspace.stores.look_for_changes()
    wanted = [("monday", ["c"]), ("tuesday", ["d"])]
    qtbot.waitUntil(lambda: tree(project.shown) in (wanted, []) or _again(workspace))
    qtbot.waitUntil(lambda: tree(project.shown) == wanted or _again(workspace))
    shutil.rmtree(data / "monday")
    qtbot.waitUntil(lambda: tree(project.shown) == wanted[1:] or _again(workspace))
    assert workspace.stores.model.root.counted == 1


def test_a_store_that_comes_into_a_folder_without_any_is_seen_too(
    qtbot: QtBot, data: Path, shown: Callable[[], StoreWorkspace]
) -> None:
    (data / "monday" / "early").mkdir(parents=True)
    workspace = shown()
    (project,) = workspace.stores.model.projects()
    assert project.shown == []
    bare(data / "monday" / "early" / "a.zarr")
    wanted = [("monday", [("early", ["a"])])]
    qtbot.waitUntil(lambda: tree(project.shown) == wanted or _again(workspace))
    shutil.rmtree(data / "monday" / "early" / "a.zarr")
    qtbot.waitUntil(lambda: project.shown == [] or _again(workspace))


def test_pictures_of_what_was_seen_long_ago_are_let_go(
    qtbot: QtBot,
    data: Path,
    shown: Callable[[], StoreWorkspace],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from parfocal.ui.store_workspace import _looks

    monkeypatch.setattr(_looks, "KEPT", 3)
    paths = [record(data / f"{n}.ome.zarr") for n in range(5)]
    workspace = shown()
    qtbot.waitUntil(lambda: workspace.stores.looks.read >= 5)
    qtbot.waitUntil(lambda: not workspace.stores.looks.working)
    seen = [node.glimpse for path in paths if (node := workspace.stores.model.find(path))]
    assert [one.state for one in seen if one is not None] == ["completed"] * 5
    assert len([one for one in seen if one is not None and one.picture is not None]) == 3


def _again(workspace: StoreWorkspace) -> bool:
    """What the watch does every few seconds."""
    workspace.stores.look_for_changes()
    return False


def test_a_project_that_is_gone_says_so_keeps_its_place_and_comes_back(
    qtbot: QtBot, desk: Desk, data: Path, tmp_path: Path, shown: Callable[[], StoreWorkspace]
) -> None:
    away = tmp_path / "nas" / "2019"
    bare(away / "old.zarr")
    desk.settings.change(store_folders=(away, data))
    workspace = shown()
    model = workspace.stores.model
    assert [node.name for node in model.projects()] == ["2019", "data"]
    (tmp_path / "nas").rename(tmp_path / "unplugged")
    qtbot.waitUntil(lambda: bool(model.projects()[0].problem) or _again(workspace))
    assert [node.name for node in model.projects()] == ["2019", "data"]
    assert model.projects()[0].note.startswith("not there now")
    assert model.projects()[0].shown == []
    (tmp_path / "unplugged").rename(tmp_path / "nas")
    qtbot.waitUntil(lambda: tree(model.projects()[0].shown) == ["old"] or _again(workspace))
    assert model.projects()[0].note == "1 store"


def test_the_folder_that_the_first_run_makes_is_not_taken_for_a_disk_that_is_away(
    qtbot: QtBot,
    desk: Desk,
    tmp_path: Path,
    shown: Callable[[], StoreWorkspace],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "new"))
    folder = first_data_folder()
    desk.settings.change(data_folder=folder)
    workspace = shown()
    (project,) = workspace.stores.model.projects()
    assert (project.path, project.problem, project.note) == (folder, "", "no stores")
    bare(folder / "demo.zarr")
    qtbot.waitUntil(lambda: project.note == "1 store" or _again(workspace))


def test_projects_are_added_moved_and_removed_and_remembered(
    qtbot: QtBot, desk: Desk, data: Path, tmp_path: Path, shown: Callable[[], StoreWorkspace]
) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    bare(first / "a.zarr")
    second.mkdir()
    workspace = shown()
    for folder in (first, second):
        workspace.open_path(folder)
    assert workspace.projects.folders() == (data, first, second)
    qtbot.waitUntil(lambda: not workspace.stores.scanning)
    node = workspace.stores.model.find(second)
    assert node is not None
    assert workspace.list.tree.choose(node)
    assert desk.actions.trigger("edit.move_up")
    assert desk.settings.values.store_folders == (data, second, first)
    assert workspace.list.project() == second  # what was current is so still
    workspace.list.moved.emit(1)
    assert workspace.projects.folders() == (data, first, second)
    workspace.list.remove_button.click()
    assert workspace.projects.folders() == (data, first)
    assert [node.path for node in workspace.stores.model.projects()] == [data, first]
    assert not workspace.projects.can_go(data)  # new experiments go there


def test_a_store_in_a_known_project_is_found_though_it_is_new(
    qtbot: QtBot, data: Path, shown: Callable[[], StoreWorkspace]
) -> None:
    workspace = shown()
    path = record(data / "wednesday" / "new.ome.zarr")
    workspace.open_path(path)
    qtbot.waitUntil(lambda: workspace.list.selected() == path)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ["alpha", "beta", "gamma"]),
        ("ALP", ["alpha"]),
        ("monday a", ["gamma"]),
        ("state:inter", ["beta"]),
        ("state:completed,interrupted", ["alpha", "beta"]),
        ("state:", ["alpha", "beta", "gamma"]),
        ("state:foreign eta", []),
        ("date:1999", ["alpha"]),
        ("date:2026-1", []),
    ],
)
def test_words_states_and_dates_narrow_the_list(typed: str, kept: list[str]) -> None:
    query = Query.parse(typed)
    stores = [
        ("/alpha.ome.zarr", "completed", 946_000_000.0),
        ("/beta.ome.zarr", "interrupted", 0.0),
        ("/monday/gamma.ome.zarr", "foreign", 0.0),
    ]
    names = [place for place, state, modified in stores if query.accepts(place, state, modified)]
    assert [Path(name).name.split(".")[0] for name in names] == kept


def test_a_state_filter_reads_all_states_and_an_order_by_size_all_sizes(
    qtbot: QtBot, data: Path, shown: Callable[[], StoreWorkspace]
) -> None:
    record(data / "whole.ome.zarr")
    record(data / "part.ome.zarr", planes=3)
    for number in range(60):  # out of sight
        bare(data / f"far {number:02}.zarr")
    bare(data / "zz broken.ome.zarr", "{")
    workspace = shown()
    (project,) = workspace.stores.model.projects()
    workspace.list._ask_for_state("damaged")
    assert workspace.list.filter.text() == "state:damaged"
    qtbot.waitUntil(lambda: tree(project.shown) == ["zz broken"])
    workspace.list.filter.setText("state:completed,interrupted")
    qtbot.waitUntil(lambda: tree(project.shown) == ["part", "whole"])
    workspace.stores.arrange(order="size")
    qtbot.waitUntil(lambda: tree(project.shown) == ["whole", "part"])
    workspace.list.filter.clear()
    qtbot.waitUntil(lambda: len(project.shown) == 63)
    assert tree(project.shown)[:2] == ["whole", "part"]
    os.utime(data / "far 07.zarr", (4e9, 4e9))
    workspace.stores.rescan()
    workspace.stores.arrange(order="date")
    qtbot.waitUntil(lambda: not workspace.stores.scanning)
    workspace.stores.arrange(order="date")
    assert tree(project.shown)[0] == "far 07"


def test_a_store_that_comes_while_states_are_filtered_is_read_too(
    qtbot: QtBot, data: Path, shown: Callable[[], StoreWorkspace]
) -> None:
    workspace = shown()
    (project,) = workspace.stores.model.projects()
    workspace.list.filter.setText("state:completed")
    qtbot.waitUntil(lambda: bool(workspace.stores.model.query))
    record(data / "new.ome.zarr")
    bare(data / "theirs.zarr")
    workspace.list.rescan_button.click()
    qtbot.waitUntil(lambda: tree(project.shown) == ["new"])


@pytest.mark.parametrize(
    ("document", "state"),
    [
        ("{", "damaged"),
        ('{"zarr_format": 3, "node_type": "group"}', "foreign"),
        ('{"attributes": {"ome": {"version": "0.5", "multiscales": [{}]}}}', "foreign"),
        ('{"attributes": {"ome": {"version": "0.4", "plate": {"wells": []}}}}', "legacy"),
    ],
)
def test_a_store_of_others_is_told_by_its_root(
    qtbot: QtBot, data: Path, shown: Callable[[], StoreWorkspace], document: str, state: str
) -> None:
    path = bare(data / "theirs.zarr", document)
    workspace = shown()
    node = workspace.stores.model.find(path)
    assert node is not None
    qtbot.waitUntil(lambda: node.state == state)


def test_an_older_layout_is_legacy_and_may_be_migrated(
    qtbot: QtBot, data: Path, shown: Callable[[], StoreWorkspace]
) -> None:
    path = data / "old-scan.zarr"
    (path / "data").mkdir(parents=True)
    (path / ".zgroup").write_text('{"zarr_format": 2}')
    (path / "data" / ".zarray").write_text("{}")
    workspace = shown()
    node = workspace.stores.model.find(path)
    assert node is not None
    qtbot.waitUntil(lambda: node.state == "legacy")
    assert workspace.list.select(path)
    qtbot.waitUntil(lambda: workspace.deeds.entry is not None)
    assert "legacy" in workspace.details.state.text()
    why = workspace.deeds.why_not("store.migrate")
    assert why == "" or f"parfocal migrate {path}" in why
    assert not workspace.row.export_button.isEnabled()
    assert workspace.row.export_button.toolTip() == "It holds no images that can be read."


def test_a_store_of_ours_is_not_migrated_and_the_button_says_why(
    qtbot: QtBot, data: Path, shown: Callable[[], StoreWorkspace]
) -> None:
    path = record(data / "ours.ome.zarr")
    workspace = shown()
    assert workspace.list.select(path)
    qtbot.waitUntil(lambda: workspace.deeds.entry is not None)
    for button in (workspace.row.migrate_button, workspace.row.ingest_button):
        assert not button.isEnabled()
        assert button.toolTip() == "It is one of Parfocal's stores already."
