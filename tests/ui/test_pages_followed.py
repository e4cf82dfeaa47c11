"""Who does in the real window what the pages say, by the names on them, gets what they promise."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from parfocal.cli._old_store import write_old_store
from parfocal.store import check, info
from parfocal.ui import MainWindow
from parfocal.ui.convert_wizard._wizard import DESTINATION, REPORT, ConvertWizard
from parfocal.ui.desk import Desk
from ui.followed import PATIENCE_MS, bold, button, choose, press, slanted, steps_of
from ui.wizard_parts import drop, forget_all, wizard_of


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """What the guide offers to who has no old store."""
    made = tmp_path / "old" / "scan.zarr"
    made.parent.mkdir()
    write_old_store(made)
    return made


@pytest.fixture
def window(desk: Desk, qtbot: QtBot) -> MainWindow:
    """The whole window as at a first start."""
    made = MainWindow(desk, prepare=(desk.open_last_microscope,))
    qtbot.addWidget(made)
    made.settled.connect(made.first_steps.begin)
    with qtbot.waitSignal(made.settled, timeout=PATIENCE_MS):
        made.show()
    return made


@pytest.mark.timeout(240)
def test_first_run_and_migrate_old_stores_are_true(
    old: Path, window: MainWindow, desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, look, folder = steps_of("start/first-run.md", "Three steps")
    steps = window.first_steps
    qtbot.waitUntil(lambda: desk.controller.microscope is not None, timeout=PATIENCE_MS)
    press(window, bold(run)[0], qtbot)
    assert window.workspace == slanted(run)[0].lower() == "run"
    qtbot.waitUntil(lambda: steps.steps[0].done, timeout=PATIENCE_MS)
    demo = desk.settings.values.data_folder / "demo.ome.zarr"
    assert check(demo).ok

    press(window, bold(look)[0], qtbot)
    qtbot.waitUntil(lambda: steps.steps[1].done, timeout=PATIENCE_MS)
    assert [str(one.state) for one in desk.viewers.statuses_of(demo)] == ["ready"]

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(demo.parent))
    press(window, bold(folder)[0], qtbot)
    assert steps.steps[2].done
    assert window.workspace == slanted(folder)[0].lower() == "store"
    steps.close_button.click()
    choose(window, "Help → First steps")
    assert button(window, bold(run)[0]).isVisible()
    steps.close()

    migrated = _migrated(window, qtbot, old)
    assert migrated == demo.parent / "scan.ome.zarr"
    assert info(migrated).voxel_size_um == (2.0, 0.5, 0.5)
    assert check(migrated, deep=True).ok
    window.conversions.close()
    forget_all(qtbot)


def _migrated(window: MainWindow, qtbot: QtBot, old: Path) -> Path:
    """What became of an old store by the steps of the guide."""
    take, ask, plan, report = steps_of("guides/migrate-old-stores.md", "In the window")
    drop(window, old)
    qtbot.waitUntil(lambda: window.workspace == slanted(take)[0].lower(), timeout=PATIENCE_MS)
    press(window, bold(take)[0], qtbot)
    wizard = wizard_of(window, qtbot)
    _go_on(wizard, qtbot, bold(ask)[0], to=slanted(ask)[0])
    form = wizard.page(wizard.step).form
    assert all(cell.accessibleName().endswith("guessed") for cell in form.voxel.cells)
    for cell, size in zip(form.voxel.cells, (2.0, 0.5, 0.5), strict=True):
        cell.setValue(size)
    _go_on(wizard, qtbot, bold(ask)[0], to=slanted(plan)[0])
    assert wizard.step == DESTINATION
    press(wizard, bold(plan)[0], qtbot)
    qtbot.waitUntil(lambda: wizard.step == REPORT, timeout=PATIENCE_MS)
    assert _name_of(wizard) == slanted(report)[0]
    view, show = bold(report)
    assert button(wizard, view).isEnabled()
    made: list[Path] = []
    window.desk.path_requested.connect(made.append)
    press(wizard, show, qtbot)
    return made[0]


def _go_on(wizard: ConvertWizard, qtbot: QtBot, words: str, *, to: str) -> None:
    while _name_of(wizard) != to:
        before = wizard.step
        press(wizard, words, qtbot)
        assert wizard.step > before
    qtbot.waitUntil(lambda: not wizard.page(wizard.step).obstacle(), timeout=PATIENCE_MS)


def _name_of(wizard: ConvertWizard) -> str:
    """Of the page that is shown, as the steps at the left call it."""
    return wizard.steps.buttons[wizard.step].text().split()[-1]
