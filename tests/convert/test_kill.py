"""A migration that is killed at any moment harms nothing and is gone on with to the same bytes."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from zarr_stores import COMPRESSORS, write_volume, written

from parfocal.convert import convert, rollback
from parfocal.convert._zarr_source import tree_identity
from parfocal.store import check

pytestmark = pytest.mark.usefixtures("small_shards")
KILLED_AT = """
import os, signal, sys
from pathlib import Path
from parfocal.convert import _convert, _journal, _publishing, _shards, convert

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

for name in ("lay_out", "finish_store", "publish"):
    killing(name, _convert)
for name in ("swap", "sync_to_disk"):
    killing(name, _publishing)
killing("add", _journal.Journal)
killing("remove", _journal.Journal)
convert(Path(sys.argv[1]), Path(sys.argv[2]), overwrite=True)
"""

SLOW = """
import sys, time
from pathlib import Path
from parfocal.convert import _shards, convert

_shards.SHARD_BYTES = 2**15
print("ready", flush=True)
source, destination = Path(sys.argv[1]), Path(sys.argv[2])
convert(source, destination, overwrite=True, tell=lambda _: time.sleep(0.03))
"""

MOMENTS = [
    ("lay_out", 0), ("add", 0), ("add", 5), ("add", 23), ("finish_store", 0), ("publish", 0),
    ("swap", 0), ("sync_to_disk", 0), ("remove", 0),
]  # fmt: skip


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory, small_shards: None) -> Path:
    """The store that stands at the destination already."""
    root = tmp_path_factory.mktemp("older")
    write_volume(root / "older.zarr", compressors=COMPRESSORS["zstd"])
    convert(root / "older.zarr", root / "older.ome.zarr")
    return root / "older.ome.zarr"


@pytest.fixture(scope="module")
def volume(
    tmp_path_factory: pytest.TempPathFactory, small_shards: None
) -> tuple[Path, dict[str, bytes], str]:
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
    assert written(destination) == before


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


def test_the_same_call_with_overwrite_twice_keeps_the_store_that_was_there_first(
    tmp_path: Path, older: Path, volume: tuple[Path, dict[str, bytes], str]
) -> None:
    source, whole, _ = volume
    destination = tmp_path / "new.ome.zarr"
    shutil.copytree(older, destination)
    for _ in range(3):
        convert(source, destination, overwrite=True)
    assert written(destination) == whole
    kept = [path for path in tmp_path.iterdir() if ".previous-" in path.name]
    assert sum(written(path) == written(older) for path in kept) == 1


def test_a_store_that_is_being_recorded_is_not_taken_away(
    tmp_path: Path, volume: tuple[Path, dict[str, bytes], str]
) -> None:
    from store_recordings import grid, plane_of, put_all, spec_of

    from parfocal.convert import ConvertError
    from parfocal.store import Recording, StoreReader

    source, _, _ = volume
    destination = tmp_path / "run.ome.zarr"
    write_volume(tmp_path / "other.zarr", compressors=COMPRESSORS["zstd"])
    convert(tmp_path / "other.zarr", destination)
    convert(source, destination, overwrite=True)
    shutil.rmtree(destination)
    recording = Recording.create(destination, spec_of(grid(3)))
    put_all(recording, grid(3)[:1])
    with pytest.raises(ConvertError, match="being recorded right now"):
        convert(source, destination, overwrite=True)
    with pytest.raises(ConvertError, match="being recorded right now"):
        rollback(destination)
    put_all(recording, grid(3)[1:])
    recording.close()
    for index in grid(3):
        assert (StoreReader(destination).plane(index) == plane_of(index)).all()
    assert convert(source, destination, overwrite=True).previous is not None


def test_what_came_into_being_meanwhile_is_not_replaced_unasked(
    tmp_path: Path, older: Path, volume: tuple[Path, dict[str, bytes], str]
) -> None:
    from parfocal.convert import ConvertError

    source, whole, _ = volume
    destination = tmp_path / "new.ome.zarr"

    def another_makes_it(_way: object) -> None:
        if not destination.exists():
            shutil.copytree(older, destination)

    with pytest.raises(ConvertError, match="come into being meanwhile"):
        convert(source, destination, tell=another_makes_it)
    assert written(destination) == written(older)
    assert convert(source, destination, overwrite=True).resumed
    assert written(destination) == whole


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


def contents(root: Path) -> str:
    """A hash of the names and bytes of all files."""
    told = hashlib.sha256()
    for file in sorted(root.rglob("*")):
        if file.is_file():
            told.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return told.hexdigest()


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("codec", ["blosc-lz4", "bz2"])
def test_fifty_kills_at_random_moments(tmp_path: Path, older: Path, codec: str) -> None:
    """With both codecs a hundred; into an empty place and over an older store by turns."""
    source = tmp_path / "old.zarr"
    write_volume(source, compressors=COMPRESSORS[codec])
    began = time.monotonic()
    convert(source, tmp_path / "whole.ome.zarr", tell=lambda _: time.sleep(0.03))
    lasts = time.monotonic() - began
    whole, before = written(tmp_path / "whole.ome.zarr"), written(older)
    untouched = contents(source)
    dice = random.Random(codec)
    moments: Counter[str] = Counter()
    for number in range(50):
        destination = tmp_path / f"{number}.ome.zarr"
        if number % 2:
            shutil.copytree(older, destination)
        killed_after(source, destination, dice.uniform(0, 1.1 * lasts))
        assert contents(source) == untouched
        moments[moment_of(destination, whole)] += 1
        if number % 2:
            assert written(destination) in (before, whole)
        else:
            assert not destination.exists() or written(destination) == whole
        report = convert(source, destination, overwrite=True)
        assert report.verified
        assert written(destination) == whole
        assert contents(source) == untouched
        left = [path.name for path in tmp_path.iterdir() if path.name.startswith(f".{number}.")]
        assert all(".previous-" in name for name in left), left
    logging.getLogger(__name__).info("%s: %s", codec, dict(moments))
    assert moments["amid the shards"] >= 20


def killed_after(source: Path, destination: Path, seconds: float) -> None:
    """Once its libraries are there, or it would be their import that is killed."""
    command = [sys.executable, "-c", SLOW, str(source), str(destination)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
        child.kill()


def moment_of(destination: Path, whole: dict[str, bytes]) -> str:
    """What a kill came upon."""
    journals = list(destination.parent.glob(f".{destination.name}.partial-*.journal"))
    if not journals:
        return "after the end" if destination.exists() else "before it began"
    shards = len(journals[0].read_bytes().splitlines()) - 1
    if destination.exists() and written(destination) == whole:
        return "after the exchange"
    if shards <= 0:
        return "laying out"
    return "amid the shards" if shards < 24 else "after the shards"
