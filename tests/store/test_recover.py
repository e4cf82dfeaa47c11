"""Recover keeps every whole plane, says which are missing and why, and leaves the rest alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from foreign_stores import write_image
from store_recordings import grid, put_all, spec_of
from survival import assert_exact, stored, tree
from victims import Victims

from parfocal.store import Recording, StoreCancelled, StoreError, StoreReader, check, info, recover
from parfocal.store._layout import FRAME_TABLE, MISSING_TABLE, journal_path, quarantine_path

PLAN = {"t": 6, "p": 2, "z": 4}
SHARD = "A/1/0/0/c/{t}/0/0/0/0"


@pytest.fixture(scope="module")
def killed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of 12 stacks of which 9 are whole and one is begun, killed."""
    folder = tmp_path_factory.mktemp("killed") / "data"
    folder.mkdir()
    program = Victims(folder.parent / "errors.txt")
    skip = [[[5, 1, 0, 3], "the stage did not move"]]
    program.run("record", folder / "a.ome.zarr", grid=PLAN, die_at=38, pause=0.01, skip=skip)
    program.close()
    return folder


@pytest.fixture
def killed(killed_once: Path, tmp_path: Path) -> Path:
    shutil.copytree(killed_once, tmp_path / "data")
    return tmp_path / "data/a.ome.zarr"


def test_what_was_stored_stays_and_what_was_not_has_a_reason(killed: Path) -> None:
    report = recover(killed)
    assert (report.state, report.kept, report.lost, report.missing) == ("recovered", 36, 0, 12)
    assert report.sentence == "recovered: 36 of 48 planes are there"
    assert stored(killed) == set(grid(**PLAN)[:36])
    table = pq.read_table(killed / FRAME_TABLE)
    assert table.num_rows == 36
    assert set(table["exposure_ms"].to_pylist()) == {5.0}
    why = {tuple(row.values())[:4]: row["reason"] for row in _rows(killed / MISSING_TABLE)}
    assert len(why) == 12
    assert why.pop((5, 1, 0, 3)) == "the stage did not move"
    assert set(why.values()) == {"the recording process ended before it closed the store"}
    assert check(killed, deep=True).ok
    assert not journal_path(killed).exists()
    assert list(killed.parent.iterdir()) == [killed]


def test_info_lists_the_missing_planes_before_and_after(killed: Path) -> None:
    before = info(killed)
    recover(killed)
    for found in (before, info(killed)):
        listed = found.as_json()["missing_planes"]
        assert [(one["name"], one["count"]) for one in listed] == [("field 0", 4), ("field 1", 8)]
        assert listed[0]["planes"] == [[5, 0, z] for z in range(4)]


def test_a_whole_shard_that_the_journal_does_not_know_is_kept(killed: Path) -> None:
    journal = journal_path(killed)
    lines = journal.read_bytes().splitlines(keepends=True)
    shards = [line for line in lines if b'"shard"' in line]
    journal.write_bytes(b"".join(lines[: lines.index(shards[-2])]) + shards[-2][:-9])
    report = recover(killed)
    assert report.kept == 36
    assert report.unacknowledged == 8
    table = pq.read_table(killed / FRAME_TABLE).to_pylist()
    assert len(table) == 36
    assert sum(row["exposure_ms"] is None for row in table) == 8
    assert check(killed, deep=True).ok


@pytest.mark.parametrize("size", [0, 3, 67, 500])
def test_a_shard_that_was_cut_short_is_moved_out(killed: Path, size: int) -> None:
    file = killed / SHARD.format(t=2)
    os.truncate(file, size)
    report = recover(killed)
    assert (report.kept, report.lost) == (32, 4)
    assert report.quarantined == (SHARD.format(t=2),)
    assert (quarantine_path(killed) / report.quarantined[0]).stat().st_size == size
    assert not file.exists()
    reasons = {row["t"]: row["reason"] for row in _rows(killed / MISSING_TABLE)}
    assert reasons[2] == "its shard was damaged"
    assert check(killed, deep=True).ok
    beside = f"in {quarantine_path(killed).name}: 1 broken or left-over file"
    assert f"4 that had been written cannot be read, {beside}" in report.sentence


def _without_checkpoints(store: Path) -> None:
    journal = journal_path(store)
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(line for line in lines if b'"checkpoint"' not in line))


def _without_journal(store: Path) -> None:
    journal_path(store).unlink()


@pytest.mark.parametrize("doubt", [_without_checkpoints, _without_journal])
def test_of_a_shard_with_a_flipped_bit_the_other_planes_are_kept(
    killed: Path, doubt: Callable[[Path], None]
) -> None:
    doubt(killed)
    file = killed / SHARD.format(t=3)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 4
    file.write_bytes(content)
    report = recover(killed)
    assert (report.kept, report.lost) == (35, 1)
    (lost,) = {(3, 0, 0, z) for z in range(4)} - stored(killed)
    assert_exact(killed, stored(killed))
    assert not StoreReader(killed).plane(lost).any()
    assert (quarantine_path(killed) / SHARD.format(t=3)).read_bytes() == content
    assert check(killed, deep=True).ok
    once = tree(killed.parent)
    assert not recover(killed).changed
    assert tree(killed.parent) == once


def test_a_closed_store_is_left_as_it_is(tmp_path: Path) -> None:
    for state in ("completed", "interrupted"):
        path = tmp_path / f"{state}.ome.zarr"
        recording = Recording.create(path, spec_of(grid(t=3)))
        put_all(recording, grid(t=3)[: 3 if state == "completed" else 2])
        recording.close(state, "enough")
    before = tree(tmp_path)
    for state in ("completed", "interrupted"):
        for deep in (False, True):
            report = recover(tmp_path / f"{state}.ome.zarr", deep=deep)
            assert not report.changed
            assert report.state == state
            assert "there is nothing to do" in report.sentence
    assert tree(tmp_path) == before


def test_a_flipped_bit_in_a_closed_store_is_found_when_asked_to_look_deep(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.zarr"
    recording = Recording.create(path, spec_of(grid(z=4)))
    put_all(recording, grid(z=4))
    recording.close()
    file = path / SHARD.format(t=0)
    content = bytearray(file.read_bytes())
    content[20] ^= 1
    file.write_bytes(content)
    assert not check(path, deep=True).ok
    assert not recover(path).changed
    report = recover(path, deep=True)
    assert (report.state, report.kept, report.lost, report.missing) == ("recovered", 3, 1, 1)
    assert check(path, deep=True).ok
    assert not recover(path, deep=True).changed
    assert pq.read_table(path / FRAME_TABLE).num_rows == 3


def test_a_lost_shard_of_a_closed_store_becomes_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.zarr"
    recording = Recording.create(path, spec_of(grid(t=3, z=2)))
    recording.skip((2, 0, 0, 1), "the shutter stayed closed")
    put_all(recording, grid(t=3, z=2)[:5])
    recording.close("interrupted", "stopped")
    (path / SHARD.format(t=1)).unlink()
    assert not check(path).ok
    report = recover(path)
    assert (report.state, report.kept, report.lost, report.missing) == ("recovered", 3, 2, 3)
    why = {(row["t"], row["z"]): row["reason"] for row in _rows(path / MISSING_TABLE)}
    assert why[2, 1] == "the shutter stayed closed"
    assert why[1, 0] == "its shard was damaged"
    assert pq.read_table(path / FRAME_TABLE)["exposure_ms"].to_pylist() == [5.0] * 3
    assert check(path, deep=True).ok


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_what_parfocal_did_not_record_is_untouched(tmp_path: Path, version: str) -> None:
    write_image(tmp_path / "other.ome.zarr", version=version)
    before = tree(tmp_path)
    with pytest.raises(StoreError, match=r"was not recorded by Parfocal.*it is untouched"):
        recover(tmp_path / "other.ome.zarr")
    assert tree(tmp_path) == before


def test_what_cannot_be_repaired_is_said_and_untouched(killed: Path) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        recover(killed.with_name("b.ome.zarr"))
    (killed / "A/1/0/0/zarr.json").unlink()
    with pytest.raises(StoreError, match=r"A/1/0/0/zarr\.json cannot be read"):
        recover(killed)
    (killed / "parfocal/run/zarr.json").write_text("{")
    with pytest.raises(StoreError, match="is not JSON"):
        recover(killed)
    (killed / "zarr.json").unlink()
    with pytest.raises(StoreError, match=r"has lost its metadata.*restore them from a copy"):
        recover(killed)
    assert len(list(killed.rglob("c/*/0/0/0/0"))) == 9


def test_a_cancelled_recover_is_ended_by_the_next_one(killed: Path) -> None:
    def stop(done: float, message: str) -> None:
        if done > 0.3:
            raise StoreCancelled("enough")

    with pytest.raises(StoreCancelled):
        recover(killed, stop)
    assert recover(killed).kept == 36
    assert check(killed, deep=True).ok


def test_the_verb_says_what_it_did(killed: Path) -> None:
    command = [sys.executable, "-m", "parfocal", "recover", "--json", str(killed)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    value = json.loads(done.stdout)
    assert {key: value[key] for key in ("state", "kept", "lost", "missing")} == {
        "state": "recovered",
        "kept": 36,
        "lost": 0,
        "missing": 12,
    }
    missing = subprocess.run(
        [*command[:-1], str(killed.with_name("none.zarr"))], capture_output=True, text=True
    )
    assert missing.returncode == 1
    assert missing.stderr.startswith("parfocal: ")
    assert "Traceback" not in missing.stderr


def _rows(table: Path) -> list[dict]:
    return pq.read_table(table).to_pylist()


def test_info_names_a_few_of_the_missing_planes_for_a_person(tmp_path: Path) -> None:
    from parfocal.cli.verbs.info import run

    planned = grid(t=30, p=12, z=2)
    recording = Recording.create(tmp_path / "a.ome.zarr", spec_of(planned))
    put_all(recording, planned[:24])
    recording.close("interrupted", "stopped")
    lines = run(Namespace(store=tmp_path / "a.ome.zarr")).text.splitlines()
    listed = [line for line in lines if line.startswith("missing ")]
    assert len(listed) == 8
    assert listed[0].startswith("missing      58 of field 0: t=1 c=0 z=0, t=1 c=0 z=1, t=2 c=0")
    assert listed[0].endswith(", and 54 more")
    assert "some of 4 other fields" in lines[-1]
