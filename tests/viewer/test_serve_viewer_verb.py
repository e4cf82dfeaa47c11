"""`serve-viewer` and `view --connect` in real processes: a workstation watches a real run."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image

from parfocal.cli import run_verb
from parfocal.run import runs_going_on
from parfocal.store import StoreReader, check, info
from parfocal.viewer import Viewer
from parfocal.viewer.remote import Endpoint, RigAddress, ask_rig, write_pair
from viewer.cells import frame, record
from viewer.waiting import eventually

PLAN = (
    "time_plan: {interval: 0.1, loops: 3000}\nz_plan: {range: 1, step: 1}\n"
    "channels: [{config: DAPI, exposure: 5}, {config: FITC, exposure: 5}]\n"
)


@contextmanager
def process(*words: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A verb, which is ended when nobody needs it any more."""
    with subprocess.Popen(
        [sys.executable, "-m", "parfocal", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as started:
        try:
            yield started
        finally:
            if started.poll() is None:
                started.kill()


@contextmanager
def served(*words: str | Path) -> Iterator[tuple[subprocess.Popen[str], Endpoint]]:
    """A server that listens, and where."""
    with process("serve-viewer", "--json", *words) as server:
        assert server.stderr is not None
        line = server.stderr.readline()
        assert "listening at " in line, line + server.stderr.read()
        yield server, Endpoint.read(line.split()[3].rstrip(";"))


def interrupted(server: subprocess.Popen[str]) -> tuple[dict[str, Any], str]:
    """What it said when it was ended by Ctrl-C."""
    server.send_signal(signal.SIGINT)
    out, err = server.communicate(timeout=20)
    assert server.returncode == 0, err
    return json.loads(out), err


def ask(viewer: Viewer, op: str, **values: Any) -> dict[str, Any]:
    return viewer.request(op, timeout=60, **values).result()


@pytest.mark.timeout(240)
def test_a_workstation_watches_a_run_and_goes_on_when_the_server_was_killed(
    tmp_path: Path,
) -> None:
    rig_key, viewer_key, _ = write_pair(tmp_path / "lab")
    (tmp_path / "plan.yaml").write_text(PLAN)
    store = tmp_path / "run.ome.zarr"
    acquiring = ("acquire", tmp_path / "plan.yaml", "-o", store, "--live", "--json", "--no-pyramid")
    with process(*acquiring) as run:
        assert eventually(lambda: any(each.frames_stored for each in runs_going_on()), 60)
        with served("--listen", "127.0.0.1:0", "--key", rig_key) as (server, endpoint):
            viewer = Viewer()
            viewer.start(None, connect=RigAddress(endpoint, viewer_key).as_json())
            assert eventually(lambda: viewer.status().displayed > 2, 90), viewer.log
            server.kill()
        assert eventually(lambda: "no connection" in ask(viewer, "displayed")["text"], 30)
        before = viewer.status().accepted
        with served("--listen", str(endpoint), "--key", rig_key) as (server, _):
            assert eventually(lambda: viewer.status().accepted > before + 2, 30)
            assert eventually(lambda: "no connection" not in ask(viewer, "displayed")["text"], 30)
            run.send_signal(signal.SIGINT)
            told, _ = run.communicate(timeout=30)
            assert eventually(lambda: "live" not in ask(viewer, "displayed")["text"], 30)
            ask(viewer, "show_plane", t=3, z=1)
            _wait_for_planes(viewer, store)
            said, _ = interrupted(server)
        viewer.close()
        assert viewer.status().exit_code == 0
    result = json.loads(told)
    assert (result["state"], result["reason"]) == ("cancelled", "stopped by Ctrl-C")
    assert result["frames_stored"] == result["frames_acquired"] > 0
    assert result["frames_skipped"] == 0
    assert said["viewers"] == 1
    assert said["frames_sent"] > 2
    assert check(store).ok
    assert info(store).acquired == result["frames_stored"]


def _wait_for_planes(viewer: Viewer, store: Path) -> None:
    """What is displayed is what is stored, byte for byte, as soon as it has come."""
    reader = StoreReader(store)

    def same() -> bool:
        layers = ask(viewer, "displayed")["layers"]
        return [layer["sha256"] for layer in layers] == [
            hashlib.sha256(np.ascontiguousarray(reader.plane((3, 0, c, 1))).tobytes()).hexdigest()
            for c in range(2)
        ]

    assert eventually(same, 30)


@pytest.mark.timeout(180)
def test_a_picture_of_a_rigs_store_is_taken_where_there_is_no_display(tmp_path: Path) -> None:
    rig_key, viewer_key, _ = write_pair(tmp_path / "lab")
    store, shot = record(tmp_path / "cells.ome.zarr"), tmp_path / "shot.png"
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    listening = ("--listen", "127.0.0.1:0", "--key", rig_key, "--store", store)
    with served(*listening) as (server, endpoint):
        # whatever is short, the run has it first
        assert eventually(lambda: psutil.Process(server.pid).nice() > psutil.Process().nice())
        assert Path(f"/proc/{server.pid}/oom_score_adj").read_text() == "1000\n"
        done = subprocess.run(
            [
                *(sys.executable, "-m", "parfocal", "view", "--connect", str(endpoint)),
                *("--key", viewer_key, "--shot", shot, "--json"),
            ],
            env=environment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        said, told = interrupted(server)
    displayed = json.loads(done.stdout)["displayed"]
    assert displayed["coordinates"] == {"t": 0, "p": 0, "z": 2}
    assert displayed["text"].startswith("Pos000 · ")
    for c, layer in enumerate(displayed["layers"]):
        assert layer["sha256"] == hashlib.sha256(frame((0, 0, c, 2)).tobytes()).hexdigest()
    with Image.open(shot) as picture:
        assert len(picture.getcolors(1 << 24) or ()) > 500
    assert (said["viewers"], said["refused"]) == (1, 0)
    assert f"{store} is on show" in told


def test_without_the_right_key_nothing_is_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rig_key, viewer_key, _ = write_pair(tmp_path / "lab")
    loose, garbage = tmp_path / "loose.rig.key", tmp_path / "garbage.rig.key"
    loose.write_bytes(rig_key.read_bytes())
    loose.chmod(0o644)
    garbage.write_text("-----BEGIN KEY-----")
    garbage.chmod(0o600)
    refusals = [
        ([], "nobody may watch without a key, so nothing is served"),
        (["--key", str(loose)], f"chmod 600 {loose}"),
        (["--key", str(garbage)], "is no key of Parfocal"),
        (["--key", str(viewer_key)], "is the workstation's key"),
        (["--key", str(tmp_path / "no.key")], "No such file or directory"),
        (["--key", str(rig_key), "--store", str(tmp_path)], str(tmp_path)),
    ]
    before = psutil.Process().net_connections("inet")
    for listen in ("0.0.0.0:0", "[::]:0", "127.0.0.1:0"):
        for words, sentence in refusals:
            assert run_verb(["serve-viewer", "--listen", listen, *words]) == 1
            said = capsys.readouterr().err
            assert sentence in said
            assert said.count("\n") == 1
    assert run_verb(["serve-viewer", "--listen", "5571", "--key", str(rig_key)]) == 1
    assert "is no HOST:PORT" in capsys.readouterr().err
    assert psutil.Process().net_connections("inet") == before


def test_every_address_of_the_rig_may_be_listened_at_with_a_key(tmp_path: Path) -> None:
    rig_key, viewer_key, _ = write_pair(tmp_path / "lab")
    store = record(tmp_path / "cells.ome.zarr")
    with served("--listen", "*:0", "--key", rig_key, "--store", store) as (server, endpoint):
        near = Endpoint("127.0.0.1", endpoint.port)
        assert ask_rig(RigAddress(near, viewer_key)).name == "cells “ü”"
        interrupted(server)


def test_a_rig_that_cannot_be_watched_is_one_sentence_within_seconds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rig_key, viewer_key, _ = write_pair(tmp_path / "lab")
    _, other, _ = write_pair(tmp_path / "other")
    loose = tmp_path / "loose.viewer.key"
    loose.write_bytes(viewer_key.read_bytes())
    loose.chmod(0o640)
    with served("--listen", "127.0.0.1:0", "--key", rig_key) as (server, endpoint):
        here = str(endpoint)
        refusals = [
            ([here, "--key", str(other)], "is not the rig that the key"),
            ([here, "--key", str(loose)], "chmod 600"),
            ([here, "--key", str(rig_key)], "is the rig's key"),
            ([here, "--key", str(viewer_key)], "no run goes on at the rig"),
            ([here], "--connect HOST:PORT --key FILE"),
            ([here, "--key", str(viewer_key), "--launch", "in-process"], "a process of its own"),
            ([here, "--key", str(viewer_key), "store.ome.zarr"], "alone"),
            (["127.0.0.1:1", "--key", str(viewer_key)], "nobody answers at 127.0.0.1:1"),
        ]
        for words, sentence in refusals:
            began = time.monotonic()
            assert run_verb(["view", "--connect", *words]) == 1
            said = capsys.readouterr().err
            assert sentence in said
            assert said.count("\n") == 1
            assert time.monotonic() - began < 15
        assert run_verb(["view"]) == 1
        assert "name a STORE to look at, or a rig" in capsys.readouterr().err
        said, _ = interrupted(server)
        assert said["viewers"] == 0


@pytest.mark.timeout(180)
def test_nothing_listens_to_the_network_in_a_whole_run_with_a_viewer(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN.replace("3000", "60"))
    store = tmp_path / "run.ome.zarr"
    words = ("acquire", tmp_path / "plan.yaml", "-o", store, "--live", "--no-pyramid")
    viewer = Viewer()
    with process(*words) as run:
        assert eventually(lambda: any(each.frames_stored for each in runs_going_on()), 60)
        viewer.start(store)
        settled = viewer.request("settle", timeout=90)
        while run.poll() is None or not settled.done():
            assert _listening(psutil.Process()) == []
            time.sleep(0.1)
        assert settled.result()["drawn"]
        assert _listening(psutil.Process()) == []
    viewer.close()


def _listening(process: psutil.Process) -> list[str]:
    """Whatever we or a child of ours listen at."""
    found = []
    for each in (process, *process.children(recursive=True)):
        try:
            if "Xvfb" in each.name():
                continue
            connections = each.net_connections("inet")
        except psutil.Error:
            continue
        found += [f"{each.name()} {one.laddr}" for one in connections if one.status == "LISTEN"]
    return found
