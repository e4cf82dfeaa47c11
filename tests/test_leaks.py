"""The stock-taking itself sees what it is there to see."""

from __future__ import annotations

import subprocess
import sys
import threading
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import pytest

import leaks
from leaks import Belongings


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests leak on purpose; nobody need wait for it to go."""
    monkeypatch.setattr(leaks, "PATIENCE_S", 0.05)
    monkeypatch.setattr(leaks, "LOOKS", 1)  # after a thousand tests each takes half a second


def test_nothing_is_reported_where_nothing_was_left() -> None:
    assert Belongings.left_since(Belongings.now()) == []


def test_a_thread_that_still_runs_is_reported() -> None:
    before, stop = Belongings.now(), threading.Event()
    thread = threading.Thread(target=stop.wait, name="forgotten")
    thread.start()
    try:
        assert Belongings.left_since(before) == ["thread forgotten"]
    finally:
        stop.set()
        thread.join()


def test_a_child_process_that_still_runs_is_reported() -> None:
    before = Belongings.now()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert any(
            words.startswith(f"process {child.pid}") for words in Belongings.left_since(before)
        )
        child.communicate()


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="shared memory has no folder here")
def test_a_block_of_shared_memory_is_reported() -> None:
    before, block = Belongings.now(), SharedMemory(create=True, size=16)
    try:
        assert Belongings.left_since(before) == [f"shared memory {block.name}"]
    finally:
        block.close()
        block.unlink()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files have no folder here")
def test_an_open_file_is_reported(tmp_path: Path) -> None:
    before = Belongings.now()
    with (tmp_path / "forgotten").open("w"):
        assert Belongings.left_since(before) == [f"open file {tmp_path / 'forgotten'}"]


def test_a_window_is_reported(qtbot: object) -> None:
    from PyQt6.QtWidgets import QWidget

    before, window = Belongings.now(), QWidget()
    try:
        assert Belongings.left_since(before) == ["window QWidget ''"]
    finally:
        window.deleteLater()
        del window
