"""The wizard brings a rig's data in, from a drop to the report, and the window stays alive."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from convert.bdv_stores import view
from convert.zarr_stores import pixels_of
from parfocal.store import check, info, read_store_metadata
from parfocal.ui.convert_wizard import open_convert_wizard
from parfocal.ui.convert_wizard._wizard import (
    CALIBRATE,
    CHOOSE,
    DESTINATION,
    INSPECT,
    REPORT,
    RUN,
    ConvertWizard,
)
from parfocal.ui.desk import Desk
from parfocal.ui.stall_probe import StallProbe
from ui.keyboard_focus import take_keyboard
from ui.wizard_parts import (
    PATIENCE_MS,
    PLACES,
    VOXEL,
    drop,
    go_on,
    navigate_run,
    open_window,
    wizard_of,
    wizard_with,
)

MOST_MS = 100.0


def shown(table: object, column: int) -> list[str]:
    """The words of a column."""
    model = table.model()  # type: ignore[attr-defined]
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_from_a_dropped_folder_to_the_report(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    """A Navigate experiment as N5: negative step, paths of Windows, a placeholder, a stopped last
    position. The loop that paints the window never stands still for our code."""
    source = navigate_run(tmp_path / "rig" / "cell_004")
    probe = StallProbe(MOST_MS)
    with open_window(desk, qtbot) as window:
        drop(window, source)
        wizard = wizard_of(window, qtbot)
        probe.start()
        qtbot.waitUntil(lambda: len(wizard.history.draft) == 1, timeout=PATIENCE_MS)
        assert wizard.page(CHOOSE).list.item(0).text() == str(source)
        go_on(wizard, qtbot, INSPECT)
        page = wizard.page(INSPECT)
        qtbot.waitUntil(lambda: wizard.inspector.picture(wizard.history.draft.items[0]) is not None)
        assert "Navigate, BDV N5 · 3 fields" in shown(page.table, 1)[0]
        assert "position 2 was never taken" in shown(page.table, 2)[0]
        go_on(wizard, qtbot, CALIBRATE)
        form = wizard.page(CALIBRATE).form
        assert [cell.value() for cell in form.voxel.cells] == pytest.approx(VOXEL)
        assert "Navigate's experiment.yml" in form.voxel.source.text()
        assert shown(form.table, 0) == ["0", "1", "3"]
        assert shown(form.table, 5) == ["—", "—", "5"]
        go_on(wizard, qtbot, DESTINATION)
        plan = wizard.page(DESTINATION).table
        assert shown(plan, 0) == ["cell_004.ome.zarr"]
        assert shown(plan, 2) == ["stored anew, same pixels"]
        assert shown(plan, 4) == ["5 planes"]
        assert wizard.next_button.text() == "&Start"
        wizard.next_button.click()
        qtbot.waitUntil(lambda: wizard.step == RUN, timeout=PATIENCE_MS)
        assert not wizard.steps.buttons[CALIBRATE].isEnabled()
        qtbot.waitUntil(lambda: wizard.step == REPORT, timeout=PATIENCE_MS)
        probe.stop()
        report = wizard.page(REPORT)
        assert shown(report.table, 1) == ["done"]
        assert shown(report.table, 2) == ["every chunk"]
        assert "position 3 lacks 1 of 2 stacks" in report.details.toPlainText()
        assert report.view_button.isEnabled()
        report.copy_button.click()
        line = QGuiApplication.clipboard().text()
        paths: list[Path] = []
        desk.path_requested.connect(paths.append)
        report.show_button.click()
    ours = [f"{one.ms:.0f} ms\n{one.stack}" for one in probe.stalls if one.ours and one.cpu_ms > 50]
    assert not ours, ours[0]
    store = desk.settings.values.data_folder / "cell_004.ome.zarr"
    assert paths == [store]
    facts = info(store)
    assert facts.voxel_size_um == VOXEL
    assert facts.fields == ("0", "1", "3")
    assert facts.origins_um[2][2] == pytest.approx(PLACES[3][0] - 39 / 2 * 0.1)
    assert np.array_equal(pixels_of(store, 0)[0, 1], view(4, 0))
    assert check(store, deep=True).ok
    assert read_store_metadata(store).source_experiment["MicroscopeState"]["step_size"] == -2.5
    # and the command line does the same once more
    store.rename(store.with_name("moved.ome.zarr"))
    subprocess.run(["bash", "-c", line], check=True, capture_output=True)
    assert info(store).origins_um == facts.origins_um


def test_what_is_wrong_can_be_corrected_and_taken_back(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    stack = tmp_path / "denoised.npy"
    np.save(stack, np.random.default_rng(0).integers(0, 60_000, (2, 4, 32, 48), dtype="u2"))
    run = navigate_run(tmp_path / "cell_004")
    with open_window(desk, qtbot) as window:
        wizard = wizard_with(window, qtbot, stack, run)
        go_on(wizard, qtbot, CALIBRATE)
        page = wizard.page(CALIBRATE)
        form = page.form
        assert "guessed" in form.axes_mark.text()
        assert [mark.text() != "" for mark in form.voxel.marks] == [True] * 3
        form.axes.setFocus()
        form.axes.selectAll()
        qtbot.keyClicks(form.axes, "tzyx")
        qtbot.keyClick(form.axes, Qt.Key.Key_Tab)
        qtbot.waitUntil(lambda: not page.obstacle())
        assert "typed here" in form.axes_mark.text()
        form.voxel.cells[0].setValue(2.5)
        qtbot.waitUntil(lambda: not page.obstacle())
        assert wizard.history.draft.items[0].wishes.voxel_um == (2.5, 1.0, 1.0)
        assert [mark.text() for mark in form.voxel.marks] == [""] * 3
        qtbot.keyClick(form.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert wizard.history.draft.items[0].wishes.voxel_um is None
        assert wizard.history.draft.items[0].wishes.axes == "tzyx"
        form.axes.setText("tt")
        form.axes.setModified(True)
        form.axes.editingFinished.emit()
        qtbot.waitUntil(lambda: "are not some of" in form.note.sentence)
        wizard.history.undo()
        qtbot.waitUntil(lambda: form.note.sentence == "")
        # the fields of the other one
        page.list.setCurrentRow(1)
        model = form.positions
        edit, check_role = Qt.ItemDataRole.EditRole, Qt.ItemDataRole.CheckStateRole
        assert model.setData(model.index(1, 1), "-12.5", edit)
        assert not model.setData(model.index(1, 1), "twelve", edit)
        assert model.setData(model.index(2, 0), Qt.CheckState.Unchecked.value, check_role)
        box = form.stage.boxes["z"]
        box.setCurrentIndex(box.findData("-f"))
        box.activated.emit(box.currentIndex())
        qtbot.waitUntil(lambda: not page.obstacle())
        assert float(model.index(0, 1).data()) == -PLACES[0][4]
        assert float(model.index(1, 1).data()) == -12.5
        go_on(wizard, qtbot, DESTINATION)
        wizard.next_button.click()
        qtbot.waitUntil(lambda: wizard.step == REPORT, timeout=PATIENCE_MS)
    folder = desk.settings.values.data_folder
    facts = info(folder / "cell_004.ome.zarr")
    assert facts.fields == ("0", "1")
    assert [origin[0] for origin in facts.origins_um] == [-PLACES[0][4], -12.5]
    assert info(folder / "denoised.ome.zarr").shape == (2, 1, 4, 32, 48)


def test_one_that_cannot_be_read_says_why_and_the_rest_is_brought_in(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("no image")
    np.save(tmp_path / "a.npy", np.ones((2, 16, 16), "u2"))
    with open_window(desk, qtbot) as window:
        wizard = wizard_with(window, qtbot, tmp_path / "notes.txt", tmp_path / "a.npy")
        go_on(wizard, qtbot, INSPECT)
        table = wizard.page(INSPECT).table
        assert "is of no kind that can be converted" in shown(table, 2)[0]
        unticked = table.model().index(0, 0).data(Qt.ItemDataRole.CheckStateRole)
        assert unticked == Qt.CheckState.Unchecked
        go_on(wizard, qtbot, DESTINATION)
        assert shown(wizard.page(DESTINATION).table, 2) == [
            "cannot be converted",
            "stored anew, same pixels",
        ]
        wizard.next_button.click()
        qtbot.waitUntil(lambda: wizard.step == REPORT, timeout=PATIENCE_MS)
    assert info(desk.settings.values.data_folder / "a.ome.zarr").fields


def test_a_folder_of_the_rig_that_is_not_here_is_asked_for(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    run = navigate_run(tmp_path / "disk" / "cell", saved_in=r"\\rig-2\data\gone")
    record = tmp_path / "record" / "experiment.yml"
    record.parent.mkdir()
    (run / "experiment.yml").rename(record)
    with open_window(desk, qtbot) as window:
        wizard = wizard_with(window, qtbot, record)
        go_on(wizard, qtbot, INSPECT)
        assert "has no data beside it" in shown(wizard.page(INSPECT).table, 2)[0]
        wizard.next_button.click()
        page = wizard.page(CALIBRATE)
        field = page.form.data_folder
        assert field.isVisible()
        assert field.placeholderText() == r"\\rig-2\data\gone is not on this computer"
        assert page.obstacle()
        assert wizard.focusWidget() is field
        field.setFocus()
        qtbot.keyClicks(field, str(run))
        qtbot.keyClick(field, Qt.Key.Key_Tab)
        go_on(wizard, qtbot, DESTINATION)
        assert shown(wizard.page(DESTINATION).table, 0) == ["record.ome.zarr"]


def test_a_store_that_is_there_is_not_replaced_unasked(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    np.save(tmp_path / "a.npy", np.ones((2, 16, 16), "u2"))
    (desk.settings.values.data_folder / "a.ome.zarr").mkdir()
    with open_window(desk, qtbot) as window:
        wizard = wizard_with(window, qtbot, tmp_path / "a.npy")
        go_on(wizard, qtbot, CALIBRATE)
        wizard.next_button.click()
        page = wizard.page(DESTINATION)
        qtbot.waitUntil(lambda: "exists already" in page.obstacle(), timeout=PATIENCE_MS)
        assert not wizard.next_button.isEnabled()
        page.overwrite.click()
        assert wizard.next_button.isEnabled()
        page.overwrite.click()
        model = page.table.model()
        assert model.setData(model.index(0, 0), "b", Qt.ItemDataRole.EditRole)
        qtbot.waitUntil(lambda: not page.obstacle(), timeout=PATIENCE_MS)
        page.folder.setText(str(tmp_path / "new" / "folder"))
        page.folder.setModified(True)
        page.folder.editingFinished.emit()
        qtbot.waitUntil(lambda: "will be made" in page.note.sentence, timeout=PATIENCE_MS)
        wizard.next_button.click()
        qtbot.waitUntil(lambda: wizard.step == REPORT, timeout=PATIENCE_MS)
        assert desk.settings.values.convert_folder == tmp_path / "new" / "folder"
    assert info(tmp_path / "new" / "folder" / "b.ome.zarr").fields


def test_choosing_by_list_by_keyboard_and_from_the_last_ones(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    for name in "abc":
        np.save(tmp_path / f"{name}.npy", np.ones((2, 16, 16), "u2"))
    with open_window(desk, qtbot) as window:
        assert desk.actions.trigger("store.ingest")
        wizard = wizard_of(window, qtbot)
        page = wizard.page(CHOOSE)
        assert page.obstacle() == "Choose something first."
        clipboard = QGuiApplication.clipboard()
        clipboard.setText(f'"{tmp_path / "a.npy"}"\n\n  {tmp_path / "b.npy"}\n')
        qtbot.keyClick(page.files_button, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda: len(wizard.history.draft) == 2, timeout=PATIENCE_MS)
        page.add([tmp_path])  # a folder of images: each once
        qtbot.waitUntil(lambda: len(wizard.history.draft) == 3, timeout=PATIENCE_MS)
        page.list.setCurrentRow(0)
        qtbot.keyClick(page.list, Qt.Key.Key_Delete)
        assert len(wizard.history.draft) == 2
        qtbot.keyClick(page.list, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert len(wizard.history.draft) == 3
        names = [item.source.name for item in wizard.history.draft.items]
        assert names == ["a.npy", "b.npy", "c.npy"]
        # closed and opened again it has its draft; the last ones are remembered
        wizard.close()
        assert desk.actions.trigger("store.migrate")
        assert wizard_of(window, qtbot) is wizard
        assert wizard.isVisible()
        assert len(wizard.history.draft) == 3
        assert wizard.windowTitle() == "Migrate a store"
        assert desk.settings.values.recent_sources[0] == tmp_path
        open_convert_wizard(window, [tmp_path / "a.npy"], action="ingest")
        assert window.conversions.wizards == [wizard]


def test_every_control_of_every_page_has_a_name(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    from ui.test_accessible_workspaces import nameless

    run = navigate_run(tmp_path / "cell", saved_in=r"E:\gone")
    np.save(tmp_path / "a.npy", np.ones((2, 16, 16), "u2"))
    with open_window(desk, qtbot) as window:
        wizard = wizard_with(window, qtbot, run, tmp_path / "a.npy")
        for step in (CHOOSE, INSPECT, CALIBRATE, DESTINATION):
            go_on(wizard, qtbot, step)
            QApplication.processEvents()
            assert nameless(wizard) == [], step
            assert len(letters := _letters(wizard)) == len(set(letters)), (step, letters)
            assert _reaches_next(wizard, qtbot), step
        wizard.next_button.click()
        qtbot.waitUntil(lambda: wizard.step == RUN, timeout=PATIENCE_MS)
        for step in (RUN, REPORT):
            qtbot.waitUntil(lambda step=step: wizard.step >= step, timeout=PATIENCE_MS)
            assert nameless(wizard) == [], step
            assert len(letters := _letters(wizard)) == len(set(letters)), (step, letters)


def _letters(wizard: ConvertWizard) -> list[str]:
    """What Alt and a letter do here."""
    widgets = [*wizard.findChildren(QAbstractButton), *wizard.findChildren(QLabel)]
    texts = [one.text() for one in widgets if one.isVisible()]
    return [found[1].lower() for text in texts if (found := re.search(r"(?<!&)&([^&])", text))]


def _reaches_next(wizard: ConvertWizard, qtbot: QtBot) -> bool:
    """Tab leads to the button that goes on, out of every list and table."""
    take_keyboard(qtbot, wizard)
    for _ in range(60):
        focus = wizard.focusWidget()
        if focus is wizard.next_button:
            return True
        qtbot.keyClick(focus or wizard, Qt.Key.Key_Tab)
        if isinstance(wizard.focusWidget(), QLineEdit):
            continue
    return False
