"""The ring of frames in shared memory: whole frames, a writer that never waits, nothing left."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parfocal.viewer import Ring, RingAddress, RingReader, ViewerError
from parfocal.viewer._leases import Leases
from parfocal.viewer._slot import HEADER_BYTES, PAGE, BlockHeader, SlotHeader

SHAPE = (64, 48)

READER = """
import json, sys, time
from parfocal.viewer import RingAddress, RingReader
reader = RingReader.attach(RingAddress.from_json(json.loads(sys.argv[1])))
pause = float(sys.argv[2])
print("attached", flush=True)
mixed = late = 0
sequence = 0
while True:
    finished = reader.finished
    for frame in reader.fresh():
        mixed += bool(frame.pixels.min() != frame.pixels.max())
        mixed += int(frame.pixels[0, 0]) != frame.coordinates["t"]
        late += frame.sequence <= sequence
        sequence = frame.sequence
        time.sleep(pause)
    if finished:
        break
print(json.dumps([reader.accepted, reader.dropped, reader.damaged, mixed, late]))
"""
HOLDER = """
import json, sys, time
from parfocal.viewer import RingAddress, RingReader
reader = RingReader.attach(RingAddress.from_json(json.loads(sys.argv[1])))
print([reader._leases.take(int(slot), writing=False) for slot in sys.argv[2:]], flush=True)
time.sleep(60)
"""
OWNER = """
import json, time
from parfocal.viewer import Ring
ring = Ring.create((4096, 4096), "uint16", slots=8)
print(json.dumps(ring.address.as_json()), flush=True)
time.sleep(60)
"""


def start(code: str, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def written(ring: Ring) -> str:
    return json.dumps(ring.address.as_json())


def plane(value: int, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    return np.full(shape, value, "uint16")


@pytest.fixture
def ring() -> Iterator[Ring]:
    ring = Ring.create(SHAPE, "uint16", slots=4)
    yield ring
    ring.close()


@pytest.fixture
def reader(ring: Ring) -> Iterator[RingReader]:
    reader = RingReader.attach(ring.address)
    yield reader
    reader.close()


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


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "float32", ">u2"])
def test_smaller_frames_and_other_pixel_types_fit_their_slot(dtype: str) -> None:
    ring = Ring.create((32, 32), "float32")
    reader = RingReader.attach(ring.address)
    pixels = np.arange(30 * 20).reshape(20, 30).astype(dtype)[:, ::-1]
    ring.publish(pixels, {})
    (frame,) = reader.fresh()
    assert np.array_equal(frame.pixels, pixels)
    reader.close()
    ring.close()


def test_a_frame_that_does_not_fit_is_refused_in_a_sentence(ring: Ring) -> None:
    with pytest.raises(ViewerError, match=r"65×48 uint16 does not fit"):
        ring.publish(plane(1, (65, 48)), {})
    assert ring.published == 0


def test_no_frame_is_mixed_or_repeated_under_a_fast_writer_for_quick_and_slow_readers() -> None:
    # Few slots and large frames: without leases the writer is round before a copy is done.
    shape = (2048, 2048)
    ring = Ring.create(shape, "uint16", slots=2)
    readers = [start(READER, written(ring), pause) for pause in ("0", "0.02")]
    assert [said for _, said in readers] == ["attached", "attached"]
    frames = [plane(value, shape) for value in range(4)]
    for t in range(600):
        ring.publish(frames[t % 4], {"t": t % 4})
    published = ring.published
    ring.close()
    for process, _ in readers:
        accepted, dropped, damaged, mixed, late = json.loads(process.communicate(timeout=20)[0])
        assert (damaged, mixed, late) == (0, 0, 0)
        assert accepted > 0
        assert accepted + dropped == published
    assert published + ring.dropped == 600


def test_the_writer_skips_pinned_slots_and_drops_only_when_all_are_pinned(
    ring: Ring, reader: RingReader
) -> None:
    for t in range(4):
        ring.publish(plane(t), {"t": t})
    for slot in (0, 1, 2):
        assert reader._leases.take(slot, writing=False)
    for t in range(4, 10):
        assert ring.publish(plane(t), {"t": t})
    held = [reader._read_header(slot).coordinates["t"] for slot in (0, 1, 2)]
    assert held == [0, 1, 2]
    assert reader._leases.take(3, writing=False)
    assert not ring.publish(plane(10), {"t": 10})
    assert (ring.published, ring.dropped) == (10, 1)
    for slot in range(4):
        reader._leases.give_back(slot)
    assert ring.publish(plane(11), {"t": 11})


def test_a_stopped_viewer_holds_only_its_slot_and_a_killed_one_holds_none(ring: Ring) -> None:
    process, said = start(HOLDER, written(ring), "0", "1", "2", "3")
    assert said == "[True, True, True, True]"
    process.send_signal(signal.SIGSTOP)
    assert not ring.publish(plane(1), {})
    kill(process)
    assert eventually(lambda: ring.publish(plane(2), {}))


def test_every_byte_is_reserved_and_freed_when_owner_and_viewer_were_killed() -> None:
    size = 8 * 4096 * 4096 * 2
    names = {path.name for path in Path("/dev/shm").iterdir()}
    before = free_bytes()
    owner, address = start(OWNER)
    assert before - free_bytes() > 0.8 * size
    viewer, said = start(HOLDER, address, "0")
    assert said == "[True]"
    kill(owner)
    kill(viewer)
    assert eventually(lambda: before - free_bytes() < 0.2 * size)
    assert {path.name for path in Path("/dev/shm").iterdir()} <= names


def free_bytes() -> int:
    place = os.statvfs("/dev/shm")
    return place.f_bavail * place.f_frsize


def test_full_shared_memory_is_refused_in_a_sentence_and_takes_nothing() -> None:
    files = set(Path("/proc/self/fd").iterdir())
    with pytest.raises(ViewerError, match=r"needs \d+ MB of shared memory .*No space left"):
        Ring.create((400_000, 400_000), "uint16")
    assert set(Path("/proc/self/fd").iterdir()) == files


def test_an_address_whose_ring_has_ended_or_is_another_is_refused(ring: Ring) -> None:
    address = ring.address
    with pytest.raises(ViewerError, match="is another one"):
        RingReader.attach(RingAddress(address.path, "00" * 16))
    ring.close()
    with pytest.raises(ViewerError, match=r"has ended|is not a live stream"):
        RingReader.attach(address)
    assert not ring.publish(plane(1), {})
    with pytest.raises(ViewerError, match="not the address"):
        RingAddress.from_json({"path": 3})


def test_a_number_that_was_given_to_a_pipe_meanwhile_does_not_hang_the_viewer() -> None:
    readable, writable = os.pipe()
    with pytest.raises(ViewerError):
        RingReader.attach(RingAddress(f"/proc/{os.getpid()}/fd/{readable}", "00" * 16))
    os.close(readable)
    os.close(writable)


def test_a_damaged_slot_is_passed_over_and_the_others_are_shown(
    ring: Ring, reader: RingReader
) -> None:
    ring.publish(plane(1), {"c": 0})
    ring.publish(plane(2), {"c": 1})
    second = PAGE + ring._header.stride
    ring._block.memory[second + 40] ^= 0xFF
    assert [frame.coordinates["c"] for frame in reader.fresh()] == [0]


@given(st.binary(min_size=HEADER_BYTES, max_size=HEADER_BYTES))
def test_no_bytes_make_the_readers_of_headers_stumble(raw: bytes) -> None:
    for unpack in (lambda: SlotHeader.unpack(raw, 1000), lambda: BlockHeader.unpack(raw)):
        with contextlib.suppress(ViewerError):
            assert unpack() is None


@given(st.integers(0, HEADER_BYTES - 1), st.integers(1, 255))
def test_no_changed_byte_of_a_header_goes_unnoticed(place: int, change: int) -> None:
    header = SlotHeader(3, 9, np.dtype("<u2"), (4, 5), 123, {"t": 2, "z": 1}, "mask")
    packed = header.pack()
    raw = bytearray(packed.ljust(HEADER_BYTES, b"\0"))
    assert SlotHeader.unpack(bytes(raw), 40) == header
    raw[place] ^= change
    try:
        seen = SlotHeader.unpack(bytes(raw), 40)
    except ViewerError:
        return
    assert seen is None or (seen == header and place >= len(packed))


def test_leases_of_one_process_keep_reader_and_writer_apart(ring: Ring, reader: RingReader) -> None:
    writer = Leases(ring._block.descriptor)
    assert writer.take(0, writing=True)
    assert not reader._leases.take(0, writing=False)
    writer.give_back(0)
    assert reader._leases.take(0, writing=False)
