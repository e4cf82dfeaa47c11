"""A disk that answers with an error takes no thread of a worker away."""

from __future__ import annotations

import errno
import os
import threading
import time
from pathlib import Path

import pytest
from rig import Rig

from parfocal.jobs import Database, Watcher, Worker
from parfocal.jobs._holds import hold_for_room, let_go_of_room

PATIENCE_S = 30.0


def test_room_on_a_share_that_is_stale_is_waited_for(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_for_room(database, tmp_path / "share", 1, "full")

    def stale(self: Path) -> bool:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), str(self))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "is_dir", stale)
        assert let_go_of_room(database) == []
    assert let_go_of_room(database) == [str(tmp_path / "share")]


def test_acquisitions_are_looked_for_again_after_an_error(database: Database) -> None:
    asked: list[str] = []
    again = threading.Event()

    def busy() -> bool:
        asked.append(threading.current_thread().name)
        if len(asked) == 2:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        if len(asked) > 3:
            again.set()
        return False

    stop = threading.Event()
    thread = threading.Thread(target=Worker(database, busy=busy).run, args=(stop,))
    thread.start()
    seen = again.wait(PATIENCE_S / 6)
    stop.set()
    thread.join()
    assert seen, "nobody gives way to an acquisition any more"


def test_a_worker_begins_though_the_folder_of_runs_is_sick(database: Database) -> None:
    def busy() -> bool:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    stop = threading.Event()
    thread = threading.Thread(target=Worker(database, busy=busy).run, args=(stop,))
    thread.start()
    time.sleep(0.3)
    lives = thread.is_alive()
    stop.set()
    thread.join()
    assert lives


def test_watching_goes_on_though_the_folder_of_runs_is_sick(
    tmp_path: Path, database: Database
) -> None:
    rig = Rig(tmp_path, database)
    asked = []

    def alarms() -> list[tuple[str, str]]:
        asked.append(1)
        if len(asked) == 1:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return []

    stop = threading.Event()
    watcher = Watcher(database, rig.config, alarms)
    thread = threading.Thread(target=watcher.run, args=(stop, 0.05))
    thread.start()
    end = time.monotonic() + PATIENCE_S / 6
    while len(asked) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    stop.set()
    thread.join()
    assert len(asked) >= 3
