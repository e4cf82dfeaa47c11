"""After kill -9 at any moment the store opens, and every plane that it claims is right."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from store_recordings import grid, plane_of, put_all, spec_of
from survival import assert_opens, assert_recovers, stored, taken, told, tree
from victims import SHAPE, Victims, said

from parfocal.store import (
    Recording,
    StoreError,
    StoreReader,
    check,
    info,
    recover,
    write_pyramid,
)
from parfocal.store._layout import FRAME_TABLE, journal_path, spool_path

STACKS = {"t": 12, "p": 2, "c": 2, "z": 3}  # a stack is a shard
FRAMES = {"t": 70, "p": 2}  # 16 to 64 frames are a shard


@pytest.fixture(scope="module")
def victims(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victims]:
    program = Victims(tmp_path_factory.mktemp("victims") / "errors.txt")
    yield program
    program.close()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "cells.ome.zarr"


@pytest.mark.parametrize("plan", [STACKS, FRAMES], ids=["stacks", "frames"])
@pytest.mark.parametrize("die_at", [0, 1, 50, 137])
def test_amid_a_shard(victims: Victims, store: Path, plan: dict[str, int], die_at: int) -> None:
    assert victims.run("record", store, grid=plan, die_at=die_at) == "killed"
    assert_opens(store)
    assert info(store).state == "interrupted"
    report = assert_recovers(store)
    assert report.state == "recovered"
    assert len(taken(store)) == die_at


@pytest.mark.parametrize("plan", [STACKS, FRAMES], ids=["stacks", "frames"])
@pytest.mark.parametrize("die_at", [1, 50, 137])
def test_with_the_spool_every_frame_that_was_taken_is_there(
    victims: Victims, store: Path, plan: dict[str, int], die_at: int
) -> None:
    options = {"grid": plan, "create": {"spool": True}, "shuffle": die_at}
    assert victims.run("record", store, **options, die_at=die_at) == "killed"
    assert_opens(store)
    report = assert_recovers(store, spool=True)
    assert report.kept == die_at
    assert report.from_spool > 0
    assert not spool_path(store).exists()
    rows = pq.read_table(store / FRAME_TABLE)["exposure_ms"].to_pylist()
    assert rows == [5.0] * die_at


def test_in_a_recover_that_restores_from_the_spool(victims: Victims, store: Path) -> None:
    victims.run("record", store, grid=FRAMES, create={"spool": True}, die_at=137)
    for marker in (r"rename .*/frames\.parquet\.new$", r"read .*/planes/", r"^rmdir .*\.spool$"):
        assert victims.run("recover", store, marker=marker) == "killed"
        assert_opens(store)
    assert assert_recovers(store, spool=True).kept == 137


# The moment before each of these: the close of a recording, operation by operation
CLOSING = {
    "a shard is acknowledged": (r"^read .*/c/\d+/0/\d+/0/0$", 3),
    "a shard is flushed": (r"^write .*/c/\d+/0/\d+/0/0$", 1),
    "the reserve is given back": (r"^rmdir .*/reserve$", 1),
    "the table of frames is written": (r"^write .*/frames\.parquet\.new$", 1),
    "the table of frames takes its place": (r"^rename .*/frames\.parquet\.new$", 1),
    "the record is written": (r"^write .*/run/zarr\.json\.new$", 2),
    "the record takes its place": (r"^rename .*/run/zarr\.json\.new$", 2),
    "the record is flushed": (r"^write .*/planes/c/0/0/0/0$", 1),
    "the journal is deleted": (r"^remove .*\.journal$", 1),
}


@pytest.mark.parametrize(("marker", "count"), CLOSING.values(), ids=list(CLOSING))
def test_at_close(victims: Victims, store: Path, marker: str, count: int) -> None:
    plan = {"t": 5, "p": 2, "z": 2}
    assert victims.run("record", store, grid=plan, marker=marker, count=count) == "killed"
    assert_opens(store)
    before = info(store)
    report = assert_recovers(store)
    # what the record said before the kill stays said
    assert report.state == ("recovered" if before.state == "interrupted" else before.state)
    if "closing" not in marker and not said(store, "closed"):
        assert report.kept >= before.acquired


@pytest.mark.parametrize("spool", [False, True], ids=["plain", "spool"])
@pytest.mark.parametrize(
    ("kill", "stacks"),
    [
        ({"die_at": 45}, True),
        ({"marker": r"^rename .*/A/1/0/0/zarr\.json\.new$", "count": 3}, True),
        ({"marker": r"^write .*/A/1/1/0/zarr\.json\.new$", "count": 2}, False),
        ({"marker": r"^read .*/A/1/0/0/c/", "count": 1}, False),
        ({"marker": r"^rename .*/frames\.parquet\.new$", "count": 1}, False),
    ],
    ids=["amid a shard", "a stack's resize", "a shard's resize", "after a resize", "at close"],
)
def test_of_an_unbounded_recording(
    victims: Victims, store: Path, kill: dict[str, Any], stacks: bool, spool: bool
) -> None:
    options = {
        "grid": {"p": 2, "z": 3} if stacks else {"p": 2},
        "spec": {"unbounded": True, "time_step_s": 0.01},
        "repeats": 20 if stacks else 150,
        "create": {"spool": spool},
    }
    assert victims.run("record", store, **options, **kill) == "killed"
    assert_opens(store)
    report = assert_recovers(store, spool=spool)
    last = max((t for t, *_ in stored(store)), default=0)
    assert info(store).shape[0] == last + 1
    assert report.kept + report.missing == (last + 1) * (6 if stacks else 2)


EXTENDING = {
    "images are made": (r"^write .*/A/1/2/zarr\.json\.new$", 1),
    "an array of a field that joins": (r"^rename .*/A/1/3/0/zarr\.json\.new$", 1),
    "the arrays are resized": (r"^rename .*/A/1/1/0/zarr\.json\.new$", 2),
    "the well lists them": (r"^rename .*/A/1/zarr\.json\.new$", 2),
    "the plate lists them": (r"^rename cells\.ome\.zarr/zarr\.json\.new$", 2),
    "the states reach them": (r"^rename .*/planes/zarr\.json\.new$", 2),
    "the record tells of them": (r"^rename .*/run/zarr\.json\.new$", 2),
    "a shard of them is acknowledged": (r"^read .*/A/1/3/0/c/", 1),
}


@pytest.mark.parametrize(("marker", "count"), EXTENDING.values(), ids=list(EXTENDING))
def test_in_an_extension(victims: Victims, store: Path, marker: str, count: int) -> None:
    extension = [one for one in grid(t=6, p=4, z=2) if one[0] > 3 or one[1] > 1]
    options = {"grid": {"t": 4, "p": 2, "z": 2}, "extension": extension, "joining": 2}
    killed = victims.run("record", store, **options, extend_at=9, marker=marker, count=count)
    assert killed == "killed"
    assert_opens(store)
    assert_recovers(store)
    assert len(info(store).fields) in (2, 4)


@pytest.mark.parametrize("count", [1, 4, 9, 12, 16])
def test_while_the_store_is_being_made(victims: Victims, store: Path, count: int) -> None:
    making = r"^(write|rename) .*zarr\.json\.new$"
    killed = victims.run("record", store, grid={"t": 2, "p": 2}, marker=making, count=count)
    assert killed == "killed"
    with pytest.raises(StoreError, match=r"killed while the store was being made.*delete it"):
        recover(store)


RECOVERING = {
    "the reserve is given back": (r"^rmdir .*/reserve$", 1),
    "a lock is moved out": (r"^rename .*__lock$", 1),
    "a shard is flushed": (r"^write .*/c/\d+/0/\d+/0/0$", 1),
    "the table of frames takes its place": (r"^rename .*/frames\.parquet\.new$", 1),
    "the missing planes are listed": (r"^rename .*/missing\.parquet\.new$", 1),
    "the record takes its place": (r"^rename .*/run/zarr\.json\.new$", 1),
    "all is flushed": (r"^write .*/planes/c/0/0/0/0$", 1),
    "the journal is deleted": (r"^remove .*\.journal$", 1),
}


@pytest.mark.parametrize(("marker", "count"), RECOVERING.values(), ids=list(RECOVERING))
def test_in_recover_itself(victims: Victims, store: Path, marker: str, count: int) -> None:
    assert victims.run("record", store, grid=STACKS, die_at=77, committed=1) == "killed"
    half = store / "A/1/0/0/c/0/0/0/0/1.__lock"
    half.parent.mkdir(parents=True, exist_ok=True)  # the first shard may be of another channel
    half.write_bytes(b"half a shard")
    assert victims.run("recover", store, marker=marker, count=count) == "killed"
    assert_opens(store)
    report = assert_recovers(store)
    assert report.state == "recovered"
    assert report.missing == 144 - report.kept


OVERWRITING = {
    "a frame": (r"^read .*/c/\d+/0/\d+/0/0$", 1),
    "the old store is moved aside": (r"^rename cells\.ome\.zarr$", 1),
    "the new store takes its place": (r"^rename cells\.replacing\.ome\.zarr$", 1),
    "the old store is deleted": (r"^read cells\.old\.ome\.zarr", 1),
    "the old store is gone": (r"^rmdir cells\.old\.ome\.zarr$", 1),
}


@pytest.mark.parametrize(("marker", "count"), OVERWRITING.values(), ids=list(OVERWRITING))
def test_in_an_overwrite(victims: Victims, store: Path, marker: str, count: int) -> None:
    old = Recording.create(store, spec_of(grid(t=2), shape=SHAPE))
    put_all(old, grid(t=2), SHAPE)
    old.close()
    before = tree(store)
    options: dict[str, Any] = {"grid": {"t": 3, "z": 2}, "create": {"overwrite": True}}
    assert victims.run("record", store, **options, marker=marker, count=count) == "killed"
    replacing = store.with_name("cells.replacing.ome.zarr")
    if replacing.exists() and store.exists():
        assert tree(store) == before  # the old one is as it was
        assert_opens(replacing)
        report = assert_recovers(replacing)
        assert f"{store}, which it was to replace, still is as it was" in report.note
        assert tree(store) == before
        return
    if replacing.exists():
        with pytest.raises(StoreError, match=r"does not exist; .*replacing.*recover that one"):
            recover(store)
        assert_opens(replacing)
        report = recover(replacing)
        assert "is in its place now" in report.note
        assert not replacing.exists()
    assert_opens(store)
    assert_recovers(store)
    assert info(store).acquired == 6


def test_a_killed_recording_that_is_overwritten_leaves_nothing_beside(
    victims: Victims, store: Path
) -> None:
    options: dict[str, Any] = {"grid": {"t": 6, "z": 2}, "die_at": 5, "create": {"spool": True}}
    assert victims.run("record", store, **options) == "killed"
    new = Recording.create(store, spec_of(grid(t=2), shape=SHAPE), overwrite=True)
    put_all(new, grid(t=2), SHAPE)
    new.close()
    assert list(store.parent.iterdir()) == [store]


PYRAMID = {
    "the first shard": (r"^read .*pyramid/.*/c/", 1),
    "a level is moved in": (r"^rename cells\.ome\.zarr\.pyramid/.*/1$", 1),
    "a level is listed": (r"^rename .*/A/1/0/zarr\.json\.new$", 1),
    "the next level": (r"^mkdir .*pyramid/.*/2", 1),
}


@pytest.mark.parametrize(("marker", "count"), PYRAMID.values(), ids=list(PYRAMID))
def test_in_the_pyramid(victims: Victims, store: Path, marker: str, count: int) -> None:
    planned, shape = grid(t=2), (900, 1000)
    recording = Recording.create(store, spec_of(planned, shape=shape))
    put_all(recording, planned, shape)
    recording.close()
    assert victims.run("pyramid", store, marker=marker, count=count) == "killed"
    assert info(store).state == "completed"
    assert recover(store).state == "completed"
    assert not recover(store).changed
    assert check(store, deep=True).ok
    reader = StoreReader(store)
    for index in planned:
        assert (reader.plane(index) == plane_of(index, shape)).all()
    assert write_pyramid(store).levels == (3,)
    assert check(store, deep=True).ok


@pytest.mark.parametrize("die_at", [1, 7, 12])
def test_a_slow_time_lapse_loses_at_most_one_event(
    victims: Victims, store: Path, die_at: int
) -> None:
    """One frame a shard: what came before the last event is on the disk."""
    options = {"grid": {"t": 8, "p": 2}, "interval": 60.0, "pause": 0.05}
    assert victims.run("record", store, **options, die_at=die_at) == "killed"
    assert_opens(store)
    report = assert_recovers(store)
    assert die_at - report.kept <= 1


def test_a_copy_without_its_journal_is_counted_by_its_checksums(
    victims: Victims, store: Path
) -> None:
    assert victims.run("record", store, grid=STACKS, die_at=77) == "killed"
    known = told(store)
    journal_path(store).unlink()
    assert_opens(store)
    report = assert_recovers(store)
    assert known <= stored(store)
    assert report.unacknowledged == report.kept


def _random_kill(victims: Victims, store: Path, seed: int) -> None:
    """Any plan, any order, any moment; then recover, which may be killed as well."""
    dice = random.Random(seed)
    plan = {axis: dice.randint(1, most) for axis, most in (("t", 40), ("p", 3), ("c", 2), ("z", 4))}
    options: dict[str, Any] = {"grid": plan, "pause": dice.choice([0.0, 0.0, 0.002])}
    if dice.random() < 0.5:
        options["shuffle"] = dice.randint(0, 99)
    if dice.random() < 0.3:
        options["interval"] = dice.choice([0.5, 20.0])
    if dice.random() < 0.3:
        options["create"] = {"spool": True}
    if dice.random() < 0.2:
        options |= {"spec": {"unbounded": True, "time_step_s": 0.01}, "repeats": 4}
    print(f"seed {seed}: {options}")  # noqa: T201 - pytest shows it with a failure
    victims.run("record", store, **options, after_s=dice.uniform(0.005, 0.5))
    if not (store / "parfocal/run/planes/zarr.json").exists():
        return  # killed while it was being made
    assert_opens(store)
    if dice.random() < 0.5:
        victims.run("recover", store, after_s=dice.uniform(0.0, 0.2))
        assert_opens(store)
    assert_recovers(store, spool="create" in options)


@pytest.mark.parametrize("seed", range(6))
def test_at_a_random_moment(victims: Victims, store: Path, seed: int) -> None:
    _random_kill(victims, store, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1000, 1200))
def test_at_200_random_moments(victims: Victims, store: Path, seed: int) -> None:
    _random_kill(victims, store, seed)


def test_what_is_being_recorded_is_neither_overwritten_nor_recovered(store: Path) -> None:
    recording = Recording.create(store, spec_of(grid(t=2)))
    try:
        with pytest.raises(StoreError, match="is being recorded right now"):
            Recording.create(store, spec_of(grid(t=2)), overwrite=True)
        with pytest.raises(StoreError, match="is being recorded right now"):
            recover(store)
    finally:
        recording.close("interrupted")
    assert not recover(store).changed
    assert info(store).state == "interrupted"
