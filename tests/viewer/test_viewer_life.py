"""A viewer's life beyond its program: left alone, kept, stopped, met again, nothing left over."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from parfocal.viewer import Ring, Viewer, ViewerError, ViewerRecord, detached_viewers
from parfocal.viewer._identity import ProcessIdentity
from viewer.cells import SHAPE, frame, record
from viewer.waiting import eventually
from viewer.windowless import gone, left_outside

START_S = 60.0
READ_ONLY_S = 2.0
# A parent with a live ring, and a forked sibling that holds the viewer's pipe open beyond it.
PARENT = """
import os, sys, time
from pathlib import Path
from parfocal.viewer import Ring, Viewer
sys.path.insert(0, sys.argv[2])
from viewer.cells import SHAPE, frame
ring = Ring.create(SHAPE, "uint16")
viewer = Viewer("left “alone”")
viewer.start(Path(sys.argv[1]), ring.address)
sibling = os.fork()
if not sibling:
    time.sleep(120)
    os._exit(0)
if sys.argv[3] == "up":
    viewer.request("settle", timeout=60).result()
    for c in range(2):
        ring.publish(frame((1, 1, c, 2)), {"t": 1, "p": 1, "c": c, "z": 2})
    while not viewer.request("displayed").result()["text"].endswith("live"):
        time.sleep(0.05)
    while viewer.status().accepted < 2:
        time.sleep(0.05)
print(viewer.status().pid, sibling, flush=True)
time.sleep(120)
"""
MEETS = """
import json, sys
from parfocal.viewer import Viewer, detached_viewers
(record,) = [one for one in detached_viewers() if one.pid == int(sys.argv[1])]
viewer = Viewer.meet(record)
displayed = viewer.request("displayed").result()
before = viewer.status()
viewer.close(30)
print(json.dumps([viewer.title, str(viewer.store), displayed["text"], str(before.state),
    str(viewer.status().state), viewer.status().problem]))
"""
ENDS = """
import sys, threading
from pathlib import Path
from parfocal.viewer import Viewer
viewer = Viewer()
viewer.start(Path(sys.argv[1]))
print(viewer.status().pid, flush=True)
"""


def record_of(pid: int) -> ViewerRecord | None:
    return next((one for one in detached_viewers() if one.pid == pid), None)


def says(pid: int) -> str:
    found = record_of(pid)
    return found.says if found else ""


def digest(store: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(store.rglob("*")):
        found.update(str(path).encode() + (path.read_bytes() if path.is_file() else b""))
    return found.hexdigest()


def rings(pid: int) -> set[str]:
    """The blocks of shared memory without a name that a process has open."""
    try:
        links = [str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return set()
    return {link for link in links if link.startswith("/dev/shm/#")}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store to look at."""
    return record(tmp_path_factory.mktemp("data") / "cells “ü”.ome.zarr")


@pytest.fixture(autouse=True)
def no_record_is_left() -> Iterator[None]:
    """Whatever a test did, no record and no socket outlives it."""
    yield
    assert eventually(lambda: not detached_viewers() and not left_outside()), left_outside()


@pytest.mark.parametrize("when", ["up", "starting"])
def test_when_its_program_is_killed_a_viewer_reads_the_store_until_a_later_program_closes_it(
    store: Path, when: str
) -> None:
    before = digest(store)
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(store), str(Path(__file__).parents[1]), when],
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        pid, sibling = map(int, parent.stdout.readline().split())
        child = psutil.Process(pid)
        (ring,) = rings(parent.pid)
        if when == "up":
            assert rings(pid) == {ring}
        parent.kill()
        began = time.monotonic()
        assert eventually(lambda: says(pid) == "left alone", START_S)
        if when == "up":
            assert time.monotonic() - began < 3 * READ_ONLY_S  # and some for a busy machine
    os.kill(sibling, signal.SIGKILL)
    # It has let go of the ring, though nobody told it that the run is over.
    assert eventually(lambda: not [process for process in psutil.pids() if ring in rings(process)])
    assert not gone(child)

    met = subprocess.run(
        [sys.executable, "-c", MEETS, str(pid)], capture_output=True, text=True, timeout=60
    )
    assert met.stderr == ""
    title, shown, text, state, after, problem = json.loads(met.stdout)
    assert (title, Path(shown)) == ("left “alone”", store)
    assert text.startswith("Pos001 · 00:01:30" if when == "up" else "Pos000 · ")
    assert "live" not in text
    assert (state, after, problem) == ("ready", "exited", "")
    assert eventually(lambda: gone(child))
    assert digest(store) == before


def test_a_program_that_ends_as_it_should_closes_its_viewer(store: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDS, str(store)], capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    assert not psutil.pid_exists(int(done.stdout))


def test_one_that_is_kept_while_it_starts_and_then_terminated_leaves_nothing(store: Path) -> None:
    viewer = Viewer("terminated")
    viewer.start(store)
    kept = viewer.detach()
    assert kept.path.exists()
    assert kept.identity.signal(signal.SIGTERM)
    assert viewer.wait(30)
    assert viewer.status().exit_code == -signal.SIGTERM
    assert left_outside() == []


def test_a_viewer_is_stopped_goes_on_is_kept_and_is_met_by_one_program_at_a_time(
    store: Path,
) -> None:
    viewer, ring = Viewer("kept"), Ring.create(SHAPE, "uint16")
    assert not viewer.kept
    viewer.start(store, ring.address)
    assert viewer.request("show_plane", timeout=START_S, t=1, p=0, z=3).result()["drawn"]
    pid = viewer.status().pid
    assert pid is not None
    stopped_for_ten_seconds(viewer, pid)

    kept = viewer.detach()
    assert str(viewer.status().state) == "detached"
    with pytest.raises(ViewerError, match="was detached"):
        viewer.request("settle").result(0)
    viewer.close()  # lets it be
    assert psutil.pid_exists(pid)
    assert eventually(lambda: says(pid) == "kept open")
    assert record_of(pid) == replace(kept, says="kept open")
    for path, mode in ((kept.path, 0o600), (kept.path.parent, 0o700), (kept.folder, 0o700)):
        assert path.stat().st_mode & 0o777 == mode
    assert kept.token not in repr(kept)

    strangers_are_refused(kept)

    again = Viewer.meet(kept)
    assert (again.title, again.store, again.kept) == ("kept", store, True)
    assert str(again.status().state) == "ready"
    assert again.request("displayed").result(10)["coordinates"] == {"t": 1, "p": 0, "z": 3}
    ring.publish(frame((2, 0, 0, 0)), {"t": 2, "p": 0, "c": 0, "z": 0})
    assert eventually(lambda: again.status().accepted == 1)  # for the run goes on
    assert detached_viewers() == ()  # somebody has it
    with pytest.raises(ViewerError, match=f"held by another Parfocal, process {os.getpid()}"):
        Viewer.meet(kept)
    assert again.request("settle").result(10)["drawn"]

    ring.close()
    again.detach()
    third = Viewer.meet(kept)
    process = psutil.Process(pid)
    process.send_signal(signal.SIGSTOP)
    assert eventually(lambda: third.status().state == "not responding")
    began = time.monotonic()
    third.close(timeout=0.5)
    assert time.monotonic() - began < 10
    assert third.status().problem == "the viewer did not close when it was asked to, and was ended"
    assert eventually(lambda: gone(process))
    assert viewer.wait(10)
    assert (str(viewer.status().state), viewer.status().exit_code) == ("exited", -9)
    with pytest.raises(ViewerError, match="has ended"):
        Viewer.meet(kept)


def stopped_for_ten_seconds(viewer: Viewer, pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)
    began, longest = time.monotonic(), 0.0
    short = viewer.request("settle", timeout=2.0)
    patient = viewer.request("settle", timeout=START_S)
    while (now := time.monotonic()) - began < 10:
        viewer.status()
        viewer.request("settle", timeout=1.0, note="x" * 20_000)  # more than the pipe holds
        longest = max(longest, time.monotonic() - now)
        time.sleep(0.1)
    status = viewer.status()
    assert (str(status.state), status.title, status.store) == (
        "not responding",
        "kept",
        viewer.store,
    )
    assert 0 < status.queued <= 64
    assert longest < 1.0
    with pytest.raises(ViewerError, match="did not answer settle in time"):
        short.result(0)
    assert not patient.done()
    os.kill(pid, signal.SIGCONT)
    assert patient.result(30)["drawn"]
    assert eventually(lambda: viewer.status().state == "ready", 30)
    assert viewer.status().queued == 0


def strangers_are_refused(kept: ViewerRecord) -> None:
    with pytest.raises(ViewerError, match="does not know this record's token"):
        Viewer.meet(replace(kept, token="0" * 64))
    # Its number, but another's moment of start: a process that came later.
    later = replace(kept, started=kept.started + 1)
    with pytest.raises(ViewerError, match="has ended"):
        Viewer.meet(replace(later, folder=kept.folder.with_name("parfocal-viewer-other")))
    # A process that lives and is not the one behind the door.
    me = ProcessIdentity.own()
    with pytest.raises(ViewerError, match="another process answers"):
        Viewer.meet(replace(kept, pid=me.pid, started=me.started))
    assert record_of(kept.pid) is not None
