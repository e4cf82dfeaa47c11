"""A recording keeps every plane it is given, in any order, and says what it does not have."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import google_crc32c
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_recordings import SHAPE, bytes_written, grid, plane_of, put_all, spec_of

from parfocal.store import Recording, StoreError, StoreReader, _recording, info
from parfocal.store._frame_table import write_frame_table
from parfocal.store._journal import read_entries
from parfocal.store._layout import journal_path
from parfocal.store._shards import copy_into


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cells.ome.zarr"


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    planned=st.permutations(grid(t=3, p=2, c=2, z=3)), lost=st.integers(0, 4), skip=st.booleans()
)
def test_planes_in_any_order_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, planned: list, lost: int, skip: bool
) -> None:
    path = tmp_path_factory.mktemp("order") / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(sorted(planned)), checkpoint_s=None)
    missing, given_ = planned[:lost], planned[lost:]
    put_all(recording, given_)
    for index in missing:
        if skip:
            recording.skip(index, "the camera was asleep")
    for index in given_:
        np.testing.assert_array_equal(recording.get(index), plane_of(index))
    recording.close()
    found, reader = info(path), StoreReader(path)
    assert (found.planned, found.acquired, found.missing) == (36, 36 - lost, lost)
    assert not journal_path(path).exists()
    for index in given_:
        np.testing.assert_array_equal(reader.plane(index), plane_of(index))
    rows = pq.read_table(path / "parfocal/run/frames.parquet").to_pylist()
    assert {(r["t"], r["p"], r["c"], r["z"]) for r in rows} == set(given_)
    assert all(row["exposure_ms"] == 5.0 for row in rows)
    if lost:
        absent = pq.read_table(path / "parfocal/run/missing.parquet").to_pylist()
        assert {(r["t"], r["p"], r["c"], r["z"]) for r in absent} == set(missing)
        assert {r["reason"] for r in absent} == {
            "the camera was asleep" if skip else "it never arrived"
        }


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int32", "float32"])
@pytest.mark.parametrize("codec", ["lz4", "zstd", "none"])
@pytest.mark.parametrize("shape", [(1, 1), (1025, 1300), (1300, 1030)])
def test_every_type_codec_and_odd_shape_comes_back(
    path: Path, dtype: str, codec: str, shape: tuple[int, int]
) -> None:
    planned = grid(t=2)
    spec = spec_of(planned, shape=shape, dtype=dtype)
    recording = Recording.create(path, spec, codec=codec, checkpoint_s=None)
    for index in planned:
        recording.put(index, plane_of(index, shape, dtype))
        np.testing.assert_array_equal(recording.get(index), plane_of(index, shape, dtype))
    recording.close()
    reader = StoreReader(path)
    assert reader.info.dtype == dtype
    for index in planned:
        np.testing.assert_array_equal(reader.plane(index), plane_of(index, shape, dtype))


@pytest.mark.parametrize(
    ("index", "plane", "sentence"),
    [
        ((0, 0, 0, 1), np.zeros(SHAPE, "float32"), "frame t=0 p=0 c=0 z=1 is float32"),
        ((0, 0, 0, 1), np.zeros((3, 4), "uint16"), "frame t=0 p=0 c=0 z=1 is uint16 (3, 4)"),
        ((0, 0, 0, 0), np.zeros(SHAPE, "uint16"), "frame t=0 p=0 c=0 z=0 came twice"),
        ((7, 0, 0, 0), np.zeros(SHAPE, "uint16"), "frame t=7 p=0 c=0 z=0 is not in the plan"),
        ((0, 0, 1, 0), np.zeros(SHAPE, "uint16"), "frame t=0 p=0 c=1 z=0 is not in the plan"),
    ],
)
def test_a_wrong_frame_is_refused_by_name(
    path: Path, index: tuple, plane: np.ndarray, sentence: str
) -> None:
    # channel 1 exists, but is planned at the second timepoint only
    recording = Recording.create(path, spec_of([*grid(z=3), (1, 0, 1, 0)]))
    try:
        recording.put((0, 0, 0, 0), plane_of((0, 0, 0, 0)))
        with pytest.raises(StoreError) as refused:
            recording.put(index, plane)
        assert sentence in str(refused.value)
        assert recording.status().accepted == 1
    finally:
        recording.close("interrupted", "test")
    with pytest.raises(StoreError, match=r"after .* was closed"):
        recording.put((0, 0, 0, 2), plane_of((0, 0, 0, 2)))


def test_a_late_frame_joins_its_sealed_shard(path: Path) -> None:
    planned = grid(z=4)
    recording = Recording.create(path, spec_of(planned), seal_timeout_s=0.05)
    put_all(recording, planned[:3])
    deadline = time.monotonic() + 5
    while len(recording.committed()) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert recording.committed() == frozenset(planned[:3])
    assert recording.get(planned[3]) is None
    recording.skip(planned[3], "late")
    put_all(recording, planned[3:])
    recording.close()
    reader = StoreReader(path)
    for index in planned:
        np.testing.assert_array_equal(reader.plane(index), plane_of(index))
    assert reader.info.missing == 0


def test_threads_may_put_at_once(path: Path) -> None:
    planned = grid(t=8, p=4, z=4)
    recording = Recording.create(path, spec_of(planned))
    threads = [
        threading.Thread(target=put_all, args=(recording, planned[number::4]))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recording.close()
    reader = StoreReader(path)
    for index in planned:
        np.testing.assert_array_equal(reader.plane(index), plane_of(index))


def test_a_plane_is_not_read_before_it_is_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = Recording.create(path, spec_of(grid(z=2)))
    seen: list[object] = []

    def copy_while_someone_reads(buffer: np.ndarray, slot: int, plane: np.ndarray) -> int:
        seen.append(recording.get((0, 0, 0, slot)))
        return copy_into(buffer, slot, plane)

    monkeypatch.setattr(_recording, "copy_into", copy_while_someone_reads)
    put_all(recording, grid(z=2))
    recording.close()
    assert seen == [None, None]


def test_a_dark_frame_is_stored_and_not_missing(path: Path) -> None:
    recording = Recording.create(path, spec_of(grid(t=2)))
    recording.put((0, 0, 0, 0), np.zeros(SHAPE, "uint16"))
    recording.close("interrupted", "stopped by hand")
    found = info(path)
    assert (found.state, found.reason) == ("interrupted", "stopped by hand")
    assert (found.acquired, found.missing) == (1, 1)
    assert [file.name for file in (path / "A/1/0/0/c").rglob("*") if file.is_file()] == ["0"]


def test_open_shards_never_take_more_than_the_budget(path: Path) -> None:
    # four stacks are open at once, three of them fit: the oldest is sealed and written again
    planned = [(0, p, 0, z) for z in range(3) for p in range(4)]
    shape = (64, 64)
    stack = 3 * 64 * 64 * 2
    recording = Recording.create(
        path, spec_of(sorted(planned), shape=shape), budget_bytes=2 * stack
    )
    assert recording.geometry.depth == 3
    for index in planned:
        recording.put(index, plane_of(index, shape))
        status = recording.status()
        assert status.buffer_bytes <= status.buffer_limit <= 2 * stack
    # not by the seal timeout of 10 s: a full pool of open shards would wait for that each time
    assert recording.status().blocked_s < 5.0
    recording.close()
    reader = StoreReader(path)
    for index in planned:
        np.testing.assert_array_equal(reader.plane(index), plane_of(index, shape))
    frames = [
        (frame["t"], frame["p"], frame["c"], frame["z"])
        for frame in pq.read_table(path / "parfocal/run/frames.parquet").to_pylist()
    ]
    assert sorted(frames) == sorted(planned)


def test_room_is_counted_and_a_cancelled_wait_ends_at_once(path: Path) -> None:
    planned = grid(t=3, p=2, z=2)
    spec = spec_of(planned)
    stack = 2 * SHAPE[0] * SHAPE[1] * 2
    recording = Recording.create(path, spec, budget_bytes=2 * stack)
    try:
        assert recording.span_limit(planned) == 4
        assert recording.wait_for_room(planned[:4]) < 0.1
        put_all(recording, [(0, 0, 0, 0), (0, 1, 0, 0)])
        assert recording.span_limit([(0, 0, 0, 1), (0, 1, 0, 1)]) == 2
        assert recording.span_limit([(1, 0, 0, 0)]) == 1
        cancelled = threading.Event()
        threading.Timer(0.1, cancelled.set).start()
        began = time.monotonic()
        pool = recording._intake.shards.pool
        # a reader that never ends stands for a disk that never does
        pool.used_bytes += 2 * stack
        recording.wait_for_room([(1, 0, 0, 0)], cancelled)
        with pytest.raises(StoreError, match="t=1 p=0 c=0 z=0 was dropped: cancelled"):
            recording.put((1, 0, 0, 0), plane_of((1, 0, 0, 0)), cancelled=cancelled)
        assert time.monotonic() - began < 1.0
        pool.used_bytes -= 2 * stack
        assert recording.status().blocked_s > 0
    finally:
        recording.close("interrupted", "cancelled")
    assert info(path).acquired == 2


def test_the_journal_names_every_shard_while_it_records(path: Path) -> None:
    planned = grid(t=2, z=2)
    recording = Recording.create(path, spec_of(planned))
    put_all(recording, planned[:2])
    deadline = time.monotonic() + 5
    while not recording.committed() and time.monotonic() < deadline:
        time.sleep(0.01)
    head, shard = list(read_entries(journal_path(path)))
    assert head["pid"] == os.getpid()
    assert shard["shard"] == "A/1/0/0/c/0/0/0/0/0"
    raw = (path / shard["shard"]).read_bytes()
    assert shard["size"] == len(raw)
    assert int(shard["index_crc32c"], 16) == google_crc32c.value(raw[-(16 * 2 + 4) : -4])
    assert info(path).state == "recording"
    assert info(path).acquired == 2
    recording.close()
    assert (info(path).state, info(path).missing) == ("completed", 2)


def test_a_torn_journal_line_is_left_out(path: Path) -> None:
    recording = Recording.create(path, spec_of(grid(t=2, z=2)))
    put_all(recording, grid(t=2, z=2))
    recording.close("interrupted")
    journal = journal_path(path)
    whole = b'{"shard":"a","size":1,"frames":[]}\n'
    for tail in (b'{"shard":"b","si', b'{"sh\n{"shard":"c"}\n', b"{}"):
        journal.write_bytes(whole + tail)
        assert [entry["shard"] for entry in read_entries(journal)] == ["a"]


def test_a_recording_of_nothing_is_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(grid(t=2)))
    recording.abandon()
    assert list(tmp_path.iterdir()) == []


def test_bytes_are_written_once(path: Path) -> None:
    planned = grid(t=3, c=2, z=4)
    shape = (512, 512)
    recording = Recording.create(path, spec_of(planned, shape=shape))
    planes = {index: plane_of(index, shape) for index in planned}
    before = bytes_written()
    for index, plane in planes.items():
        recording.put(index, plane)
    recording.close()
    written = bytes_written() - before
    stored = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    assert stored > 2_000_000
    assert written <= 1.05 * stored


def test_a_store_is_being_recorded_until_its_end_is_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the tables of a long recording were written, it was called interrupted."""
    states = []
    write = write_frame_table

    def told(root: Path, journal: Path) -> int:
        states.append(info(path).state)
        with pytest.raises(StoreError, match="is being recorded right now"):
            Recording.create(path, spec_of(grid()), overwrite=True)
        return write(root, journal)

    monkeypatch.setattr("parfocal.store._finish.write_frame_table", told)
    recording = Recording.create(path, spec_of(grid()))
    put_all(recording, grid())
    recording.close()
    assert (states, info(path).state) == (["recording"], "completed")
