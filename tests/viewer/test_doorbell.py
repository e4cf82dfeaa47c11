"""Readers hear of a frame at once; the writer never waits for one, stopped, dead or slow."""

from __future__ import annotations

import json
import os
import signal
import socket
import time

import psutil
import pytest

from parfocal.viewer import Ring, RingAddress, RingReader
from parfocal.viewer._layout import MOST_BELLS
from viewer.ring_parts import HOLDER, kill, open_files, plane, start, written
from viewer.waiting import eventually


def heard(reader: RingReader) -> bool:
    """Whether a bell, and not the time, ends the wait."""
    began = time.monotonic()
    reader.wait(5.0)
    return time.monotonic() - began < 4.0


def test_a_frame_the_next_generation_and_the_end_all_ring(ring: Ring, reader: RingReader) -> None:
    ring.publish(plane(1), {"t": 1})
    assert heard(reader)
    assert reader.fresh()
    ring.publish(plane(2, (200, 200)), {"t": 2})
    assert heard(reader)
    assert eventually(lambda: bool(reader.fresh()))
    ring.publish(plane(3), {"t": 3})
    assert heard(reader)
    reader.fresh()
    ring.close()
    assert heard(reader)
    assert reader.fresh() == []
    assert reader.finished


def test_a_bell_that_rang_many_times_is_heard_once(ring: Ring, reader: RingReader) -> None:
    for t in range(100):
        ring.publish(plane(t), {"t": t})
    assert heard(reader)
    began = time.monotonic()
    reader.wait(0.1)
    assert time.monotonic() - began > 0.05


def test_every_viewer_has_a_bell_and_one_too_many_looks_by_itself(ring: Ring) -> None:
    readers = [RingReader.attach(ring.address) for _ in range(MOST_BELLS + 1)]
    assert [reader._bell is None for reader in readers] == [False] * MOST_BELLS + [True]
    ring.publish(plane(1), {"t": 1})
    for reader in readers:
        assert heard(reader)
        assert reader.fresh()
        reader.close()


def test_the_place_and_the_descriptor_of_a_dead_viewer_are_free_again(ring: Ring) -> None:
    files = open_files()
    for t in range(3):
        process, said = start(HOLDER, written(ring))
        assert said == "[]"
        ring.publish(plane(t), {"t": t})
        assert len(open_files() - files) == 2  # the socket to it, and the pipe from it
        kill(process)
    for t in range(4 * MOST_BELLS):
        reader = RingReader.attach(ring.address)
        ring.publish(plane(t), {"t": t})
        assert heard(reader)
        reader.close()
    ring.publish(plane(0), {})
    assert open_files() <= files


def test_a_stopped_viewer_keeps_no_bell_from_the_others_and_never_blocks_the_writer(
    ring: Ring, reader: RingReader
) -> None:
    stopped, said = start(HOLDER, written(ring))
    assert said == "[]"
    after_it = RingReader.attach(ring.address)
    stopped.send_signal(signal.SIGSTOP)
    for t in range(2000):
        assert ring.publish(plane(t % 9), {"t": t})
        if t % 100 == 0:
            assert heard(reader)
            assert heard(after_it)
    after_it.close()
    assert (ring.published, ring.dropped) == (2000, 0)
    kill(stopped)


def test_no_two_bells_are_alike_and_nothing_listens_on_the_network(
    ring: Ring, reader: RingReader
) -> None:
    other = RingReader.attach(ring.address)
    ring.publish(plane(1), {})
    assert len(reader._bell.name) == 16
    assert reader._bell.name != other._bell.name
    ours = [c for c in psutil.Process().net_connections("unix") if "parfocal" in c.laddr]
    assert {c.type for c in ours} == {socket.SOCK_DGRAM}
    assert psutil.Process().net_connections("inet") == []
    other.close()


def test_without_descriptors_for_bells_frames_are_published_and_found_by_looking(
    ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(*_: object, **__: object) -> socket.socket:
        raise OSError(24, os.strerror(24))

    heard_of = RingReader.attach(ring.address)
    monkeypatch.setattr(socket, "socket", none_left)
    unheard = RingReader.attach(RingAddress.from_json(json.loads(written(ring))))
    assert unheard._bell is None
    ring.publish(plane(1), {"t": 1})
    assert heard(unheard)
    assert [len(reader.fresh()) for reader in (heard_of, unheard)] == [1, 1]
    heard_of.close()
    unheard.close()
