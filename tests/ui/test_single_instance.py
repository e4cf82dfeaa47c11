"""One window a person: real processes hand over what they were started with."""

from __future__ import annotations

import gc
import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PyQt6.QtNetwork import QLocalServer, QLocalSocket
from pytestqt.qtbot import QtBot

from parfocal.ui.single_instance import Doorbell, _server_name, hand_over

START = [sys.executable, "-m", "parfocal", "gui"]


@pytest.fixture
def doorbell(qtbot: QtBot) -> Doorbell:
    made = Doorbell()
    assert made.listen()
    yield made
    made.close()


def start(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    import os

    return subprocess.Popen(
        [*START, *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    )


def test_a_second_start_hands_its_argument_over_and_leaves(
    doorbell: Doorbell, qtbot: QtBot, tmp_path: Path
) -> None:
    plan = tmp_path / "a plan.parfocal.yaml"
    plan.write_text("")
    # a display that does not exist: nothing of the second start may need one
    with qtbot.waitSignal(doorbell.rang, timeout=20_000) as rang:
        second = start(str(plan), environment={"DISPLAY": ":9999"})
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=10_000)
    _, words = second.communicate()
    assert (second.returncode, words) == (0, "")
    assert rang.args == [plan]


def test_a_start_without_an_argument_only_raises(doorbell: Doorbell, qtbot: QtBot) -> None:
    with qtbot.waitSignal(doorbell.rang, timeout=20_000) as rang:
        second = start()
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=10_000)
    second.communicate()
    assert (second.returncode, rang.args) == (0, [None])


def test_nobody_there_is_nobody_there(qtbot: QtBot) -> None:
    assert hand_over(None) is False


def test_who_knocks_is_answered_though_python_looks_for_rubbish(
    doorbell: Doorbell, qtbot: QtBot
) -> None:
    client = QLocalSocket()
    client.connectToServer(_server_name())
    assert client.waitForConnected(10_000)
    qtbot.waitUntil(lambda: bool(doorbell._server.findChildren(QLocalSocket)), timeout=10_000)
    gc.collect()  # it took the slots of a socket that nobody else knew
    with qtbot.waitSignal(doorbell.rang, timeout=10_000):
        client.write(b'{"open": null}\n')
    assert client.waitForReadyRead(10_000)
    client.disconnectFromServer()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX sockets")
def test_only_the_owner_may_knock(doorbell: Doorbell) -> None:
    assert Path(doorbell._server.fullServerName()).stat().st_mode & 0o077 == 0


def test_what_is_no_wish_is_passed_over(doorbell: Doorbell, qtbot: QtBot) -> None:
    with socket.socket(socket.AF_UNIX) as client, qtbot.assertNotEmitted(doorbell.rang, wait=200):
        client.connect(doorbell._server.fullServerName())
        client.sendall(b"[1, 2]\nrubbish\n")


def test_a_socket_left_by_a_killed_program_is_taken_over(qtbot: QtBot) -> None:
    name = _server_name()
    probe = QLocalServer()
    assert probe.listen(name)
    place = probe.fullServerName()
    probe.close()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(place)
    assert Path(place).exists()
    doorbell = Doorbell()
    assert doorbell.listen()
    doorbell.close()


def test_two_that_listen_at_once_are_told_apart(doorbell: Doorbell) -> None:
    late = Doorbell()
    assert late.listen() is False


def test_of_two_starts_at_once_one_opens_answers_a_third_and_leaves_on_a_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from platformdirs import user_config_path, user_log_path

    plan, late, store = (tmp_path / one for one in ("a.parfocal.yaml", "b.useq.yaml", "c.ome.zarr"))
    for file in (plan, late):
        file.write_text("channels: [DAPI]\n")
    store.mkdir()
    racers = [start(str(plan)), start(str(late))]  # somebody double-clicks twice
    log = user_log_path("parfocal", appauthor=False) / "parfocal.log"
    deadline = time.monotonic() + 60
    while not (log.exists() and "all workspaces after" in log.read_text()):
        assert any(one.poll() is None for one in racers), [one.communicate() for one in racers]
        assert time.monotonic() < deadline
        time.sleep(0.1)
    while all(one.poll() is None for one in racers):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    racers.sort(key=lambda one: one.poll() is None)
    loser, first = racers
    assert (loser.communicate()[1], loser.returncode) == ("", 0)
    second = subprocess.run(
        [*START, str(store)], capture_output=True, text=True, timeout=30, check=False
    )
    assert (second.returncode, second.stderr) == (0, "")
    settings = user_config_path("parfocal", appauthor=False) / "settings.json"
    while len(json.loads(settings.read_text()).get("recent_files", ())) < 3:
        assert time.monotonic() < deadline + 30, settings.read_text()
        time.sleep(0.1)
    first.terminate()
    _, words = first.communicate(timeout=30)
    assert first.returncode == 0, words
    recent = json.loads(settings.read_text())["recent_files"]
    assert recent[0] == str(store)
    assert set(recent) == {str(path) for path in (store, late, plan)}
    assert "Traceback" not in words
    told = log.read_text()
    assert "a fault that nobody caught" not in told
    # numpy breaks when two threads import it at once: the engine's thread starts after all imports
    steps = [line.partition("start: ")[2] for line in told.splitlines() if "start: " in line]
    opening = next(n for n, step in enumerate(steps) if "open_last_microscope" in step)
    assert max(n for n, step in enumerate(steps) if step.startswith("import_")) < opening
    assert min(n for n, step in enumerate(steps) if "WorkspacePage" in step) > opening


@pytest.mark.parametrize(
    ("arguments", "environment", "sentence"),
    [
        (["/nowhere/plan.yaml"], {}, "/nowhere/plan.yaml"),
        ([], {"DISPLAY": "", "WAYLAND_DISPLAY": ""}, "display"),
    ],
)
def test_a_window_that_cannot_open_says_one_sentence(
    arguments: list[str], environment: dict[str, str], sentence: str
) -> None:
    child = start(*arguments, environment=environment)
    _, words = child.communicate(timeout=30)
    assert child.returncode == 1
    assert sentence in words
    assert len(words.splitlines()) == 1
