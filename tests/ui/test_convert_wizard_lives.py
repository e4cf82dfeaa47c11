"""A conversion goes on without its wizard and without the program, and is met again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from parfocal.convert import Batch, BatchItem, ItemState, Wishes, known_batches, start_batch
from parfocal.store import info
from parfocal.ui.convert_wizard._wizard import DESTINATION, REPORT, RUN
from parfocal.ui.desk import Desk
from ui.wizard_parts import (
    PATIENCE_MS,
    forget_all,
    go_on,
    long_stack,
    open_window,
    until_told,
    wizard_of,
    wizard_with,
)

# a conversion gives way to everything else, and so to all that a busy computer does
pytestmark = pytest.mark.timeout(300)
CLOSED_APP = """
import os, signal, sys
from pathlib import Path
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QWidget
from parfocal.ui import MainWindow, application
from parfocal.ui.desk import Desk
from parfocal.ui.settings import Settings

def until(so):
    while not so():
        QTest.qWait(20)

app = application()
home = Path(sys.argv[1])
settings = Settings(home / "settings.json")
settings.change(data_folder=home)
plain = dict.fromkeys(("design", "store"), lambda _desk: QWidget())
window = MainWindow(Desk(settings), plain)
window.show()
until(lambda: window.populated)
window.conversions.open([Path(sys.argv[2])])
until(lambda: window.conversions.wizards)
(wizard,) = window.conversions.wizards
until(lambda: len(wizard.history.draft))
for step in (1, 2, 3, 4):
    until(wizard.next_button.isEnabled)
    wizard.next()
    until(lambda: wizard.step == step)
until(lambda: wizard.watch.last and wizard.watch.last.progress.items[0].done_bytes)
os.kill(wizard.watch.last.progress.pid, signal.SIGSTOP)  # or it might be done before we are
window.close()
sys.exit(0 if window.left_clean else 3)
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return long_stack(tmp_path_factory.mktemp("long") / "long.npy")


def begun(desk: Desk, source: Path, name: str = "long") -> Batch:
    folder = desk.settings.values.data_folder
    often = Wishes(shard_bytes=2**24)  # told of twenty times: a kill at the first is amid
    batch = Batch.create([BatchItem(source, folder / f"{name}.ome.zarr", "ingest", often)])
    start_batch(batch)
    return batch


def worker_amid() -> int:
    """The process of the newest batch, as soon as it has converted something."""
    deadline = time.monotonic() + 60
    while not (now := known_batches()[0]).progress.items[0].done_bytes:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return now.progress.pid


def buttons(desk: Desk) -> dict[str, object]:
    """Those of the last message."""
    return dict(desk.toasts.history[-1].buttons)


def test_closing_the_program_lets_the_conversion_go_on_and_it_is_met_again(
    desk: Desk, qtbot: QtBot, source: Path
) -> None:
    home = desk.settings.values.data_folder
    app = subprocess.run(
        [sys.executable, "-c", CLOSED_APP, str(home), str(source)],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert app.returncode == 0, app.stderr
    (met,) = known_batches()
    try:
        assert met.working
        assert not met.progress.over
        with open_window(desk, qtbot) as window:
            qtbot.waitUntil(lambda: bool(desk.toasts.history), timeout=PATIENCE_MS)
            assert "goes on" in desk.toasts.history[-1].text
            os.kill(met.progress.pid, signal.SIGCONT)
            buttons(desk)["Show"]()  # type: ignore[operator]
            wizard = wizard_of(window, qtbot)
            qtbot.waitUntil(lambda: wizard.step in (RUN, REPORT), timeout=PATIENCE_MS)
            until_told(wizard, qtbot, lambda now: now.progress.over and not now.working)
            qtbot.waitUntil(lambda: wizard.step == REPORT, timeout=PATIENCE_MS)
            assert info(home / "long.ome.zarr").fields
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(met.progress.pid, signal.SIGCONT)


def test_one_that_was_killed_is_offered_and_goes_on_where_it_was(
    desk: Desk, qtbot: QtBot, source: Path
) -> None:
    batch = begun(desk, source)
    deadline = time.monotonic() + 60
    os.kill(worker_amid(), signal.SIGKILL)
    while known_batches()[0].working:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    with open_window(desk, qtbot) as window:
        qtbot.waitUntil(lambda: bool(desk.toasts.history), timeout=PATIENCE_MS)
        assert "was interrupted at" in desk.toasts.history[-1].text
        buttons(desk)["Go on"]()  # type: ignore[operator]
        wizard = wizard_of(window, qtbot)
        over = until_told(wizard, qtbot, lambda now: now.progress.over and not now.working)
        assert over.batch == batch
        assert over.progress.items[0].resumed
        qtbot.waitUntil(lambda: wizard.step == REPORT, timeout=PATIENCE_MS)
        text = wizard.page(REPORT).details.toPlainText()
        assert "gone on with after an interruption" in text


def test_pause_cancel_and_go_on_by_the_run_page(desk: Desk, qtbot: QtBot, source: Path) -> None:
    small = source.with_name("small.npy")
    np.save(small, np.ones((2, 16, 16), "u2"))
    with open_window(desk, qtbot) as window:
        wizard = wizard_with(window, qtbot, source, small)
        go_on(wizard, qtbot, DESTINATION)
        wizard.next_button.click()
        qtbot.waitUntil(lambda: wizard.step == RUN, timeout=PATIENCE_MS)
        page = wizard.page(RUN)
        worker = worker_amid()
        os.kill(worker, signal.SIGSTOP)  # or it might be done before a busy window looks
        try:
            until_told(wizard, qtbot, lambda now: now.progress.items[0].done_bytes)
            page.pause_button.click()
            until_told(wizard, qtbot, lambda now: now.paused)
        finally:
            os.kill(worker, signal.SIGCONT)
        until_told(wizard, qtbot, lambda now: now.progress.items[0].state is ItemState.PAUSED)
        qtbot.waitUntil(lambda: page.pause_button.text() == "&Continue", timeout=PATIENCE_MS)
        paused = page.table.model().index(0, 1)
        qtbot.waitUntil(lambda: paused.data() == "paused", timeout=PATIENCE_MS)
        qtbot.keyPress(page.table, Qt.Key.Key_Control, Qt.KeyboardModifier.ControlModifier)
        page.table.selectRow(0)  # it was chosen before: a Ctrl that is held does not toggle it
        qtbot.keyRelease(page.table, Qt.Key.Key_Control)
        qtbot.waitUntil(page.cancel_button.isEnabled, timeout=PATIENCE_MS)
        page.cancel_button.click()
        until_told(wizard, qtbot, lambda now: now.progress.items[0].state is ItemState.CANCELLED)
        folder = wizard.watch.batch.items[0].destination.parent
        assert not list(folder.glob(".long.ome.zarr.partial-*"))  # as large as what it was made of
        page.pause_button.click()
        until_told(wizard, qtbot, lambda now: now.progress.over and not now.working)
        qtbot.waitUntil(lambda: wizard.step == REPORT, timeout=PATIENCE_MS)
        states = [wizard.page(REPORT).table.model().index(row, 1).data() for row in range(2)]
        assert states == ["cancelled", "done"]
        wizard.back_button.click()
        assert wizard.step == RUN
        assert page.resume_button.isVisible()
        page.resume_button.click()
        done = until_told(wizard, qtbot, lambda now: now.progress.items[0].state is ItemState.DONE)
        assert not done.progress.items[0].resumed
        qtbot.waitUntil(lambda: wizard.step == REPORT, timeout=PATIENCE_MS)


def test_two_windows_on_one_batch_never_do_it_twice(desk: Desk, qtbot: QtBot, source: Path) -> None:
    batch = begun(desk, source)
    with open_window(desk, qtbot) as one, open_window(desk, qtbot) as other:
        watches = [window.conversions.follow(batch) for window in (one, other)]
        for watch in watches:
            watch.start()
        qtbot.waitUntil(
            lambda: all(w.last is not None and not w.starting for w in watches),
            timeout=PATIENCE_MS,
        )
        log = (batch.folder / "worker.log").read_text()
        assert log.count("long.npy -> ") == 1
        one.conversions.show_batch(batch)
        wizard = wizard_of(one, qtbot)
        until_told(wizard, qtbot, lambda now: now.progress.over and not now.working)
        assert (batch.folder / "worker.log").read_text().count("long.npy -> ") == 1


def test_closing_the_wizard_is_no_cancel_and_the_end_is_told(
    desk: Desk, qtbot: QtBot, source: Path
) -> None:
    with open_window(desk, qtbot) as window:
        wizard = wizard_with(window, qtbot, source)
        go_on(wizard, qtbot, DESTINATION)
        wizard.next_button.click()
        qtbot.waitUntil(lambda: wizard.step == RUN, timeout=PATIENCE_MS)
        until_told(wizard, qtbot, lambda now: now.progress.items[0].done_bytes)
        qtbot.keyClick(wizard, Qt.Key.Key_Escape)
        assert window.conversions.wizards == []
        said = desk.toasts.history
        qtbot.waitUntil(lambda: bool(said) and "is done" in said[-1].text, timeout=PATIENCE_MS)
        qtbot.wait(1000)
        assert [one.count for one in said] == [1]
        dict(said[-1].buttons)["Show"]()  # type: ignore[operator]
        again = wizard_of(window, qtbot)
        qtbot.waitUntil(lambda: again.step == REPORT, timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: known_batches()[0].seen, timeout=PATIENCE_MS)
        again.next_button.click()  # bring in more
        assert again.step == 0
        assert again.watch is None
    forget_all(qtbot)


def test_a_worker_that_dies_while_nobody_looks_is_told_at_once(
    desk: Desk, qtbot: QtBot, source: Path
) -> None:
    begun(desk, source)
    with open_window(desk, qtbot):
        said = desk.toasts.history
        qtbot.waitUntil(lambda: bool(said) and "goes on" in said[-1].text, timeout=PATIENCE_MS)
        os.kill(known_batches()[0].progress.pid, signal.SIGKILL)
        qtbot.waitUntil(lambda: "was interrupted at" in said[-1].text, timeout=PATIENCE_MS)
        assert [name for name, _ in said[-1].buttons] == ["Go on", "Show", "Forget"]
        qtbot.wait(600)
        assert [one.count for one in said] == [1, 1]
