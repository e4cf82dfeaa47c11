"""A frame that is too large begins a new generation, and every reader gets there by itself."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from parfocal.viewer import Ring, RingAddress, RingReader, ViewerError
from parfocal.viewer._layout import SUCCESSOR_OFFSET, pack_successor
from parfocal.viewer._memory import SharedBlock
from parfocal.viewer._reading import LiveFrame
from parfocal.viewer._writing import WrittenBlock
from viewer.ring_parts import (
    READER,
    SHAPE,
    eventually,
    open_files,
    plane,
    read_all,
    shared_bytes,
    start,
    told,
    written,
)

LARGER = (90, 100)


def grow(ring: Ring, value: int, shape: tuple[int, int] = LARGER) -> None:
    """Publish a frame that does not fit, and wait until it is there."""
    before = ring.published
    ring.publish(plane(value, shape), {"t": value})
    assert eventually(lambda: ring.published > before)


def test_a_larger_frame_is_shown_too_and_its_coordinates_are_its_own(
    ring: Ring, reader: RingReader
) -> None:
    ring.publish(plane(1), {"t": 1})
    assert read_all(reader) == [1]
    place = {"t": 2}
    pixels = plane(2, LARGER)
    assert not ring.publish(pixels, place)
    place["t"], pixels[:] = 9, 9  # the caller's own again
    frames: list[LiveFrame] = []
    assert eventually(lambda: bool(frames.extend(reader.fresh()) or frames))
    assert [(f.coordinates["t"], f.pixels.shape) for f in frames] == [(2, LARGER)]
    assert (frames[0].pixels.min(), frames[0].pixels.max()) == (2, 2)
    assert (ring.published, ring.dropped, reader.accepted, reader.dropped) == (2, 0, 2, 0)


def test_readers_in_other_processes_follow_and_none_miscounts_over_three_generations(
    ring: Ring,
) -> None:
    readers = [start(READER, written(ring), pause)[0] for pause in ("0", "0.01")]
    for value in range(300):
        grow(ring, value, (64 + value // 100, 48))
    published = ring.published
    ring.close()
    for process in readers:
        said = told(process)
        assert (said["mixed"], said["late"], said["damaged"]) == (0, 0, 0)
        assert said["accepted"] + said["dropped"] == published == 300
        assert said["last"] == published


def test_who_comes_late_by_the_first_address_gets_to_the_last_generation(ring: Ring) -> None:
    first = ring.address
    for value, shape in enumerate([SHAPE, LARGER, (200, 200)]):
        grow(ring, value, shape)
    assert ring.address != first
    late = RingReader.attach(first)
    assert read_all(late) == [2]
    assert (late.accepted, late.dropped) == (1, 0)
    ring.publish(plane(7), {"t": 7})
    assert read_all(late) == [7]
    late.close()


def test_cameras_of_different_size_take_turns_in_one_generation(ring: Ring) -> None:
    grow(ring, 0)
    address = ring.address
    for value in range(20):
        assert ring.publish(plane(value, SHAPE if value % 2 else LARGER), {"t": value})
    assert ring.address == address


def test_smaller_frames_go_on_while_the_larger_slots_are_being_made(
    ring: Ring, reader: RingReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve, ready = WrittenBlock.reserve, threading.Event()

    def slowly(slots: int, slot_bytes: int) -> WrittenBlock:
        ready.wait(10)
        return reserve(slots, slot_bytes)

    monkeypatch.setattr(WrittenBlock, "reserve", slowly)
    assert not ring.publish(plane(1, LARGER), {"t": 1})
    assert ring.publish(plane(2), {"t": 2})
    assert not ring.publish(plane(3, LARGER), {"t": 3})  # newer than the first: that is dropped
    assert read_all(reader) == [2]
    ready.set()
    assert read_all(reader) == [3]
    assert (ring.published, ring.dropped) == (2, 1)


def test_without_memory_for_a_generation_the_old_one_goes_on_and_it_is_said_once(
    ring: Ring, reader: RingReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, reserve = open_files(), SharedBlock.reserve
    with monkeypatch.context() as full:
        full.setattr(SharedBlock, "reserve", lambda _: reserve(10**15))
        assert not ring.publish(plane(1, LARGER), {"t": 1})
        assert eventually(lambda: not ring._growing)
        with pytest.raises(ViewerError, match=r"needs \d+ MB of shared memory .*No space left"):
            ring.publish(plane(2, LARGER), {"t": 2})
        for value in range(3, 6):
            assert not ring.publish(plane(value, LARGER), {"t": value})
        assert ring.publish(plane(6), {"t": 6})
    assert read_all(reader) == [6]
    assert (ring.published, ring.dropped) == (1, 5)
    assert len(open_files() - files) == 1  # the bell's
    ring._ask_at = 0.0  # ten seconds later
    grow(ring, 7)
    assert read_all(reader) == [7]


def test_a_generation_that_is_left_gives_its_memory_back_and_closing_gives_all(
    ring: Ring,
) -> None:
    before, files = shared_bytes(), open_files()
    stream = Ring.create((2048, 2048), "uint16")
    reader = RingReader.attach(stream.address)
    for side in (2100, 2150, 2200):
        grow(stream, 1, (side, side))
        read_all(reader)
    # ten slots of 2200² are 97 MB, all four generations together 363 MB
    assert eventually(lambda: shared_bytes() - before < 130e6)
    reader.close()
    stream.close()
    assert eventually(lambda: shared_bytes() - before < 10e6)
    assert open_files() <= files


def test_a_late_reader_does_not_fill_the_memory_of_a_left_generation_again() -> None:
    before = shared_bytes()
    stream = Ring.create((2048, 2048), "uint16")
    first = stream.address
    grow(stream, 1, (2050, 2050))
    assert eventually(lambda: shared_bytes() - before < 100e6)
    late = RingReader.attach(first)
    assert read_all(late) == [1]
    assert shared_bytes() - before < 100e6
    late.close()
    stream.close()


@pytest.mark.parametrize("leads_to", ["itself", "nowhere", "a file"])
def test_a_block_that_leads_astray_ends_the_stream_there(
    ring: Ring, reader: RingReader, tmp_path: Path, leads_to: str
) -> None:
    (tmp_path / "file").write_bytes(b"x" * 100)
    astray = {
        "itself": ring.address,
        "nowhere": RingAddress("/proc/1/fd/99999", "00" * 16),
        "a file": RingAddress(str(tmp_path / "file"), "00" * 16),
    }[leads_to]
    ring.publish(plane(1), {"t": 1})
    named = pack_successor(astray)
    ring._now.block.memory[SUCCESSOR_OFFSET : SUCCESSOR_OFFSET + len(named)] = named
    ring._now._finish()
    assert read_all(reader) == [1]
    assert reader.finished
    with pytest.raises(ViewerError):
        RingReader.attach(ring.address)


def test_the_end_of_a_stream_is_told_to_a_reader_of_its_first_generation(
    ring: Ring, reader: RingReader
) -> None:
    ring.publish(plane(1), {"t": 1})
    grow(ring, 2)
    ring.close()
    reader.fresh()
    assert reader.finished
    assert reader.accepted + reader.dropped == 2
