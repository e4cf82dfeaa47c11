"""A migration that is killed at any moment harms nothing and is gone on with to the same bytes."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from zarr_stores import COMPRESSORS, pixels_of, write_volume, written

from parfocal.convert import _shards, convert, rollback
from parfocal.convert._zarr_source import tree_identity
from parfocal.store import check

KILLED_AT = """
import os, signal, sys
from pathlib import Path
from parfocal.convert import _convert, _journal, _shards, convert

_shards.SHARD_BYTES = 2**15

step, after = sys.argv[3], int(sys.argv[4])
calls = 0

def killing(name, owner):
    whole = getattr(owner, name)
    def counted(*arguments, **named):
        global calls
        if name == step:
            if calls == after:
                os.kill(os.getpid(), signal.SIGKILL)
            calls += 1
        return whole(*arguments, **named)
    setattr(owner, name, counted)

for name in ("lay_out", "finish_store", "_publish", "swap", "sync_to_disk"):
    killing(name, _convert)
killing("add", _journal.Journal)
killing("remove", _journal.Journal)
convert(Path(sys.argv[1]), Path(sys.argv[2]), overwrite=True)
"""

SLOW = """
import sys, time
from pathlib import Path
from parfocal.convert import _shards, convert

_shards.SHARD_BYTES = 2**15
convert(Path(sys.argv[1]), Path(sys.argv[2]), tell=lambda _: time.sleep(0.03))
"""

MOMENTS = [
    ("lay_out", 0), ("add", 0), ("add", 5), ("add", 23), ("finish_store", 0), ("_publish", 0),
    ("swap", 0), ("sync_to_disk", 0), ("remove", 0),
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def small_shards() -> Iterator[None]:
    """So that a small store has 24 of them."""
    patch = pytest.MonkeyPatch()
    patch.setattr(_shards, "SHARD_BYTES", 2**15)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store that stands at the destination already."""
    root = tmp_path_factory.mktemp("older")
    write_volume(root / "older.zarr", compressors=COMPRESSORS["zstd"])
    convert(root / "older.zarr", root / "older.ome.zarr")
    return root / "older.ome.zarr"


@pytest.fixture(scope="module")
def volume(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes], str]:
    """A store, what becomes of it undisturbed, and its identity."""
    root = tmp_path_factory.mktemp("volume")
    write_volume(root / "old.zarr")
    convert(root / "old.zarr", root / "whole.ome.zarr")
    return root / "old.zarr", written(root / "whole.ome.zarr"), tree_identity(root / "old.zarr")


@pytest.mark.parametrize(("step", "after"), MOMENTS)
def test_a_kill_at_each_step_is_gone_on_with(
    step: str,
    after: int,
    tmp_path: Path,
    older: Path,
    volume: tuple[Path, dict[str, bytes], str],
) -> None:
    source, whole, identity = volume
    destination = tmp_path / "new.ome.zarr"
    shutil.copytree(older, destination)
    before = written(older)
    killed = run_killed(source, destination, step, after)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert tree_identity(source) == identity
    # the old one or the new one, and never neither or a half
    assert written(destination) in (before, whole)
    report = convert(source, destination, overwrite=True)
    assert report.verified
    assert written(destination) == whole
    assert check(destination, deep=True).ok
    left = {path.name for path in tmp_path.iterdir()}
    assert not [name for name in left if ".partial-" in name], left
    assert len([name for name in left if ".previous-" in name]) == 1
    rollback(destination)
    assert written(destination) in (before, whole)


def run_killed(
    source: Path, destination: Path, step: str, after: int
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", KILLED_AT, str(source), str(destination), step, str(after)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_second_call_on_a_finished_store_is_refused_and_changes_nothing(
    tmp_path: Path, volume: tuple[Path, dict[str, bytes], str]
) -> None:
    from parfocal.convert import ConvertError

    source, whole, _ = volume
    convert(source, tmp_path / "new.ome.zarr")
    with pytest.raises(ConvertError, match="exists already"):
        convert(source, tmp_path / "new.ome.zarr")
    assert written(tmp_path / "new.ome.zarr") == whole


def test_two_at_once_are_one(tmp_path: Path, volume: tuple[Path, dict[str, bytes], str]) -> None:
    from threading import Event, Thread

    from parfocal.convert import ConvertError

    source, whole, _ = volume
    began, go_on = Event(), Event()

    def wait_a_moment(_way: object) -> None:
        began.set()
        go_on.wait(20)

    first = Thread(
        target=convert, args=(source, tmp_path / "n.ome.zarr"), kwargs={"tell": wait_a_moment}
    )
    first.start()
    assert began.wait(20)
    with pytest.raises(ConvertError, match="in use"):
        convert(source, tmp_path / "n.ome.zarr")
    go_on.set()
    first.join(30)
    assert written(tmp_path / "n.ome.zarr") == whole


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_hundred_kills_at_random_moments(tmp_path: Path) -> None:
    data = write_volume(tmp_path / "old.zarr", compressors=COMPRESSORS["bz2"])
    convert(tmp_path / "old.zarr", tmp_path / "whole.ome.zarr")
    whole, identity = written(tmp_path / "whole.ome.zarr"), tree_identity(tmp_path / "old.zarr")
    dice = random.Random(5)
    for number in range(100):
        destination = tmp_path / f"{number}.ome.zarr"
        child = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "parfocal",
                "migrate",
                str(tmp_path / "old.zarr"),
                "-o",
                str(destination),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(dice.uniform(0.2, 2.0))
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert tree_identity(tmp_path / "old.zarr") == identity
        assert not destination.exists() or written(destination) == whole
        convert(tmp_path / "old.zarr", destination, overwrite=True)
        assert written(destination) == whole
        assert np.array_equal(pixels_of(destination), data)
