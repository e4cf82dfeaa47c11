"""The ring of frames in shared memory: whole frames, a writer that never waits, nothing left."""

from __future__ import annotations

import json
import os
import signal

import numpy as np
import pytest

from parfocal.viewer import Ring, RingAddress, RingReader, ViewerError
from parfocal.viewer._leases import Leases
from viewer.ring_parts import (
    HOLDER,
    OWNER,
    READER,
    SHAPE,
    eventually,
    has_users,
    kill,
    open_files,
    plane,
    shared_files,
    start,
    told,
    written,
)


def test_a_frame_arrives_whole_with_its_coordinates_and_layer(
    ring: Ring, reader: RingReader
) -> None:
    pixels = np.arange(SHAPE[0] * SHAPE[1], dtype="uint16").reshape(SHAPE)
    assert ring.publish(pixels, {"t": 7, "c": 1}, layer="“Maske” \\ µ")
    (frame,) = reader.fresh()
    assert np.array_equal(frame.pixels, pixels)
    assert frame.pixels.dtype == np.uint16
    assert frame.coordinates == {"t": 7, "c": 1}
    assert frame.layer == "“Maske” \\ µ"
    assert reader.fresh() == []


def test_the_newest_frame_of_every_channel_is_given_and_the_rest_counted(
    ring: Ring, reader: RingReader
) -> None:
    for t in range(3):
        for c in range(2):
            ring.publish(plane(10 * t + c), {"t": t, "c": c})
    frames = reader.fresh()
    assert [(f.coordinates["t"], f.coordinates["c"]) for f in frames] == [(2, 0), (2, 1)]
    assert (reader.accepted, reader.dropped) == (2, 4)


def test_what_was_published_before_a_reader_came_is_no_loss_of_its(ring: Ring) -> None:
    for t in range(5):
        ring.publish(plane(t), {"t": t})
    late = RingReader.attach(ring.address)
    assert [frame.coordinates["t"] for frame in late.fresh()] == [4]
    assert (late.accepted, late.dropped) == (1, 0)
    for t in range(5, 8):
        ring.publish(plane(t), {"t": t})
    assert [frame.coordinates["t"] for frame in late.fresh()] == [7]
    assert (late.accepted, late.dropped) == (2, 2)
    late.close()


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "float32", ">u2", "bool"])
def test_smaller_frames_and_other_pixel_types_fit_their_slot(dtype: str) -> None:
    ring = Ring.create((32, 32), "float32")
    reader = RingReader.attach(ring.address)
    pixels = np.arange(30 * 20).reshape(20, 30).astype(dtype)[:, ::-1]
    ring.publish(pixels, {})
    (frame,) = reader.fresh()
    assert np.array_equal(frame.pixels, pixels)
    reader.close()
    ring.close()


@pytest.mark.parametrize("pixels", [np.zeros((4, 4, 3), "uint8"), np.zeros((4, 4), "complex64")])
def test_what_is_no_plane_of_numbers_is_refused_in_a_sentence(
    ring: Ring, pixels: np.ndarray
) -> None:
    with pytest.raises(ViewerError, match="cannot be shown live; it has to be one plane"):
        ring.publish(pixels, {})
    assert ring.published == 0


def test_no_frame_is_mixed_or_repeated_under_a_fast_writer_for_quick_and_slow_readers() -> None:
    # Few slots and large frames: without leases the writer is round before a copy is done.
    shape = (2048, 2048)
    ring = Ring.create(shape, "uint16", slots=3)
    readers = [start(READER, written(ring), pause)[0] for pause in ("0", "0.045")]
    frames = [plane(value, shape) for value in range(4)]
    for t in range(600):
        ring.publish(frames[t % 4], {"t": t % 4})
    published = ring.published
    ring.close()
    quick, slow = (told(process) for process in readers)
    for said in (quick, slow):
        assert (said["damaged"], said["mixed"], said["late"]) == (0, 0, 0)
        assert said["accepted"] > 2
        assert said["accepted"] + said["dropped"] == published
        assert said["last"] == published
    assert quick["accepted"] > slow["accepted"]
    assert published + ring.dropped == 600


def test_the_writer_skips_pinned_slots_and_drops_only_when_all_are_pinned(
    ring: Ring, reader: RingReader
) -> None:
    block = reader._block
    assert block is not None
    for t in range(4):
        ring.publish(plane(t), {"t": t})
    for slot in (0, 1, 2):
        assert block._leases.take(slot, writing=False)
    for t in range(4, 10):
        assert ring.publish(plane(t), {"t": t})
    held = [block._checked(block._raw_header(slot)).coordinates["t"] for slot in (0, 1, 2)]
    assert held == [0, 1, 2]
    assert block._leases.take(3, writing=False)
    assert not ring.publish(plane(10), {"t": 10})
    assert (ring.published, ring.dropped) == (10, 1)
    for slot in range(4):
        block._leases.give_back(slot)
    assert ring.publish(plane(11), {"t": 11})


def test_a_stopped_viewer_holds_only_its_slot_and_a_killed_one_holds_none(ring: Ring) -> None:
    process, said = start(HOLDER, written(ring), "0", "1", "2", "3")
    assert said == "[True, True, True, True]"
    process.send_signal(signal.SIGSTOP)
    assert not ring.publish(plane(1), {})
    kill(process)
    assert eventually(lambda: ring.publish(plane(2), {}))


def test_every_byte_is_reserved_and_freed_when_owner_and_viewer_were_killed() -> None:
    owner, address = start(OWNER)
    files = shared_files(owner.pid)
    assert sum(files.values()) >= 8 * 4096 * 4096 * 2
    named = {entry.inode() for entry in os.scandir("/dev/shm")}
    assert named.isdisjoint(files)  # so that they end with their last user
    viewer, said = start(HOLDER, address, "0")
    assert said == "[True]"
    kill(owner)
    assert has_users(files)
    kill(viewer)
    assert eventually(lambda: not has_users(files))


def test_a_reader_notices_that_the_writer_was_killed() -> None:
    owner, address = start(OWNER)
    reader = RingReader.attach(RingAddress.from_json(json.loads(address)))
    reader.fresh()
    assert not reader.finished
    kill(owner)
    assert reader.fresh() == []
    assert reader.finished
    reader.close()


def test_full_shared_memory_is_refused_in_a_sentence_and_takes_nothing() -> None:
    files = open_files()
    with pytest.raises(ViewerError, match=r"needs \d+ MB of shared memory .*No space left"):
        Ring.create((400_000, 400_000), "uint16")
    assert open_files() <= files


def test_an_address_whose_ring_has_ended_or_is_another_is_refused(ring: Ring) -> None:
    address = ring.address
    with pytest.raises(ViewerError, match="is another one"):
        RingReader.attach(RingAddress(address.path, "00" * 16))
    ring.close()
    with pytest.raises(ViewerError, match=r"has ended|no live stream|is not a live stream"):
        RingReader.attach(address)
    assert not ring.publish(plane(1), {})
    with pytest.raises(ViewerError, match="not the address"):
        RingAddress.from_json({"path": 3})
    with pytest.raises(ViewerError, match="has ended: embedded null byte"):
        RingReader.attach(RingAddress("/a\0b", "00" * 16))


def test_a_number_that_was_given_to_a_pipe_meanwhile_does_not_hang_the_viewer() -> None:
    readable, writable = os.pipe()
    with pytest.raises(ViewerError):
        RingReader.attach(RingAddress(f"/proc/{os.getpid()}/fd/{readable}", "00" * 16))
    os.close(readable)
    os.close(writable)


def test_leases_of_one_process_keep_reader_and_writer_apart(ring: Ring, reader: RingReader) -> None:
    writer = Leases(ring._now.block.descriptor)
    assert writer.take(0, writing=True)
    assert not reader._block._leases.take(0, writing=False)
    writer.give_back(0)
    assert reader._block._leases.take(0, writing=False)
