"""Store finds what is under a folder, says what each store holds, and checks it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PyQt6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from parfocal.run import RunState, RunStatus
from parfocal.store import CheckReport, Finding, glance
from parfocal.ui.desk import Desk
from parfocal.ui.store_workspace import StoreWorkspace
from parfocal.ui.store_workspace._findings import verdict
from parfocal.ui.store_workspace._thumbnail import compose, rgb
from parfocal.ui.store_workspace._words import voxel_source_words
from parfocal.ui.tasks import TaskState
from ui.store_parts import record, select


@pytest.fixture
def data(desk: Desk) -> Path:
    return desk.settings.values.data_folder


@pytest.fixture
def open_store(qtbot: QtBot, desk: Desk) -> Callable[[], StoreWorkspace]:
    def make() -> StoreWorkspace:
        workspace = StoreWorkspace(desk)
        qtbot.addWidget(workspace)
        workspace.resize(1200, 720)
        workspace.show()
        return workspace

    return make


def test_an_empty_folder_says_what_to_do(
    qtbot: QtBot, open_store: Callable[[], StoreWorkspace]
) -> None:
    store = open_store()
    qtbot.wait(50)
    assert not store.details.isVisible()
    assert not store.row.view_button.isVisible()


def test_stores_are_found_and_described(
    qtbot: QtBot, data: Path, open_store: Callable[[], StoreWorkspace]
) -> None:
    whole = record(data / "whole.ome.zarr")
    part = record(data / "tuesday" / "part.ome.zarr", planes=3)
    store = open_store()
    select(qtbot, store, whole)
    details = store.details
    assert details.headline.text() == "whole.ome.zarr"
    assert "✓ completed" in details.state.text()
    assert details.fact("Planes") == "8 of 8 planes"
    assert details.fact("Axes") == "t c z y x"
    assert "left, right" in details.fact("Fields")
    assert "#0088ff" in details.fact("Channels")
    assert details.fact("Voxel").startswith("2.000 × 0.500 × 0.500 µm")
    assert details.fact("from")
    entry = store.deeds.entry
    assert entry is not None
    assert len(entry.pictures) == 2
    select(qtbot, store, part)
    assert "⚠ interrupted" in details.state.text()
    assert details.fact("Planes") == "3 of 8 planes · 5 missing"
    assert details.fact("Reason") == "the disk was full"
    assert store.row.view_button.isEnabled()


def test_a_run_that_was_stopped_is_not_shown_like_one_that_broke(
    qtbot: QtBot, data: Path, open_store: Callable[[], StoreWorkspace]
) -> None:
    stopped = record(data / "stopped.ome.zarr", planes=3, ended="cancelled")
    failed = record(data / "failed.ome.zarr", planes=3, ended="failed")
    older = record(data / "older.ome.zarr", planes=3, ended="cancelled")
    document = older / "parfocal/run/zarr.json"
    document.write_text(document.read_text().replace('"ended_as"', '"another_key"'))
    assert [glance(one).state for one in (stopped, failed, older)] == ["interrupted"] * 3
    store = open_store()
    for path, shown in ((failed, "⚠ interrupted"), (older, "⚠ interrupted")):
        select(qtbot, store, path)
        assert shown in store.details.state.text()
        assert store.row.recover_button.isEnabled()
    select(qtbot, store, stopped)
    assert "■ stopped at frame 3 of 8" in store.details.state.text()
    assert "it was stopped" in store.row.recover_button.toolTip()
    (project,) = store.stores.model.projects()
    store.list.filter.setText("state:stopped")
    qtbot.waitUntil(lambda: [node.name for node in project.shown] == ["stopped"])


def test_what_cannot_be_read_is_listed_with_its_problem(
    qtbot: QtBot, data: Path, open_store: Callable[[], StoreWorkspace]
) -> None:
    broken = data / "broken.ome.zarr"
    broken.mkdir()
    (broken / "zarr.json").write_text("{")
    store = open_store()
    select(qtbot, store, broken)
    assert "✗ damaged" in store.details.state.text()
    assert str(broken) in store.details.fact("Problem")
    assert not store.row.view_button.isEnabled()


def test_the_filter_keeps_what_has_the_word(
    qtbot: QtBot, data: Path, open_store: Callable[[], StoreWorkspace]
) -> None:
    for name in ("alpha", "beta"):
        record(data / f"{name}.ome.zarr")
    store = open_store()
    qtbot.waitUntil(lambda: store.stores.model.root.counted == 2)
    store.list.filter.setText("BET")
    (project,) = store.stores.model.projects()
    qtbot.waitUntil(lambda: [node.name for node in project.shown] == ["beta"])
    assert store.list.status.text() == "1 of 2 stores"


def test_a_check_is_a_job_and_its_findings_are_shown(
    qtbot: QtBot, desk: Desk, data: Path, open_store: Callable[[], StoreWorkspace]
) -> None:
    path = record(data / "hurt.ome.zarr")
    shard = max((p for p in (path / "A").rglob("*") if p.is_file()), key=lambda p: p.stat().st_size)
    shard.write_bytes(shard.read_bytes()[:-7])
    store = open_store()
    select(qtbot, store, path)
    store.row.check_button.click()
    qtbot.waitUntil(lambda: desk.tasks.listed()[0].state.final)
    assert desk.tasks.listed()[0].state is TaskState.DONE, desk.tasks.listed()[0].error
    qtbot.waitUntil(store.findings.isVisible)
    assert store.findings.table.rowCount() >= 1
    assert "✗" in store.findings.verdict.text()
    assert "hurt.ome.zarr" in desk.tasks.listed()[0].name
    assert desk.toasts.history[-1].kind == "error"


def test_a_sound_store_passes_its_check(
    qtbot: QtBot, desk: Desk, data: Path, open_store: Callable[[], StoreWorkspace]
) -> None:
    path, other = record(data / "sound.ome.zarr"), record(data / "unchecked.ome.zarr")
    store = open_store()
    select(qtbot, store, path)
    assert desk.actions.trigger("store.check")
    qtbot.waitUntil(store.findings.isVisible)
    assert "nothing wrong; it did not read the pixels" in store.findings.verdict.text()
    assert desk.toasts.history[-1].kind == "ok"
    select(qtbot, store, other)
    assert not store.findings.isVisible()
    select(qtbot, store, path)
    assert store.findings.isVisible()


def test_a_changed_pixel_is_found_by_the_check_that_reads_all_of_them(
    qtbot: QtBot, desk: Desk, data: Path, open_store: Callable[[], StoreWorkspace]
) -> None:
    path = record(data / "flipped.ome.zarr")
    shard = next(p for p in (path / "A/1/0/0/c").rglob("*") if p.is_file())
    pixels = bytearray(shard.read_bytes())
    pixels[20] ^= 0xFF  # of the first chunk; the places of all of them stand at the end
    shard.write_bytes(pixels)
    store = open_store()
    select(qtbot, store, path)
    store.row.check_button.click()
    qtbot.waitUntil(store.findings.isVisible)
    assert "did not read the pixels" in store.findings.verdict.text()
    store.findings.deep_button.click()
    qtbot.waitUntil(lambda: "✗" in store.findings.verdict.text())
    assert store.findings.table.rowCount() >= 1
    assert not store.findings.deep_button.isVisible()
    assert desk.actions.action("store.check_deep").isEnabled()


def test_a_right_click_on_a_store_offers_what_its_menus_do(
    qtbot: QtBot, desk: Desk, data: Path, open_store: Callable[[], StoreWorkspace]
) -> None:
    path = record(data / "one.ome.zarr")
    store = open_store()
    select(qtbot, store, path)
    tree = store.list.tree
    tree.customContextMenuRequested.emit(tree.visualRect(tree.currentIndex()).center())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    offered = [action for action in menu.actions() if not action.isSeparator()]
    assert desk.actions.action("store.view") in offered
    assert desk.actions.action("store.export") in offered
    assert {action.text() for action in offered if action.isEnabled()} >= {"Copy &path"}
    menu.close()


def test_what_a_run_recorded_is_chosen_where_nothing_was(
    qtbot: QtBot,
    desk: Desk,
    data: Path,
    open_store: Callable[[], StoreWorkspace],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = open_store()
    first, second = (record(data / f"{name}.ome.zarr") for name in ("first", "second"))
    for path in (first, second):
        status = RunStatus(state=RunState.COMPLETED, store=path)
        monkeypatch.setattr(desk.controller, "status", lambda status=status: status)
        desk.controller.run_finished.emit(status)
        qtbot.waitUntil(lambda: store.stores.model.root.counted == 2)
        qtbot.waitUntil(lambda: store.list.selected() == first)  # and it stays chosen


def test_the_keyboard_goes_from_the_filter_to_what_it_found(
    qtbot: QtBot, data: Path, open_store: Callable[[], StoreWorkspace]
) -> None:
    alpha = record(data / "alpha.ome.zarr")
    beta = record(data / "beta.ome.zarr")
    store = open_store()
    qtbot.waitUntil(lambda: store.stores.model.root.counted == 2)
    select(qtbot, store, alpha)
    qtbot.keyClicks(store.list.filter, "bet")
    qtbot.keyClick(store.list.filter, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: store.list.selected() == beta)
    assert store.focusWidget() is store.list.tree


def test_the_verdict_counts_in_words() -> None:
    def report(*severities: str) -> CheckReport:
        findings = tuple(Finding("A", "r", s, "m", "f") for s in severities)  # type: ignore[arg-type]
        return CheckReport("error" not in severities, findings)

    assert verdict(report())[0] == "ok"
    assert verdict(report(), deep=True) == (
        "ok",
        "✓ The check read every pixel and found nothing wrong.",
    )
    assert verdict(report("warning")) == ("warn", "⚠ The check found 1 warning.")
    assert verdict(report("error", "warning", "warning")) == (
        "error",
        "✗ The check found 1 error and 2 warnings.",
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("component:A/1/0", "the metadata of A/1/0"),
        ("component_navigate:data", "the Navigate record of data"),
        ("store_file_ome_xml", "the OME-XML of the store"),
        ("store_metadata", "the metadata of the store"),
        ("default", "nowhere: nobody measured it, 1 µm is a guess"),
    ],
)
def test_the_voxel_size_says_in_words_where_it_is_from(source: str, words: str) -> None:
    assert voxel_source_words(source) == words


def test_a_dropped_folder_becomes_a_project_and_a_dropped_store_is_selected(
    qtbot: QtBot, desk: Desk, tmp_path: Path, open_store: Callable[[], StoreWorkspace]
) -> None:
    path = record(tmp_path / "elsewhere" / "found.ome.zarr")
    store = open_store()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier
    entering = QDragEnterEvent(QPoint(5, 5), copy, mime, left, none.NoModifier)
    store.dragEnterEvent(entering)
    assert entering.isAccepted()
    store.dropEvent(QDropEvent(QPointF(5, 5), copy, mime, left, none.NoModifier))
    qtbot.waitUntil(lambda: store.list.selected() == path)
    assert desk.settings.values.store_folders == (path.parent,)
    store.deeds.copy_path()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == str(path)
    store.list.remove_button.click()
    assert desk.settings.values.store_folders == ()


def test_a_store_that_grew_is_read_again(
    qtbot: QtBot, data: Path, open_store: Callable[[], StoreWorkspace]
) -> None:
    store = open_store()
    qtbot.wait(20)
    path = record(data / "new.ome.zarr")
    store.list.rescan_button.click()
    select(qtbot, store, path)
    assert "completed" in store.details.state.text()


def test_pictures_are_laid_over_each_other_in_their_colours() -> None:
    planes = np.zeros((2, 4, 4), np.float32)
    planes[0, 0, 0] = planes[1, 3, 3] = 100
    picture = compose(planes, ("FF0000", "00FF00"))
    assert picture[0, 0].tolist() == [255, 0, 0]
    assert picture[3, 3].tolist() == [0, 255, 0]
    assert rgb("no colour") == rgb("", 0)
