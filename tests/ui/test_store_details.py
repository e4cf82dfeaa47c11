"""The tabs of a store tell its history, its run and its tables when somebody looks at them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QLocale
from PyQt6.QtGui import QGuiApplication, QKeySequence
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from parfocal.store import ChannelEdit, StoreEdit, VoxelEdit, edit_store, write_table
from parfocal.ui.desk import Desk
from parfocal.ui.store_workspace import StoreWorkspace
from parfocal.ui.store_workspace._sheet import Sheet
from parfocal.ui.store_workspace._table_words import cells
from ui.store_parts import plate, record, select
from ui.test_accessible_workspaces import nameless


@pytest.fixture
def data(desk: Desk) -> Path:
    return desk.settings.values.data_folder


@pytest.fixture
def workspace(qtbot: QtBot, desk: Desk) -> StoreWorkspace:
    made = StoreWorkspace(desk)
    qtbot.addWidget(made)
    made.resize(1240, 720)
    made.show()
    return made


def words(sheet: Sheet, row: int) -> list[str]:
    items = (sheet.item(row, column) for column in range(sheet.columnCount()))
    return ["" if item is None else item.text() for item in items]


def test_the_history_is_told_newest_first_and_that_nobody_changed_it(
    qtbot: QtBot, workspace: StoreWorkspace, data: Path
) -> None:
    path = record(data / "cells.ome.zarr")
    edit_store(path, StoreEdit(channels={0: ChannelEdit("Hoechst")}))
    edit_store(path, StoreEdit(voxel=VoxelEdit((2.0, 0.6, 0.6), "measured")))
    select(qtbot, workspace, path)
    tab = workspace.details.provenance
    assert tab.table.rowCount() == 0  # nobody has looked
    workspace.details.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: tab.table.rowCount() == 3)
    assert tab.note.text() == "✓ 3 records; none was changed since it was written."
    assert words(tab.table, 0)[1::2] == [
        "edit",
        "voxel size 2 × 0.5 × 0.5 → 2 × 0.6 × 0.6 (measured)",
    ]
    assert words(tab.table, 1)[3] == "channel name DAPI → Hoechst"
    assert words(tab.table, 2)[1] == "recording"
    assert '"reason": "measured"' in tab.whole.toPlainText()
    log = path / "parfocal/provenance/records.jsonl"
    log.write_text(log.read_text().replace("Hoechst", "DRAQ5"))
    other = record(data / "other.ome.zarr")
    workspace.stores.rescan()
    select(qtbot, workspace, other)
    select(qtbot, workspace, path)
    qtbot.waitUntil(lambda: "was edited" in tab.note.text())
    assert tab.table.rowCount() == 0


def test_the_run_report_says_how_it_ended_and_which_planes_are_missing(
    qtbot: QtBot, workspace: StoreWorkspace, data: Path
) -> None:
    select(qtbot, workspace, record(data / "part.ome.zarr", planes=3))
    tab = workspace.details.run
    workspace.details.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: tab.missing.rowCount() == 5)
    facts = {}
    for row in range(tab.facts.rowCount()):
        label = tab.facts.itemAt(row, tab.facts.ItemRole.LabelRole)
        value = tab.facts.itemAt(row, tab.facts.ItemRole.FieldRole)
        assert label is not None
        assert value is not None
        facts[label.widget().text()] = value.widget().text()  # type: ignore[union-attr]
    assert facts["State"] == "⚠ interrupted"
    assert facts["Reason"] == "the disk was full"
    assert facts["Planes"] == "3 of 8 planes · 5 missing"
    assert "after" in facts["Ended"]
    assert words(tab.missing, 0) == ["left", "1", "DAPI", "0"]
    assert tab.missing_note.text() == "Missing planes: 5"


def test_tables_are_listed_and_their_first_rows_can_be_copied(
    qtbot: QtBot, workspace: StoreWorkspace, data: Path
) -> None:
    path = record(data / "cells.ome.zarr")
    write_table(path, "tracks", ({"track": n, "x": n / 2} for n in range(300)))
    select(qtbot, workspace, path)
    tab = workspace.details.tables
    workspace.details.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: tab.which.count() == 2)
    assert tab.which.itemText(0) == "Frames · 8 rows"
    tab.which.setCurrentIndex(1)
    assert tab.which.currentText() == "tracks · 300 rows, the first 200 are shown"
    assert tab.table.rowCount() == 200
    assert words(tab.table, 3) == ["3", "1.5"]
    tab.table.selectRow(3)
    tab.table.setFocus()
    QTest.keySequence(tab.table, QKeySequence(QKeySequence.StandardKey.Copy))
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == "3\t1.5"


@pytest.fixture
def clock_and_words(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A computer in Berlin, in German."""
    before = QLocale()
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    QLocale.setDefault(QLocale("de_DE"))
    yield
    QLocale.setDefault(before)
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("clock_and_words")
def test_times_of_tables_are_read_by_people_and_copied_for_programs(
    qtbot: QtBot, workspace: StoreWorkspace, data: Path
) -> None:
    path = record(data / "cells.ome.zarr")
    at = "2026-07-01T22:00:05.250+00:00"
    rows = [{"received": 1795909561.759475, "at": at, "exposure_ms": 12.5, "waited_s": 3723.5}]
    write_table(path, "light", [*rows, dict.fromkeys(rows[0])])
    select(qtbot, workspace, path)
    tab = workspace.details.tables
    workspace.details.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: tab.which.count() == 2)
    received = [tab.table.horizontalHeaderItem(n).text() for n in range(5)].index("received")
    assert all(words(tab.table, row)[received].count(":") == 2 for row in range(8))
    tab.which.setCurrentIndex(1)
    assert words(tab.table, 0) == [
        "29.11.2026 00:46:01,759",
        "02.07.2026 00:00:05,250",
        "12,5 ms",
        "1 h 02 min 3,5 s",
    ]
    assert words(tab.table, 1) == [""] * 4
    tab.table.selectRow(0)
    tab.table.setFocus()
    QTest.keySequence(tab.table, QKeySequence(QKeySequence.StandardKey.Copy))
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text().split("\t") == [
        "2026-11-29T00:46:01.759475+01:00",
        "2026-07-02T00:00:05.250000+02:00",
        "12.5",
        "3723.5",
    ]


@pytest.mark.parametrize(
    ("name", "values", "shown"),
    [
        ("received", [12.0], ["12"]),  # no moment of ours
        ("received", [1.8e9, "yesterday"], ["1800000000.000", "yesterday"]),
        ("at", ["2026-11-29T00:46:01"], ["2026-11-29T00:46:01"]),  # by whose clock?
        ("waited_s", [9.61e-05, float("nan"), None], ["0.0961 ms", "nan", ""]),
        ("runner_time_ms", [61_250.0, -1500.0], ["1 min 1.25 s", "-1.5 s"]),
        ("crc32c", [3051010305, 2.5e9], ["3051010305", "2500000000.000"]),
        ("speed_um_per_s", [0.5], ["0.5"]),
        ("rate_per_ms", [3.0], ["3"]),
        ("speed_um_s", [0.5], ["0.5"]),
        ("at", ["0001-01-01T00:00:00+12:00"], ["0001-01-01T00:00:00+12:00"]),  # before any clock
    ],
)
def test_what_is_no_time_is_shown_as_it_is(
    name: str, values: list[object], shown: list[str]
) -> None:
    assert [cell.shown for cell in cells(name, values)] == shown


def test_conflicting_sources_of_the_voxel_size_are_all_told(
    qtbot: QtBot, workspace: StoreWorkspace, data: Path
) -> None:
    path = record(data / "cells.ome.zarr")
    file = path / "A/1/1/zarr.json"
    file.write_text(file.read_text().replace("0.5", "0.7"))
    select(qtbot, workspace, path)
    assert workspace.details.fact("from") == "the metadata of A/1/0"
    conflicts = workspace.details.fact("Conflicts")
    assert "⚠" in conflicts
    assert "A/1/1" in conflicts
    assert "0.7" in conflicts


def test_a_store_without_a_history_says_so(
    qtbot: QtBot, workspace: StoreWorkspace, data: Path
) -> None:
    import shutil

    path = record(data / "theirs.ome.zarr")
    shutil.rmtree(path / "parfocal")
    select(qtbot, workspace, path)
    details = workspace.details
    for tab, said in (
        (details.provenance, "Nobody wrote down"),
        (details.run, "did not record this store"),
        (details.tables, "has no tables"),
    ):
        details.tabs.setCurrentWidget(tab)
        qtbot.waitUntil(lambda tab=tab, said=said: said in tab.note.text())


def test_every_control_of_every_tab_has_a_name(
    qtbot: QtBot, workspace: StoreWorkspace, data: Path
) -> None:
    select(qtbot, workspace, plate(data / "plate.ome.zarr", 2, 3))
    for number in range(workspace.details.tabs.count()):
        workspace.details.tabs.setCurrentIndex(number)
        qtbot.wait(100)
        assert nameless(workspace) == [], workspace.details.tabs.tabText(number)
