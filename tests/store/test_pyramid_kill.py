"""A pyramid that is killed leaves a valid store, and the next attempt ends where it would have."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyramid_stores import recorded, tree
from store_recordings import grid

from parfocal.store import StoreError, check, write_pyramid

VICTIM = """
import sys, time
from parfocal.store import write_pyramid
print("ready", flush=True)
write_pyramid(sys.argv[1], progress=lambda done, message: time.sleep(0.004))
"""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("killed") / "cells.ome.zarr"
    return recorded(path, grid(t=12, p=2, z=3), shape=(800, 800))


@pytest.fixture(scope="module")
def finished(original: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    whole = shutil.copytree(original, tmp_path_factory.mktemp("whole") / original.name)
    write_pyramid(whole)
    return tree(whole)


def begun(store: Path) -> subprocess.Popen[str]:
    victim = subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(store)], stdout=subprocess.PIPE, text=True
    )
    assert victim.stdout is not None
    assert victim.stdout.readline() == "ready\n"
    victim.stdout.close()
    return victim


@pytest.mark.parametrize("moment", [0.1, 0.4, 0.7])
def test_after_a_kill_the_store_is_valid_and_the_next_attempt_completes_it(
    original: Path, finished: dict[str, str], tmp_path: Path, moment: float
) -> None:
    store = Path(shutil.copytree(original, tmp_path / original.name))
    for _ in range(2):  # the second attempt goes on, and is killed as well
        victim = begun(store)
        time.sleep(moment)
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait()
        assert check(store, deep=True).findings == ()
    write_pyramid(store)
    assert tree(store) == finished
    assert [entry.name for entry in tmp_path.iterdir()] == [store.name]


def test_two_at_once_are_refused(original: Path, finished: dict[str, str], tmp_path: Path) -> None:
    store = Path(shutil.copytree(original, tmp_path / original.name))
    victim = begun(store)
    try:
        deadline = time.monotonic() + 10
        while not store.with_name(f"{store.name}.pyramid").exists():
            assert time.monotonic() < deadline
            time.sleep(0.005)
        with pytest.raises(StoreError, match="is being made right now"):
            write_pyramid(store)
    finally:
        victim.wait(30)
    assert tree(store) == finished


def test_ctrl_c_ends_the_verb_within_a_second_and_leaves_no_half(
    original: Path, tmp_path: Path
) -> None:
    store = Path(shutil.copytree(original, tmp_path / original.name))
    slow = VICTIM.replace("from parfocal.store import write_pyramid", SLOW_VERB).split("print(")[0]
    verb = subprocess.Popen(
        [sys.executable, "-c", slow, "pyramid", str(store), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while not store.with_name(f"{store.name}.pyramid").exists():
        assert verb.poll() is None, verb.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    began = time.monotonic()
    verb.send_signal(signal.SIGINT)
    out, err = verb.communicate(timeout=20)
    assert time.monotonic() - began < 2  # 1 s, and the interpreter's own end
    assert (verb.returncode, out) == (1, "")
    assert err.startswith("parfocal: ")
    assert err.endswith("was cancelled\n")
    assert check(store, deep=True).findings == ()
    assert [entry.name for entry in tmp_path.iterdir()] == [store.name]


SLOW_VERB = """
from parfocal.cli import run_verb
from parfocal.store import _progress
advance = _progress.Course.advance
def slowly(course, amount):
    time.sleep(0.05)
    advance(course, amount)
_progress.Course.advance = slowly
sys.exit(run_verb(sys.argv[1:]))
"""
