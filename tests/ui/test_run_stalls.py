"""The stall probe sees from outside the loop when it stands still, and whose fault that is."""

from __future__ import annotations

import logging
import time

import pytest
from PyQt6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from parfocal.ui import stall_probe
from parfocal.ui.stall_probe import StallProbe, probe_from_environment


def stand_still(seconds: float) -> None:
    """Hold Python's lock only now and then, as a slot that does too much does."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        time.sleep(0.001)


def measured(qtbot: QtBot, seconds: float) -> StallProbe:
    probe = StallProbe()
    probe.start()
    qtbot.wait(100)
    QTimer.singleShot(0, lambda: stand_still(seconds))
    qtbot.wait(100 + round(1000 * seconds))
    probe.stop()
    return probe


def test_a_slot_that_takes_too_long_is_measured_and_its_stack_is_kept(qtbot: QtBot) -> None:
    probe = measured(qtbot, 0.4)
    assert 380 <= probe.worst_ms < 2000
    assert probe.quantile_ms(1.0) >= 380
    worst = max(probe.stalls)
    assert worst.cpu_ms < worst.ms / 2  # it slept
    assert "stand_still" in worst.stack
    assert not worst.ours  # this file is no part of the package


def test_a_stall_of_our_own_code_is_logged_with_its_stack(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(stall_probe, "PACKAGE", __file__)
    with caplog.at_level(logging.WARNING, logger=stall_probe.__name__):
        probe = measured(qtbot, 0.3)
    assert max(probe.stalls).ours
    assert "the window stood still for" in caplog.text
    assert "stand_still" in caplog.text


def test_a_loop_that_only_waits_is_not_ours(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs the loop lies below it on the stack, and it is ours in the real program."""
    monkeypatch.setattr(stall_probe, "PACKAGE", __file__)
    probe = StallProbe(threshold_ms=1.0)  # so that idle moments are looked at too
    probe.start()
    qtbot.wait(400)
    probe.stop()
    assert not [stall for stall in probe.stalls if stall.ours]
    assert probe.beats > 10


@pytest.mark.parametrize(
    ("asked", "threshold"), [("", None), ("0", None), ("no", None), ("1", 100.0), ("60", 60.0)]
)
def test_the_environment_switches_it_on(
    monkeypatch: pytest.MonkeyPatch, asked: str, threshold: float | None, qtbot: QtBot
) -> None:
    monkeypatch.setenv(stall_probe.VARIABLE, asked)
    probe = probe_from_environment()
    assert (None if probe is None else probe.threshold_ms) == threshold


@pytest.mark.soak
def test_2000_frames_at_full_speed_never_hold_the_window_up_with_our_code(qtbot: QtBot) -> None:
    from parfocal.ui.stall_run import measure_stalls

    report = measure_stalls(2000)
    assert report.frames == 2000
    assert report.beats > 50
    told = [f"{one.ms:.0f} ms, {one.cpu_ms:.0f} of work\n{one.stack}" for one in report.ours]
    assert not told, told[0]  # with little work: the machine was busy with something else
