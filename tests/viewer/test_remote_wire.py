"""What goes over the network: pixels and numbers; what comes is believed only when it is right."""

from __future__ import annotations

import contextlib
import json
import pickle
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numcodecs import blosc

from parfocal.viewer import ViewerError
from parfocal.viewer.remote._endpoint import Endpoint
from parfocal.viewer.remote._questions import read_question
from parfocal.viewer.remote._wire import (
    MOST_HEADER,
    PART_BYTES,
    WireError,
    pack,
    pack_pixels,
    read_facts,
    unpack,
    unpack_pixels,
)

SAID = {"dtype": "<u2", "shape": [64, 48], "codec": "raw"}
PLANE = np.random.default_rng(0).poisson(100, (64, 48)).astype("uint16")
# the tests share two processors with others
_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "dtype", ["uint8", "int16", "uint16", ">u2", "float32", "int32", "float64", "bool"]
)
def test_a_plane_comes_out_as_it_went_in(dtype: str) -> None:
    for pixels in (
        PLANE.astype(dtype),
        np.random.default_rng(1).integers(0, 255, (5, 3), "uint8").view("uint8").astype(dtype),
        PLANE.astype(dtype)[::-2, ::3],
    ):
        header, payload = pack_pixels(pixels)
        frames = pack(header, payload)
        assert np.array_equal(unpack_pixels(*unpack(frames)), pixels)


def test_a_large_plane_goes_in_parts_so_that_a_slow_net_is_not_taken_for_a_dead_one() -> None:
    pixels = np.random.default_rng(0).integers(0, 2**16, (700, 600), "uint16")
    head, *parts = pack(*pack_pixels(pixels))
    assert len(parts) == 4
    assert max(map(len, parts)) == PART_BYTES
    assert np.array_equal(unpack_pixels(*unpack([head, *parts])), pixels)
    with pytest.raises(WireError):
        unpack_pixels(*unpack([head, *parts[1:]]))


def test_pixels_that_cannot_be_packed_smaller_go_as_they_are() -> None:
    noise = np.random.default_rng(0).integers(0, 2**16, (64, 64), "uint16")
    assert pack_pixels(noise)[0]["codec"] == "raw"
    assert pack_pixels(PLANE)[0]["codec"] == "blosc"


@pytest.mark.parametrize(
    "said",
    [
        {"shape": [2**20, 2**20]},  # 2 TB
        {"shape": [64, 49]},
        {"shape": [-64, -48]},
        {"shape": [64.0, 48]},
        {"shape": [True, 48]},
        {"shape": [64, 48, 1]},
        {"shape": None},
        {"dtype": "|O"},
        {"dtype": "V2"},
        {"dtype": ["<u2"]},
        {"dtype": "<u4"},
        {"codec": "pickle"},
        {"codec": "blosc"},
    ],
)
def test_a_size_or_type_that_is_not_that_of_the_payload_is_refused_unallocated(
    said: dict[str, object],
) -> None:
    tracemalloc.start()
    with pytest.raises(WireError):
        unpack_pixels(SAID | said, PLANE.tobytes())
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 1e6


def test_a_compressed_plane_must_be_as_large_as_its_header_and_its_own_header_say() -> None:
    header, packed = pack_pixels(PLANE)
    bomb = blosc.compress(np.zeros(2**26, "uint8"), b"lz4", 1)
    for payload in (
        bomb,
        packed[:-1],
        packed + b"x",
        packed[:10],
        b"",
        packed[:4] + struct.pack("<I", 2**31 - 1) + packed[8:],
    ):
        with pytest.raises(WireError):
            unpack_pixels(header, payload)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_damaged_plane_is_an_error_or_pixels_of_the_right_size(
    changes: list[tuple[int, int]],
) -> None:
    header, payload = pack_pixels(PLANE)
    damaged = bytearray(payload)
    for place, value in changes:
        damaged[place] = value
    with contextlib.suppress(WireError):
        assert unpack_pixels(header, bytes(damaged)).shape == PLANE.shape


class Trap:
    """Pickled, it would say so when it is loaded."""

    sprung = False

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return setattr, (Trap, "sprung", True)


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [b""],
        [b"[]"],
        [b"{}"],
        [b'{"v": 2}'],
        [b'{"v": 1}', *[b"x"] * 5000],
        [b"[" * 60_000],
        [b'{"v": 1, "n": ' + b"9" * 60_000 + b"}"],
        [b'{"v": 1}' + b" " * MOST_HEADER],
        [pickle.dumps(Trap())],
        [pickle.dumps(Trap()), b""],
    ],
    ids=range(11),
)
def test_what_is_no_message_is_refused_and_runs_nothing(frames: list[bytes]) -> None:
    with pytest.raises(WireError):
        unpack(frames)
    assert not Trap.sprung


@given(st.lists(st.binary(max_size=100), max_size=3))
def test_any_frames_are_a_message_or_an_error(frames: list[bytes]) -> None:
    with contextlib.suppress(WireError):
        assert unpack(frames)[0]["v"] == 1


@_UNHURRIED
@given(st.dictionaries(st.sampled_from(["op", "id", "show", "index", "level"]), json_values))
def test_any_question_is_one_of_ours_or_an_error(header: dict[str, object]) -> None:
    for said in (header, header | {"op": "plane"}):
        try:
            question = read_question(said)
        except WireError:
            continue
        assert all(type(place) is int and place >= 0 for place in question.index)


@_UNHURRIED
@given(json_values)
def test_any_facts_are_facts_or_an_error(value: object) -> None:
    with pytest.raises(ViewerError):
        read_facts(json.dumps(value).encode())


def test_a_header_over_the_limit_is_never_sent() -> None:
    with pytest.raises(WireError, match="over the limit"):
        pack({"absence": "x" * MOST_HEADER})


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("192.168.1.20:5571", "192.168.1.20", 5571),
        ("rig.lab:1", "rig.lab", 1),
        ("[::1]:5571", "::1", 5571),
        ("*:0", "*", 0),
    ],
)
def test_an_address_is_read_as_it_is_typed(text: str, host: str, port: int) -> None:
    endpoint = Endpoint.read(text)
    assert (endpoint.host, endpoint.port) == (host, port)
    assert str(endpoint) == text


@pytest.mark.parametrize("text", ["", ":", "rig", "rig:", ":5571", "::1:5571", "rig:x", "a:99999"])
def test_what_is_no_address_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ViewerError, match=r"is no HOST:PORT|up to 65535"):
        Endpoint.read(text)
