"""A full disk pauses the queue, and room lets it go on by itself; a read-only one asks a person."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "full_disk.py"


def _can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    trial = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not _can_mount(), reason="no namespace for a small disk here")


def on_a_small_disk(root: Path, kind: str) -> dict[str, object]:
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, str(SCRIPT), str(root), kind],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told["end"].values()) == {"done"}, (told, done.stderr)
    assert told["partial"] == []
    return told


@pytest.mark.parametrize("kind", ["archive", "output"])
def test_a_full_disk_pauses_what_fills_it_and_room_lets_it_go_on(tmp_path: Path, kind: str) -> None:
    told = on_a_small_disk(tmp_path, kind)
    assert told["while full"] == {"attempts": 0}
    (why,) = told["holds"].values()
    assert "is full" in why
    other = "archive" if kind == "output" else "compress"
    assert {"archive", "compress"} - {other} - set(told["done while full"])


def test_a_queue_whose_own_disk_is_full_loses_nothing(tmp_path: Path) -> None:
    told = on_a_small_disk(tmp_path, "queue")
    assert len(told["done while full"]) < 8


def test_a_read_only_share_is_told_to_a_person(tmp_path: Path) -> None:
    state, error = on_a_small_disk(tmp_path, "read-only")["parked"]
    assert state == "parked"
    assert "Read-only file system" in error
