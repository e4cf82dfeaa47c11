"""Nothing in shared memory is trusted: a changed byte is noticed, and names of any kind travel."""

from __future__ import annotations

import contextlib
import json
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parfocal.viewer import Ring, RingAddress, RingReader, ViewerError
from parfocal.viewer._filter import EVERYTHING
from parfocal.viewer._layout import (
    BELLS_OFFSET,
    COUNTERS_OFFSET,
    PAGE,
    SUCCESSOR_OFFSET,
    BlockHeader,
    pack_bell,
    pack_successor,
    read_bells,
    read_successor,
)
from parfocal.viewer._slot import _CRC, _SLOT, HEADER_BYTES, SlotHeader
from viewer.ring_parts import plane

NAMES = [
    '\'; DROP TABLE "wells"',
    "C:\\Bilder\\Zelle µ",
    "two\nlines\tand\0nothing",
    "🔬🧫 细胞 ״תאים״",
    "half a surrogate \udc80",
    "",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_travels_unchanged(ring: Ring, reader: RingReader, name: str) -> None:
    assert ring.publish(plane(3), {"t": 3, name: 5}, layer=name)
    (frame,) = reader.fresh()
    assert (frame.layer, frame.coordinates[name]) == (name, 5)


@given(st.text(min_size=200, max_size=3000), st.integers(0, 10**9))
@example("🔬" * 100_000, 0)
@example("\\" * 5000, 7)
def test_a_very_long_name_is_cut_and_costs_no_frame(name: str, t: int) -> None:
    header = SlotHeader(1, 2, np.dtype("<u2"), (4, 5), 123, {"t": t, "p": t, "z": t}, name)
    packed = header.pack()
    assert len(packed) <= HEADER_BYTES
    seen = SlotHeader.unpack(packed.ljust(HEADER_BYTES, b"\0"), 40)
    assert seen is not None
    assert seen.coordinates == header.coordinates
    kept, mark, _ = seen.layer.rpartition("…")
    assert seen.layer == name or (mark and name.startswith(kept))


def test_two_long_names_that_begin_alike_stay_two(ring: Ring, reader: RingReader) -> None:
    for end in "ab":
        ring.publish(plane(1), {"t": 1}, layer="x" * 2000 + end)
    assert len({frame.layer for frame in reader.fresh()}) == 2


def test_numbers_of_numpy_are_coordinates_too(ring: Ring, reader: RingReader) -> None:
    ring.publish(plane(1), {"t": np.int64(4), "z": np.uint8(2)})
    assert reader.fresh()[0].coordinates == {"t": 4, "z": 2}


def test_a_damaged_slot_is_passed_over_and_the_others_are_shown(
    ring: Ring, reader: RingReader
) -> None:
    ring.publish(plane(1), {"c": 0})
    ring.publish(plane(2), {"c": 1})
    block = ring._now
    block.block.memory[block.header.offset(1) + 40] ^= 0xFF
    assert [frame.coordinates["c"] for frame in reader.fresh()] == [0]
    assert reader._block._take(1) is None
    reader.close()
    assert reader.damaged == 1


@given(st.binary(min_size=HEADER_BYTES, max_size=HEADER_BYTES))
def test_no_bytes_make_the_readers_of_headers_stumble(raw: bytes) -> None:
    for unpack in (lambda: SlotHeader.unpack(raw, 1000), lambda: BlockHeader.unpack(raw)):
        with contextlib.suppress(ViewerError):
            assert unpack() is None


@given(st.binary(min_size=8, max_size=8), st.binary(max_size=300))
@example(b"<f1\0\0\0\0\0", b"{}")
@example(b"<u2\0\0\0\0\0", b"[" * 300)
@example(b"<u2\0\0\0\0\0", b'{"coordinates":{"t":Infinity},"layer":""}')
def test_not_even_a_right_checksum_makes_a_wrong_header_believed(code: bytes, text: bytes) -> None:
    body = _SLOT.pack(b"PFSL", 2, 2, 1, 1, code, 1, 1, 2, 0, len(text))
    raw = _CRC.pack(zlib.crc32(text, zlib.crc32(body))) + body + text
    try:
        header = SlotHeader.unpack(raw.ljust(HEADER_BYTES, b"\0"), 1000)
    except ViewerError:
        return
    assert header is not None
    assert header.coordinates == json.loads(text)["coordinates"]


def test_a_slot_of_another_generation_is_not_believed(ring: Ring, reader: RingReader) -> None:
    ring.publish(plane(7), {"t": 7})
    block = ring._now
    start = block.header.offset(0)
    there = SlotHeader.unpack(block.block.memory[start : start + HEADER_BYTES], 10**6)
    packed = replace(there, generation=there.generation + 1).pack()
    block.block.memory[start : start + len(packed)] = packed
    assert reader.fresh() == []


def test_every_flipped_byte_of_a_slot_is_refused_or_changes_nothing(
    ring: Ring, reader: RingReader
) -> None:
    ring.publish(plane(7), {"t": 7}, layer="mask")
    block = ring._now
    memory, start = block.block.memory, block.header.offset(0)
    for place in range(HEADER_BYTES):
        memory[start + place] ^= 0xFF
        for frame in reader._block.newer_than(0, EVERYTHING.takes, set()):
            assert (frame.sequence, frame.layer, frame.coordinates["t"]) == (1, "mask", 7)
            assert np.array_equal(frame.pixels, plane(7))
        memory[start + place] ^= 0xFF
    assert reader.fresh()[0].layer == "mask"


def test_every_flipped_byte_of_the_first_page_is_refused_or_changes_no_frame(ring: Ring) -> None:
    ring.publish(plane(7), {"t": 7}, layer="mask")
    memory, refused = ring._now.block.memory, 0
    for place in range(PAGE):
        memory[place] ^= 0xFF
        try:
            reader = RingReader.attach(ring.address)
        except ViewerError:
            refused += 1
        else:
            shown = [(f.sequence, f.layer, int(f.pixels.min())) for f in reader.fresh()]
            assert shown in ([(1, "mask", 7)], [])
            reader.close()
        ring._now.ring_bells()
        memory[place] ^= 0xFF
    assert refused == len(ring._now.header.pack())


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


@given(st.integers(0, 99), st.integers(1, 255))
def test_no_changed_byte_of_a_successor_or_a_bell_goes_unnoticed(place: int, change: int) -> None:
    address = RingAddress("/proc/123/fd/45", "ab" * 16)
    for offset, packed in (
        (SUCCESSOR_OFFSET, pack_successor(address)),
        (BELLS_OFFSET, pack_bell(b"0123456789abcdef")),
    ):
        page = bytearray(PAGE)
        page[offset : offset + len(packed)] = packed
        page[offset + place % len(packed)] ^= change
        assert read_successor(bytes(page)) is None
        assert read_bells(bytes(page[BELLS_OFFSET : BELLS_OFFSET + 512])) == []


@given(st.binary(min_size=PAGE - COUNTERS_OFFSET, max_size=PAGE - COUNTERS_OFFSET))
def test_no_bytes_behind_a_blocks_header_make_a_reader_stumble(raw: bytes) -> None:
    page = bytes(COUNTERS_OFFSET) + raw
    read_successor(page)
    read_bells(page[BELLS_OFFSET : BELLS_OFFSET + 512])
