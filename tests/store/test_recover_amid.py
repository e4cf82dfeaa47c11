"""Recover among others: a second recover, the journal of another store, a pyramid that was made."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from store_recordings import grid, put_all, spec_of
from survival import assert_exact, stored, tree
from victims import SHAPE, Victims

from parfocal.store import Recording, StoreReader, check, info, recover, write_pyramid
from parfocal.store._layout import FRAME_TABLE, journal_path, quarantine_path
from parfocal.store._store_lock import changing


@pytest.fixture
def victims(tmp_path: Path) -> Victims:
    program = Victims(tmp_path / "errors.txt")
    yield program
    program.close()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data/cells.ome.zarr"


def record(path: Path, planes: int) -> None:
    recording = Recording.create(path, spec_of(grid(z=planes), shape=SHAPE))
    put_all(recording, grid(z=planes), SHAPE)
    recording.close()


def test_two_that_look_deep_at_once_keep_what_is_whole(store: Path) -> None:
    """What the second one saw is no longer so when the first one has repaired it."""
    record(store, 8)
    file = store / "A/1/0/0/c/0/0/0/0/0"
    content = bytearray(file.read_bytes())
    content[20] ^= 1
    file.write_bytes(content)
    reports = []

    def repair() -> None:
        reports.append(recover(store, deep=True))

    both = [threading.Thread(target=repair) for _ in range(2)]
    with changing(store):
        for one in both:
            one.start()
        time.sleep(0.5)  # long enough to have looked
    for one in both:
        one.join(30)
    assert sorted(report.changed for report in reports) == [False, True]
    assert {(report.kept, report.lost) for report in reports} == {(7, 1)}
    assert len(stored(store)) == 7
    assert_exact(store, stored(store))
    assert check(store, deep=True).ok


def test_the_journal_of_another_store_is_not_believed(store: Path, victims: Victims) -> None:
    other = store.with_name("other.ome.zarr")
    plan = {"t": 6, "z": 2}
    assert victims.run("record", store, grid=plan, die_at=9, pause=0.01) == "killed"
    shutil.rmtree(store)
    record(other, 3)
    table = (other / FRAME_TABLE).read_bytes()
    other.rename(store)
    said = journal_path(store).read_bytes()
    assert (info(store).state, info(store).acquired, info(store).missing) == ("completed", 3, 0)
    report = recover(store)
    assert (report.state, report.kept, report.lost, report.missing) == ("completed", 3, 0, 0)
    assert report.quarantined == (journal_path(store).name,)
    assert (quarantine_path(store) / journal_path(store).name).read_bytes() == said
    assert (store / FRAME_TABLE).read_bytes() == table
    assert not journal_path(store).exists()
    once = tree(store.parent)
    assert not recover(store).changed
    assert tree(store.parent) == once


def test_a_killed_store_with_the_journal_of_another_is_counted_by_its_shards(
    store: Path, victims: Victims
) -> None:
    plan = {"t": 6, "z": 2}
    assert victims.run("record", store, grid=plan, die_at=9, pause=0.01) == "killed"
    other = store.with_name("other.ome.zarr")
    assert victims.run("record", other, grid={"t": 2, "z": 2}, die_at=3, pause=0.01) == "killed"
    kept = info(store).acquired
    assert kept >= 6
    journal_path(other).rename(journal_path(store))
    shutil.rmtree(other)
    found = info(store)
    assert (found.state, found.acquired, found.missing) == ("interrupted", kept, 12 - kept)
    report = recover(store)
    assert (report.kept, report.lost) == (kept, 0)
    assert pq.read_metadata(store / FRAME_TABLE).num_rows == kept
    assert_exact(store, stored(store))
    assert check(store, deep=True).ok
    assert not recover(store).changed


@pytest.mark.parametrize("damage", ["cut", "flip", "gone"])
def test_a_damaged_level_is_made_anew_by_the_next_pyramid(store: Path, damage: str) -> None:
    """Its shard was moved out, and the level showed zeros there for good."""
    recording = Recording.create(store, spec_of(grid(t=2, p=2), shape=(800, 800)))
    put_all(recording, grid(t=2, p=2), (800, 800))
    recording.close()
    write_pyramid(store)
    before = [StoreReader(store).plane((t, 0, 0, 0), 1) for t in range(2)]
    assert (info(store).levels, check(store, deep=True).ok) == (3, True)
    (file, *_) = (one for one in (store / "A/1/0/1/c").rglob("*") if one.is_file())
    content = bytearray(file.read_bytes())
    content[60] ^= 1
    if damage == "gone":
        shutil.rmtree(store / "A/1/0/1")
    else:
        file.write_bytes(content[:-3] if damage == "cut" else content)
    assert not check(store, deep=True).ok
    report = recover(store, deep=True)
    assert (report.kept, report.lost) == (4, 0)
    assert info(store).levels == 1
    assert check(store, deep=True).ok
    assert not recover(store, deep=True).changed
    assert write_pyramid(store).made == 2
    for t in range(2):
        np.testing.assert_array_equal(StoreReader(store).plane((t, 0, 0, 0), 1), before[t])
    assert check(store, deep=True).findings == ()
