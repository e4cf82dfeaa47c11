"""A process is known again after the clock was set, and its number alone is not enough."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from parfocal._known_process import KnownProcess, start_of


@pytest.mark.skipif(sys.platform != "linux", reason="there psutil counts on from the boot")
def test_a_living_process_is_known_after_the_clock_was_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = KnownProcess.own()
    earlier = replace(before, start="")  # as an earlier Parfocal wrote it down
    assert before.lives
    assert earlier.lives
    boot = psutil.boot_time()
    # the kernel reckons it back from the clock, and so psutil the start of each process
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: boot + 3600)
    assert psutil.Process().create_time() == pytest.approx(before.started + 3600, abs=1)
    assert not earlier.lives
    assert before.lives
    assert KnownProcess.own().start == before.start


def test_on_windows_everybody_knows_the_process_of_an_administrator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = importlib.util.find_spec("parfocal._known_process")
    assert spec is not None
    assert spec.loader is not None
    there = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(sys, "platform", "win32")
    spec.loader.exec_module(there)
    its_own_words = there.KnownProcess.own()

    def refuse(process: psutil.Process) -> None:
        raise psutil.AccessDenied(process.pid)

    # what psutil tells processes apart by; their start it finds on another way
    monkeypatch.setattr(psutil.Process, "_get_ident", refuse)
    assert its_own_words.lives
    assert not replace(its_own_words, start="1.00").lives


def test_neither_a_corpse_nor_another_process_of_the_number_is_taken_for_it() -> None:
    own = KnownProcess.own()
    assert not replace(own, start=f"{own.start}1").lives
    assert not replace(own, start="", started=1.0).lives
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    known = KnownProcess(child.pid, 0.0, start_of(child.pid))
    assert known.lives
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not known.lives
    child.communicate()
    assert start_of(child.pid) == ""
