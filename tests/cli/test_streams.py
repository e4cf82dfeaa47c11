"""What the verbs print arrives, or its absence is said: no traceback, whatever becomes of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from parfocal.cli import run_verb
from parfocal.cli._dispatch import Outcome, _report
from parfocal.cli._long_work import long_work
from parfocal.store import _check

PARFOCAL = f"{sys.executable} -m parfocal"


def in_a_shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="asks a shell and /dev/full")
def test_a_reader_that_leaves_a_full_disk_and_no_streams(tmp_path: Path):
    (tmp_path / "plan.yaml").write_text("time_plan: {interval: 0, loops: 2000}\n")
    show = f"{PARFOCAL} plan show plan.yaml --json"
    left = in_a_shell(f"{show} | head -c 1", tmp_path)
    assert (left.returncode, left.stdout, left.stderr) == (0, "{", "")
    full = in_a_shell(f"{show} > /dev/full", tmp_path)
    assert (full.returncode, full.stderr) == (
        1,
        "parfocal: the result cannot be printed: No space left on device\n",
    )
    closed = in_a_shell(f"{show} >&- 2>&-", tmp_path)
    assert closed.returncode == 0
    assert in_a_shell(f"{PARFOCAL} plan show none.yaml >&- 2>&-", tmp_path).returncode == 1
    (tmp_path / "hold.yaml").write_text(
        "parfocal: 1\nitems: [hold: now, {phase: a, sequence: {}}]\n"
    )
    unasked = in_a_shell(f"{PARFOCAL} acquire hold.yaml -o a.ome.zarr <&-", tmp_path)
    assert (unasked.returncode, unasked.stderr.count("\n")) == (1, 1)
    assert "there is no terminal" in unasked.stderr


def test_json_has_no_nan(capsys: pytest.CaptureFixture[str]):
    value = {"a": [float("nan"), 1.5], "b": (float("inf"), {"c": -float("inf")})}
    assert _report(lambda: Outcome(value), as_json=True) == 0
    assert json.loads(capsys.readouterr().out) == {"a": [None, 1.5], "b": [None, {"c": None}]}


@pytest.mark.parametrize("verb", ["info", "check", "view"])
def test_what_the_system_refuses_is_one_sentence(verb: str, capsys: pytest.CaptureFixture[str]):
    assert run_verb([verb, "x" * 300]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith("parfocal: ")
    assert "File name too long" in said.err


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
def test_ctrl_c_while_the_libraries_are_imported_is_one_word():
    # the verb's import is where the second before a run goes
    code = (
        "import importlib, os, signal, sys\n"
        "importlib.import_module = lambda name: os.kill(os.getpid(), signal.SIGINT)\n"
        "from parfocal.__main__ import main\n"
        "sys.exit(main(['acquire', 'p.yaml', '-o', 'a.ome.zarr']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (130, "parfocal: stopped\n")


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
def test_ctrl_c_in_the_midst_of_an_import_waits_for_its_end(tmp_path: Path):
    # as C extensions do: pymmcore makes a SystemError and a printed traceback of it
    (tmp_path / "fragile.py").write_text(
        "import os, signal, time\n"
        "try:\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    time.sleep(0.1)\n"
        "except KeyboardInterrupt:\n"
        "    raise SystemError('unreported exception') from None\n"
    )
    code = (
        "import importlib, sys, time\n"
        "importlib.import_module = lambda name: (__import__('fragile'), time.sleep(20))\n"
        "from parfocal.__main__ import main\n"
        "sys.exit(main(['doctor']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=15,
        check=False,
    )
    assert (done.returncode, done.stderr) == (130, "parfocal: stopped\n")


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
def test_ctrl_c_in_a_check_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    # thrown into zarr's own event loop it was a traceback and three warnings
    root = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=3)
    root.create_array("0", data=np.ones((4, 4), "u2"), chunks=(2, 2))
    axes = [{"name": name, "type": "space"} for name in "yx"]
    size = [{"type": "scale", "scale": [1, 1]}]
    scale = {"axes": axes, "datasets": [{"path": "0", "coordinateTransformations": size}]}
    root.attrs["ome"] = {"version": "0.5", "multiscales": [scale]}
    with pytest.MonkeyPatch.context() as patch:
        judged = _check.check_with_validators

        def judge_amid_a_ctrl_c(*values: Any) -> Any:
            os.kill(os.getpid(), signal.SIGINT)
            return judged(*values)

        patch.setattr(_check, "check_with_validators", judge_amid_a_ctrl_c)
        assert run_verb(["check", str(tmp_path / "a.zarr")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"parfocal: the check of {tmp_path / 'a.zarr'} was cancelled\n"


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
def test_long_work_hears_ctrl_c_unless_it_was_started_to_ignore_it():
    for at_start, heard in ((signal.default_int_handler, True), (signal.SIG_IGN, False)):
        before = signal.signal(signal.SIGINT, at_start)
        try:
            with long_work() as work:
                os.kill(os.getpid(), signal.SIGINT)
                assert work.cancelled.is_set() is heard
                os.kill(os.getpid(), signal.SIGTERM)
                assert work.cancelled.is_set()
            assert signal.getsignal(signal.SIGINT) is at_start
        finally:
            signal.signal(signal.SIGINT, before)
