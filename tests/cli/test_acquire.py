"""`acquire` in real processes: it records, it refuses, it stops when asked, and it always exits."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

import pytest

from parfocal.store import StoreReader, check, info

KEYS = {
    "store", "state", "reason", "frames_expected", "frames_acquired", "frames_stored",
    "frames_skipped", "stimulations", "blocked_s", "lag_ms", "mb_per_s",
}  # fmt: skip
FIVE = "time_plan: {interval: 0, loops: 5}\nchannels: [{config: DAPI, exposure: 5}]\n"
# two planes: each timepoint is a shard of its own, so that the first is soon on the disk
LONG = (
    "time_plan: {interval: 0.05, loops: 1000}\nz_plan: {range: 1, step: 1}\n"
    "channels: [{config: DAPI, exposure: 5}]\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "five.yaml").write_text(FIVE)
    (tmp_path / "long.yaml").write_text(LONG)
    return tmp_path


def launched(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "parfocal", "acquire", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def acquire(folder: Path, *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    process = launched(folder, *words)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def started(folder: Path, *words: str) -> subprocess.Popen[str]:
    """A long acquisition, once its first shard is on the disk."""
    process = launched(folder, "long.yaml", "-o", "long.ome.zarr", *words)
    deadline = time.monotonic() + 30
    while not (folder / "long.ome.zarr" / "A" / "1" / "0" / "0" / "c" / "0").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def test_five_frames_ten_times_in_a_row_and_every_process_exits(folder: Path):
    runs(folder, 10)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_five_frames_a_hundred_times_in_a_row_and_every_process_exits(folder: Path):
    runs(folder, 100)


def runs(folder: Path, number: int) -> None:
    for turn in range(number):
        name = f"{turn}.ome.zarr"
        code, out, err = acquire(folder, "five.yaml", "-o", name, "--json")
        assert (code, err) == (0, ""), name
        value = json.loads(out)
        assert set(value) == KEYS
        assert (value["state"], value["frames_stored"]) == ("completed", 5)
        assert info(folder / name).acquired == 5


def test_a_completed_run_gets_its_coarser_levels_unless_told_not_to(folder: Path):
    assert acquire(folder, "five.yaml", "-o", "a.ome.zarr")[0] == 0
    assert acquire(folder, "five.yaml", "-o", "b.ome.zarr", "--no-pyramid")[0] == 0
    assert [info(folder / f"{name}.ome.zarr").levels for name in "ab"] == [2, 1]
    assert check(folder / "a.ome.zarr", deep=True).findings == ()
    left = {entry.name for entry in folder.iterdir()}
    assert left == {"five.yaml", "long.yaml", "a.ome.zarr", "b.ome.zarr"}


REFUSED = {
    "no yaml": ("a: b: c", [], "line 1"),
    "an unknown channel": ("channels: [Violet]", [], "'Violet'"),
    "no such microscope": (FIVE, ["--profile", "nothing"], "'nothing'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_is_one_sentence_and_leaves_nothing(case: str, folder: Path):
    text, words, said = REFUSED[case]
    (folder / "plan.yaml").write_text(text)
    before = sorted(folder.iterdir())
    code, out, err = acquire(folder, "plan.yaml", "-o", "new.ome.zarr", "--json", *words)
    assert (code, out) == (1, "")
    assert err.startswith("parfocal: ")
    assert err.count("\n") == 1
    assert said in err
    assert sorted(folder.iterdir()) == before


def test_an_output_that_exists_is_kept(folder: Path):
    (folder / "old.ome.zarr").mkdir()
    (folder / "old.ome.zarr" / "mine").write_text("precious")
    for words in ([], ["--overwrite"]):
        code, _, err = acquire(folder, "five.yaml", "-o", "old.ome.zarr", *words)
        assert code == 1
        assert "old.ome.zarr" in err
    assert [entry.name for entry in (folder / "old.ome.zarr").iterdir()] == ["mine"]


def test_usage_errors_are_two(folder: Path):
    assert acquire(folder, "five.yaml")[0] == 2


@pytest.fixture
def long_run(folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = started(folder, "--json")
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


SAID = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "terminal was closed"}


@pytest.mark.parametrize("how", SAID)
def test_a_signal_ends_the_run_and_not_the_store(
    how: signal.Signals, long_run: subprocess.Popen[str], folder: Path
):
    began = time.monotonic()
    long_run.send_signal(how)
    if how is signal.SIGINT:  # and an impatient second one changes nothing
        time.sleep(0.02)
        long_run.send_signal(how)
    out, err = long_run.communicate(timeout=20)
    assert time.monotonic() - began < 5
    assert (long_run.returncode, err.count("\n")) == (1, 1), err
    value = json.loads(out)
    assert value["state"] == "cancelled"
    assert SAID[how] in value["reason"]
    assert 0 < value["frames_stored"] == value["frames_acquired"] < 2000
    assert "cancelled" in err
    stored = info(folder / "long.ome.zarr")
    assert (stored.state, stored.acquired) == ("interrupted", value["frames_stored"])
    assert stored.ended_as == "cancelled"
    assert StoreReader(folder / "long.ome.zarr").plane((0, 0, 0, 0)).any()


def test_a_terminal_shows_a_bar_and_a_pipe_none(folder: Path):
    leader, follower = pty.openpty()
    with os.fdopen(leader, "rb", buffering=0) as screen:
        done = subprocess.run(
            [sys.executable, "-m", "parfocal", "acquire", "five.yaml", "-o", "bar.ome.zarr"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=follower,
            text=True,
            timeout=60,
            check=False,
        )
        os.close(follower)
        drawn = screen.read(65536).decode()
    assert done.returncode == 0
    assert "/5 frames" in drawn
    assert "completed: 5 of 5 frames are stored" in done.stdout


HOLD = (
    "parfocal: 1\nname: held\nitems:\n"
    "  - {phase: a, sequence: {channels: [{config: DAPI, exposure: 5}]}}\n"
    "  - hold: pipette the drug\n"
    "  - wait: 0.1\n"
    "  - {phase: b, sequence: {channels: [{config: DAPI, exposure: 5}]}}\n"
)


def test_a_hold_needs_somebody_who_goes_on(folder: Path):
    (folder / "hold.yaml").write_text(HOLD)
    code, out, err = acquire(folder, "hold.yaml", "-o", "held.ome.zarr", "--json")
    assert (code, out) == (1, "")
    assert "'pipette the drug'" in err
    assert "--pass-holds" in err
    assert not (folder / "held.ome.zarr").exists()
    code, out, err = acquire(folder, "hold.yaml", "-o", "held.ome.zarr", "--json", "--pass-holds")
    assert (code, err) == (0, "")
    assert json.loads(out)["frames_stored"] == 2


def at_a_terminal(folder: Path) -> tuple[subprocess.Popen[str], int]:
    """An acquisition of hold.yaml, and the terminal in front of it."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "parfocal", "acquire", "hold.yaml", "-o", "held.ome.zarr"],
        cwd=folder,
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=follower,
        text=True,
    )
    os.close(follower)
    return process, leader


def until_asked(screen: FileIO) -> bytes:
    drawn = b""
    while b"[Enter to go on]" not in drawn:
        drawn += screen.read(4096)
    return drawn


def test_enter_goes_on_from_a_hold(folder: Path):
    (folder / "hold.yaml").write_text(HOLD)
    process, leader = at_a_terminal(folder)
    with os.fdopen(leader, "r+b", buffering=0) as screen:
        assert b"pipette the drug" in until_asked(screen)
        screen.write(b"\n")
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "completed: 2 of 2 frames are stored" in out


def test_each_hold_wants_an_enter_of_its_own(folder: Path):
    # two holds with the same words, an Enter that came too early, and a Ctrl-D, which is none
    twice = "  - hold: pipette the drug\n  - hold: pipette the drug\n"
    (folder / "hold.yaml").write_text(HOLD.replace("  - hold: pipette the drug\n", twice))
    process, leader = at_a_terminal(folder)
    with os.fdopen(leader, "r+b", buffering=0) as screen:
        screen.write(b"\n")
        until_asked(screen)
        screen.write(b"\x04")
        until_asked(screen)
        screen.write(b"\n\n")
        until_asked(screen)
        time.sleep(0.3)
        assert process.poll() is None
        screen.write(b"\n")
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "completed: 2 of 2 frames are stored" in out


def test_ctrl_c_ends_a_run_that_holds(folder: Path):
    (folder / "hold.yaml").write_text(HOLD)
    process, leader = at_a_terminal(folder)
    with os.fdopen(leader, "r+b", buffering=0) as screen:
        until_asked(screen)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "cancelled: 1 of 2 frames are stored" in out


def test_a_plan_with_light_runs_once_the_projector_is_calibrated(folder: Path):
    plan = folder / "light.parfocal.yaml"
    plan.write_text(
        "parfocal: 1\n"
        "items:\n"
        "  - phase: light\n"
        "    sequence: {time_plan: {interval: 1, loops: 2}, channels: [{config: DAPI}]}\n"
        "    stimulate: {exposure: 5, deadline: 20}\n"
        "    pipeline: {segment: otsu}\n"
    )
    environment = {**os.environ, "PARFOCAL_PROFILES": str(folder / "profiles")}

    def verb(*words: str) -> subprocess.CompletedProcess[str]:
        asked = ["acquire", str(plan), "-o", "light.ome.zarr", "--no-pyramid", "--json", *words]
        return subprocess.run(
            [sys.executable, "-m", "parfocal", *asked],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    refused = verb()
    assert refused.returncode == 1
    assert "the projector of microscope 'demo' is not calibrated; calibrate it" in refused.stderr
    assert not (folder / "light.ome.zarr").exists()
    done = verb("--calibrate-projector")
    assert done.returncode == 0, done.stderr
    assert "the projector is calibrated by" in done.stderr
    assert json.loads(done.stdout)["stimulations"] == {"fired": 2, "fallback": 0, "skipped": 0}
