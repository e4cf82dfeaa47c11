"""A run that was killed is offered for recovery at the next start: Recover, Later or Forget."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from parfocal.run import Breadcrumb, interrupted_runs, runs_going_on
from parfocal.run._breadcrumb import write_breadcrumb
from parfocal.store import info
from parfocal.ui.desk import Desk
from parfocal.ui.recovery_offer import Interrupted, RecoveryOffer, in_words
from parfocal.ui.tasks import TaskState
from parfocal.ui.toast_stack import ToastStack

PLAN = """
parfocal: 1
name: drug response
items:
  - phase: baseline
    sequence:
      time_plan: {interval: 0.2, loops: 500}
      channels: [{config: DAPI, exposure: 5}]
      stage_positions: [[0, 0, 0]]
"""


@pytest.fixture(scope="module")
def crumb(tmp_path_factory: pytest.TempPathFactory) -> Breadcrumb:
    """What is left of a run whose process was killed in the middle of it."""
    folder = tmp_path_factory.mktemp("killed")
    plan, store = folder / "drug.parfocal.yaml", folder / "drug.ome.zarr"
    plan.write_text(PLAN)
    for one in interrupted_runs():  # a test before may have killed one as well
        one.forget()
    command = [sys.executable, "-m", "parfocal", "acquire", str(plan), "-o", str(store)]
    deadline = time.monotonic() + 90
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            # a shard of it can be read, and its heart has beaten since
            while not any(run.frames_stored for run in runs_going_on() if run.store == store):
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
        finally:
            process.kill()
    (left,) = interrupted_runs()
    left.forget()
    return left


@pytest.fixture
def killed(crumb: Breadcrumb, tmp_path: Path) -> Iterator[Path]:
    """Its store, for one test."""
    store = tmp_path / crumb.store.name
    shutil.copytree(crumb.store, store)
    write_breadcrumb(replace(crumb, store=store))
    yield store
    for one in interrupted_runs():
        one.forget()


def offered(qtbot: QtBot, desk: Desk) -> dict[str, QPushButton]:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 600)
    stack = ToastStack(window, desk.toasts, desk.theme)
    window.show()
    offer = RecoveryOffer(desk, window)
    began = time.perf_counter()
    offer.look()
    assert time.perf_counter() - began < 0.5  # the start waits for nothing of it
    qtbot.waitUntil(lambda: len(stack.cards) == 1, timeout=30_000)
    assert stack.cards[0].toast.sticky
    assert "drug response" in stack.cards[0].toast.text
    return {button.text(): button for button in stack.cards[0].findChildren(QPushButton)}


def test_a_killed_run_is_offered_and_recovered(qtbot: QtBot, desk: Desk, killed: Path) -> None:
    before = info(killed)
    buttons = offered(qtbot, desk)
    assert list(buttons) == ["Recover", "Later", "Forget"]
    text = desk.toasts.history[-1].text
    assert str(killed) in text
    assert f"{before.acquired} of 500 planes" in text
    buttons["Later"].click()
    assert [one.store for one in interrupted_runs()] == [killed]  # the next start offers it again
    offered(qtbot, desk)["Recover"].click()
    qtbot.waitUntil(lambda: desk.tasks.listed()[0].state.final, timeout=20_000)
    assert desk.tasks.listed()[0].state is TaskState.DONE
    assert info(killed).state == "recovered"
    assert interrupted_runs() == ()


def test_a_run_that_is_forgotten_is_not_offered_again(
    qtbot: QtBot, desk: Desk, killed: Path
) -> None:
    offered(qtbot, desk)["Forget"].click()
    qtbot.waitUntil(lambda: interrupted_runs() == ())
    assert info(killed).state != "recovered"  # its store is left as it was


def test_many_are_offered_three_at_a_time(qtbot: QtBot, desk: Desk) -> None:
    runs = tuple(
        Interrupted(Breadcrumb(Path(f"/data/{n}"), f"run {n}", "running", "", 0, 0), 10, n)
        for n in range(5)
    )
    offer = RecoveryOffer(desk, desk)
    offer._offer(runs)
    assert [toast.text for toast in desk.toasts.history] == [in_words(run) for run in runs[:3]]
    assert in_words(runs[2]).endswith("2 of 10 planes are in /data/2, 8 are missing.")
    later = dict(desk.toasts.history[0].buttons)["Later"]
    later()
    assert desk.toasts.history[-1].text == in_words(runs[3])
