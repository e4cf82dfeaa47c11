"""A viewer that waits is taken by the next window, fits its surroundings, and outlives nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from parfocal.viewer import Viewer, _waiting, keep_one_waiting, let_waiting_go
from parfocal.viewer._waiting import _antechamber
from viewer.cells import record
from viewer.waiting import eventually
from viewer.windowless import gone

# A program that is killed, and a sibling that was forked and holds its end of the pipe
PARENT = """
import os, time
from parfocal.viewer import keep_one_waiting
from parfocal.viewer._waiting import _antechamber
keep_one_waiting()
sibling = os.fork()
if not sibling:
    time.sleep(120)
    os._exit(0)
print(_antechamber._waiting.pid, sibling, flush=True)
time.sleep(120)
"""
ENDS = """
from parfocal.viewer import keep_one_waiting
from parfocal.viewer._waiting import _antechamber
keep_one_waiting()
print(_antechamber._waiting.pid)
"""


@pytest.fixture(autouse=True)
def nobody_waits_after_it() -> Iterator[None]:
    yield
    let_waiting_go()
    _antechamber._given_up = False


def waiting() -> psutil.Process:
    assert keep_one_waiting()
    assert _antechamber._waiting is not None
    return psutil.Process(_antechamber._waiting.pid)


def test_the_next_window_takes_the_one_that_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = record(tmp_path / "cells.ome.zarr")
    monkeypatch.setenv("MARK", "before")
    stale = waiting()
    assert keep_one_waiting()
    assert waiting() == stale  # there is one only
    monkeypatch.setenv("MARK", "after")
    viewer = Viewer("taken")
    viewer.start(store)  # what waited has other surroundings than a window would have now
    assert gone(stale)
    assert viewer.status().pid != stale.pid
    viewer.close()
    one, viewer = waiting(), Viewer("taken")
    viewer.start(store)
    try:
        assert viewer.status().pid == one.pid
        assert viewer.request("displayed", timeout=60).result()["text"].startswith("Pos000")
        assert viewer.log == ""
    finally:
        viewer.close()
    assert gone(one)


def test_one_that_waits_ends_with_its_program(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as up:
        assert up.stdout is not None
        pid, sibling = map(int, up.stdout.readline().split())
        child = psutil.Process(pid)
        up.kill()
        assert eventually(lambda: gone(child))
    os.kill(sibling, signal.SIGKILL)
    done = subprocess.run([sys.executable, "-c", ENDS], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    assert not psutil.pid_exists(int(done.stdout))


def test_one_that_cannot_wait_is_not_started_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started = []

    def fails(*words: str) -> subprocess.Popen[bytes]:
        started.append(words)
        return subprocess.Popen([sys.executable, "-c", "raise SystemExit(1)"])

    monkeypatch.setattr(_waiting, "start_child", fails)
    first = waiting()
    assert eventually(lambda: gone(first))
    assert not keep_one_waiting()
    assert not keep_one_waiting()
    assert started == [("waiting", str(os.getpid()))]


def test_one_that_is_begun_by_hand_says_so_in_a_sentence() -> None:
    for words in (["waiting"], ["waiting", "x"]):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "parfocal", "--child=viewer", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 2
        assert done.stderr == "parfocal: the viewer child takes no arguments, not 'waiting'\n"
