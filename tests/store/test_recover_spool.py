"""The spool has every frame that was put and is in no shard yet, and takes bounded room."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest
from disks import fill, small_disk
from store_recordings import grid, plane_of, put_all, spec_of

from parfocal.store import Recording, StoreError, _recording, check, info, recover
from parfocal.store._files import write_json
from parfocal.store._layout import EXTRAS, RUN, spool_path
from parfocal.store._metadata import group
from parfocal.store._spool import Spool, SpooledFrame, read_spool

STARTED = "2026-01-01T00:00:00.000+00:00"


def store_in(folder: Path) -> Path:
    """A store that says when its recording started, and nothing else."""
    store = folder / "a.ome.zarr"
    write_json(store / RUN / "zarr.json", group({EXTRAS: {"started": STARTED}}))
    return store


def append(spool: Spool, t: int, dtype: str = "uint16") -> None:
    row = {"t": t, "p": 0, "c": 0, "z": 0, "stage.x_µm": 1.5, "received": 12.25}
    spool.append(row, plane_of((t, 0, 0, 0), dtype=dtype))


def fill_with(spool: Spool) -> int:
    """Append until it fails; returns how many frames were taken."""
    for t in range(1000):
        try:
            append(spool, t)
        except StoreError:
            return t
    raise AssertionError("the disk never became full")


def wait_for_few(store: Path, segments: int) -> None:
    """Its thread deletes a segment a little later, on a busy machine even later."""
    deadline = monotonic() + 10
    while len(list(spool_path(store).iterdir())) > segments:
        assert monotonic() < deadline
        sleep(0.001)


def frames(store: Path) -> list[SpooledFrame]:
    return list(read_spool(store, STARTED))


def test_what_was_appended_is_read_back_bit_exact(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    spool = Spool(store, segment_bytes=3000)
    for t in range(7):
        append(spool, t, "float32" if t == 3 else "uint16")
    spool.close(keep=True)
    found = frames(store)
    assert [frame.index for frame in found] == [(t, 0, 0, 0) for t in range(7)]
    for frame in found:
        dtype = "float32" if frame.index[0] == 3 else "uint16"
        np.testing.assert_array_equal(frame.plane(), plane_of(frame.index, dtype=dtype))
        assert frame.plane().dtype == dtype
        assert frame.row["stage.x_µm"] == 1.5


@pytest.mark.parametrize("cut", [1, 30, 959, 960, 961, 1000, 1100])
def test_a_torn_tail_costs_only_its_own_frame(tmp_path: Path, cut: int) -> None:
    store = store_in(tmp_path)
    spool = Spool(store)
    for t in range(5):
        append(spool, t)
    spool.close(keep=True)
    (segment,) = spool_path(store).iterdir()
    size = segment.stat().st_size
    record = size // 5
    with segment.open("r+b") as file:
        file.truncate(size - cut)
    whole = 4 if cut < record else 3
    assert [frame.index[0] for frame in frames(store)] == list(range(whole))


def test_an_altered_frame_is_not_believed(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    spool = Spool(store, segment_bytes=1)
    for t in range(3):
        append(spool, t)
    spool.close(keep=True)
    damaged = sorted(spool_path(store).iterdir())[1]
    content = bytearray(damaged.read_bytes())
    content[-5] ^= 1
    damaged.write_bytes(content)
    assert [frame.index[0] for frame in frames(store)] == [0, 2]


def test_a_spool_of_another_recording_is_not_read(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    spool = Spool(store)
    append(spool, 0)
    spool.close(keep=True)
    assert list(read_spool(store, "2026-01-01T00:00:00.001+00:00")) == []
    assert len(frames(store)) == 1


def test_segments_go_as_soon_as_their_frames_are_in_shards(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    spool = Spool(store, segment_bytes=2500)  # three frames each
    for t in range(60):
        append(spool, t)
        if t >= 5:
            spool.drop([(t - 5, 0, 0, 0)])
        wait_for_few(store, 4)
    spool.close(keep=True)
    assert [frame.index[0] for frame in frames(store)][-5:] == [55, 56, 57, 58, 59]
    assert len(list(spool_path(store).iterdir())) <= 3
    spool.close()
    assert list(tmp_path.iterdir()) == [store]


def test_a_full_disk_is_a_sentence_and_keeps_what_was_written() -> None:
    with small_disk("64k") as disk:
        store = store_in(disk)
        spool = Spool(store)
        written = fill_with(spool)
        with pytest.raises(StoreError, match=r"a\.ome\.zarr\.spool cannot be written: the disk is"):
            append(spool, written)
        spool.close(keep=True)
        assert [frame.index[0] for frame in frames(store)] == list(range(written))
        assert written > 20


def test_a_recording_with_a_full_spool_says_so_and_keeps_what_it_took() -> None:
    planned = grid(t=200)
    with small_disk("8m") as disk:
        recording = Recording.create(
            disk / "a.ome.zarr", spec_of(planned, due=[0.0] * 200), spool=True
        )
        fill(disk, leave=20_000)
        with pytest.raises(StoreError, match=r"\.spool cannot be written: the disk is full"):
            put_all(recording, planned)
        accepted = recording.status().accepted
        (disk / "filler").unlink()
        recording.close("interrupted", "the disk was full")
        found = info(disk / "a.ome.zarr")
        assert found.acquired == accepted >= 10
        assert sorted(file.name for file in disk.iterdir()) == ["a.ome.zarr"]
        assert check(disk / "a.ome.zarr", deep=True).ok


def test_the_spool_of_a_long_recording_stays_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_recording, "Spool", partial(Spool, segment_bytes=5_000))
    planned, store = grid(t=150, z=2), tmp_path / "a.ome.zarr"
    recording = Recording.create(store, spec_of(planned), spool=True)
    for number, index in enumerate(planned, 1):
        recording.put(index, plane_of(index))
        while number - len(recording.committed()) > 10:
            sleep(0.001)
        wait_for_few(store, 11)  # all of it would be 75 segments
    recording.close()
    assert not spool_path(store).exists()
    assert info(store).acquired == 300


def test_what_a_failing_disk_refused_is_restored_from_the_spool(tmp_path: Path) -> None:
    planned = grid(t=6, z=2)
    store = tmp_path / "a.ome.zarr"
    recording = Recording.create(store, spec_of(planned), spool=True)
    put_all(recording, planned[:4])
    while len(recording.committed()) < 4:
        sleep(0.01)
    (store / "A/1/0/0/c").rename(tmp_path / "aside")
    (store / "A/1/0/0/c").write_bytes(b"")  # no shard can be written below a file
    put_all(recording, planned[4:5])
    with pytest.raises(StoreError, match="cannot be written"):
        recording.close()
    (store / "A/1/0/0/c").unlink()
    (tmp_path / "aside").rename(store / "A/1/0/0/c")
    assert info(store).state == "interrupted"
    report = recover(store)
    assert (report.state, report.kept, report.from_spool) == ("recovered", 5, 1)
    assert check(store, deep=True).ok
    assert not recover(store).changed
