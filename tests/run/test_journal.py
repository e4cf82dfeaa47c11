"""A run that is killed is offered for recovery, one that falls silent is told of elsewhere."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from run_sessions import items, phase, plan, series, until

from parfocal.plan import Hold, write_plan
from parfocal.run import Breadcrumb, RunState, interrupted_runs, runs_going_on, silent_runs
from parfocal.run._awake import keep_awake
from parfocal.run._breadcrumb import state_folder, write_breadcrumb
from parfocal.run._heart import Heart
from parfocal.scope import Microscope
from parfocal.store import info, recover
from parfocal.wiring import Session

Prepare = Callable[..., Session]


@pytest.fixture(autouse=True)
def no_breadcrumbs() -> Iterator[None]:
    """Of runs that other tests broke off."""
    for path in state_folder().glob("*"):
        path.unlink()
    yield
    for path in state_folder().glob("*"):
        path.unlink()


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """The store of a run whose process was killed in the middle of it."""
    experiment = items(
        series(
            loops=500,
            interval=0.02,
            stage_positions=[(0, 0, 0), (40, 0, 0)],
            z_plan={"range": 2, "step": 1},
        )
    )
    write_plan(experiment, tmp_path / "plan.parfocal.yaml")
    store = tmp_path / "killed.ome.zarr"
    command = [sys.executable, "-m", "parfocal", "acquire", "plan.parfocal.yaml", "-o", str(store)]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until(lambda: (store / "A/1/1/0/c/3").exists(), 30)
    assert interrupted_runs() == ()  # it goes on, and nobody offers to repair it
    process.send_signal(signal.SIGKILL)
    process.wait()
    return store


def test_a_killed_run_is_offered_and_recovered(killed: Path):
    (offered,) = interrupted_runs()
    assert (offered.store, offered.name, offered.state) == (killed, "test", "running")
    assert offered.frames_expected == 3000
    assert (offered.host, offered.reason) == (socket.gethostname(), "")
    assert interrupted_runs() == (offered,)  # as often as it is asked
    report = recover(killed)
    stored = info(killed)
    assert (stored.state, stored.planned) == ("recovered", 3000)
    assert 0 < stored.acquired < 3000
    assert stored.missing == stored.planned - stored.acquired
    record = json.loads((killed / "parfocal/run/zarr.json").read_text())["attributes"]["parfocal"]
    assert record["planned_per_field"] == [1500, 1500]
    assert sum(record["acquired_per_field"]) == stored.acquired == report.kept
    assert interrupted_runs() == ()


def test_a_breadcrumb_can_be_forgotten(killed: Path):
    (offered,) = interrupted_runs()
    offered.forget()
    assert interrupted_runs() == ()
    assert killed.exists()


def test_a_run_that_ends_leaves_no_breadcrumb(demo: Microscope, prepare: Prepare):
    session = prepare(items(phase(), Hold(message="?")), demo)
    session.run.start()
    until(lambda: session.run.status().state is RunState.HOLDING)
    until(lambda: any(state_folder().glob("*.run.json")))
    (path,) = state_folder().glob("*.run.json")
    assert json.loads(path.read_text())["store"] == str(session.run.store)
    assert interrupted_runs() == ()  # it is alive
    assert silent_runs() == ()
    session.run.cancel()
    assert session.run.wait(5)
    assert list(state_folder().iterdir()) == []


def test_a_run_that_goes_on_is_found_with_its_live_frames_by_its_own_user_alone(
    demo: Microscope, prepare: Prepare
):
    session = prepare(items(phase(), Hold(message="?")), demo, live=True)
    session.run.start()
    assert session.live is not None
    until(lambda: any(state_folder().glob("*.run.json")))
    (found,) = runs_going_on()
    assert (found.store, found.live) == (session.run.store, session.live.as_json())
    assert stat.S_IMODE(found.path.stat().st_mode) == 0o600
    values = json.loads(found.path.read_text())
    other = found.path.with_name("other.run.json")
    an_earlier_one = {"process_start": "", "process_started": 1.0}
    for word in ({"state": "completed"}, {"host": "elsewhere"}, an_earlier_one):
        other.write_text(json.dumps(values | word))
        assert [run.path for run in runs_going_on()] == [found.path]
    # the clock was set meanwhile; and one of an earlier Parfocal, which said less
    del values["process_start"]
    for word in ({"process_start": found.process_start, "process_started": 1.0}, {}):
        other.write_text(json.dumps(values | word))
        assert {run.path for run in runs_going_on()} == {found.path, other}
    other.unlink()
    session.run.cancel()
    assert session.run.wait(5)
    assert runs_going_on() == ()


def test_another_process_is_told_when_the_heart_stops(demo: Microscope, prepare: Prepare):
    session = prepare(items(phase(), Hold(message="?")), demo)
    session.run.start()
    until(lambda: any(state_folder().glob("*.run.json")))
    assert silent_runs(5.0) == ()
    (path,) = state_folder().glob("*.run.json")
    values = json.loads(path.read_text())
    session.run.cancel()
    assert session.run.wait(5)
    path.write_text(json.dumps(values | {"heartbeat": values["heartbeat"] - 3600}))
    assert silent_runs(15) == ()  # the clock was set, and the heart has beaten a moment ago
    for clock in ("heartbeat", "beat"):
        values[clock] -= 60  # the process hangs, and so does its heart
    path.write_text(json.dumps(values))
    code = (
        "from parfocal.run import silent_runs\n"
        "for run in silent_runs(15): print(run.store, run.state, run.silent_s > 50)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == [str(session.run.store), values["state"], "True"]


def test_breadcrumbs_that_lead_nowhere_are_removed(tmp_path: Path):
    folder = state_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "torn.run.json").write_text('{"store": "/da')
    gone = Breadcrumb(
        tmp_path / "gone.ome.zarr", "x", "running", "", 0.0, time.time(), pid=1, host="here",
        path=folder / "gone.run.json",
    )  # fmt: skip
    elsewhere = replace(gone, heartbeat=time.time() - 1e6, path=folder / "elsewhere.run.json")
    write_breadcrumb(gone)
    write_breadcrumb(elsewhere)
    assert interrupted_runs() == ()
    # of a process on another computer nothing is known but that it spoke a moment ago
    assert {path.name for path in folder.iterdir()} == {"torn.run.json", "gone.run.json"}


def test_a_state_folder_that_cannot_be_written_costs_no_run(
    demo: Microscope, prepare: Prepare, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nothing")
    session = prepare(plan(), demo)
    session.run.execute()
    assert session.run.status().state is RunState.COMPLETED


def test_the_computer_is_kept_awake_in_a_long_run_only(
    tmp_path: Path, demo: Microscope, prepare: Prepare
):
    session = prepare(plan(), demo)
    kept: list[str] = []

    @contextmanager
    def awake(why: str) -> Iterator[None]:
        kept.append(why)
        yield
        kept.append("asleep")

    def beat(after_s: float) -> None:
        heart = Heart(
            session.run.status,
            lambda: session.run.store,
            1,
            folder=tmp_path / "state",
            awake=awake,
            awake_after_s=after_s,
        )
        heart.start()
        time.sleep(0.1)
        heart.stop(whole=True)

    beat(10.0)
    assert kept == []
    beat(0.0)
    assert kept == ["recording 0.ome.zarr", "asleep"]


@pytest.mark.skipif(sys.platform != "linux", reason="the inhibitor is systemd's")
def test_the_inhibitor_ends_with_the_run_and_with_its_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The real one needs a system bus; this one does what it does when it gets one."""
    script = tmp_path / "systemd-inhibit"
    script.write_text(f'#!/bin/sh\necho $$ > {tmp_path}/pid\nshift 4\nexec "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    number = tmp_path / "pid"
    with keep_awake("testing"):
        until(lambda: number.exists() and number.read_text().strip() != "")
        first = int(number.read_text())
        assert os.getsid(first) != os.getsid(0)  # Ctrl-C and a terminal's end are not for it
    assert not Path(f"/proc/{first}").exists()
    number.unlink()
    code = (
        "import time\nfrom parfocal.run._awake import keep_awake\n"
        "with keep_awake('x'): time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    until(lambda: number.exists() and number.read_text().strip() != "", 20)
    second = int(number.read_text())
    process.kill()
    process.wait()
    until(lambda: not Path(f"/proc/{second}").exists())


def test_without_an_inhibitor_nothing_happens(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with keep_awake("testing"):
        pass
