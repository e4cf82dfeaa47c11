"""A run at a rig as a viewer far away has it: the same planes, newest frames, and no waiting."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zmq

from parfocal.store import Recording, write_pyramid
from parfocal.viewer import Ring, ViewerError
from parfocal.viewer._source import SourceFacts
from parfocal.viewer._store_source import StoreSource
from parfocal.viewer.remote import Endpoint, Found, RemoteSource, RigAddress, read_key, write_pair
from parfocal.viewer.remote import _peer as peer
from parfocal.viewer.remote import _remote_source as remote_source
from parfocal.viewer.remote._gate import Gate, listen
from parfocal.viewer.remote._rig_link import new_socket
from parfocal.viewer.remote._wire import pack, unpack
from viewer.cells import MISSING, SHAPE, frame, record, spec
from viewer.rig import Rig, eventually, serving

ON_ITS_WAY = "on its way from the rig"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("data") / "cells.ome.zarr")


@pytest.fixture
def rig(tmp_path: Path, store: Path) -> Iterator[Rig]:
    with serving(tmp_path, lambda: Found(store)) as rig:
        yield rig


@pytest.fixture
def source(rig: Rig) -> Iterator[RemoteSource]:
    with closing(RemoteSource(rig.address)) as source:
        yield source


def elsewhere(work: Callable[[], Any]) -> Any:
    """Do it in a thread that is not a window's."""
    came: list[Any] = []
    thread = threading.Thread(target=lambda: came.append(work()))
    thread.start()
    thread.join(20)
    return came[0]


def test_facts_planes_and_contrast_are_those_of_the_store(
    store: Path, source: RemoteSource
) -> None:
    with closing(StoreSource(store)) as here:
        assert source.facts == here.facts
        for index in [*spec().planned[::5], (*MISSING, 1)]:
            far = elsewhere(lambda index=index: source.plane(index))
            assert np.array_equal(far, here.plane(index))
            assert far.dtype == here.plane(index).dtype
        for channel in range(2):
            assert eventually(lambda channel=channel: source.contrast(channel))
            assert source.contrast(channel) == here.contrast(channel)


def test_coarser_levels_come_too(tmp_path: Path) -> None:
    large = replace(spec(), plane_shape=(700, 600), planned=[(0, 0, 0, 0)], due_s=[0.0])
    recording = Recording.create(tmp_path / "large.ome.zarr", large)
    recording.put((0, 0, 0, 0), np.arange(700 * 600, dtype="uint16").reshape(700, 600))
    recording.close()
    write_pyramid(recording.path)
    with (
        closing(StoreSource(recording.path)) as here,
        serving(tmp_path, lambda: Found(recording.path)) as rig,
        closing(RemoteSource(rig.address)) as source,
    ):
        assert len(here.facts.levels) > 1
        for level in range(len(here.facts.levels)):
            far = elsewhere(lambda level=level: source.plane((0, 0, 0, 0), level))
            assert np.array_equal(far, here.plane((0, 0, 0, 0), level))


def test_a_plane_that_was_not_acquired_is_told_with_its_reason(source: RemoteSource) -> None:
    index = (MISSING[0], MISSING[1], MISSING[2], 1)
    assert not source.stored(index)
    assert elsewhere(lambda: source.absence(index)) == "not acquired (the shutter was stuck)"
    assert source.plane(index).max() == 0
    assert elsewhere(lambda: source.absence((1, 0, 0, 0))) == ""
    assert eventually(lambda: source.stored((0, 0, 0, 0)))
    assert source.absence((0, 0, 0, 0)) == ""


def test_a_window_never_waits_long_and_has_the_plane_when_it_has_come(
    rig: Rig, source: RemoteSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer, "SILENT_S", 0.1)  # who waits for an answer is not gone
    show = rig.server._lookout.current
    assert show is not None
    read = show.source.plane
    held = threading.Event()

    def slow(*place: Any) -> Any:
        held.wait(20)
        return read(*place)

    show.source.plane = slow  # type: ignore[method-assign]
    waited = []
    for z in range(4):
        began = time.monotonic()
        assert source.plane((0, 0, 1, z)).max() == 0
        waited.append(time.monotonic() - began)
    assert sum(waited) < 3  # 0.15 s each, and some for a busy machine
    assert not source.stored((0, 0, 1, 3))
    assert source.absence((0, 0, 1, 3)) == ON_ITS_WAY
    time.sleep(1)
    held.set()
    for z in range(4):
        assert eventually(lambda z=z: source.stored((0, 0, 1, z)))
        assert np.array_equal(source.plane((0, 0, 1, z)), frame((0, 0, 1, z)))


def test_what_was_asked_for_last_is_there_first_and_much_scrubbing_asks_no_more_than_it_may(
    rig: Rig, source: RemoteSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_source, "_WINDOW_S", 0.001)
    show = rig.server._lookout.current
    assert show is not None
    read, held, order = show.source.plane, threading.Event(), []

    def slow(index: Any, level: int = 0) -> Any:
        held.wait(20)
        order.append(index)
        return read(index, level)

    show.source.plane = slow  # type: ignore[method-assign]
    for _ in range(20):
        for index in spec().planned:
            source.plane(index)
    assert len(rig.server._peers) <= 2
    assert sum(peer.reading for peer in rig.server._peers.values()) <= 2
    newest = [index for index in spec().planned if index[:3] != MISSING][-1]
    held.set()
    assert eventually(lambda: source.stored(newest))
    assert newest in order[:4]


def test_the_newest_frames_come_and_every_other_one_is_counted(tmp_path: Path, store: Path) -> None:
    ring = Ring.create(SHAPE, "uint16")
    found = [Found(store, ring.address, running=True)]
    with (
        closing(ring),
        serving(tmp_path, lambda: found[0]) as rig,
        closing(RemoteSource(rig.address)) as source,
    ):
        frames, seen = source.frames, []

        def came(value: int) -> bool:
            seen.extend(frames.fresh())
            return bool(seen) and int(seen[-1].pixels[0, 0]) == value

        ring.publish(np.full(SHAPE, 1, "uint16"), {"t": 1, "p": 1, "c": 0, "z": 3}, "camera")
        assert eventually(lambda: came(1))
        assert seen[0].coordinates == {"t": 1, "p": 1, "c": 0, "z": 3}
        assert seen[0].layer == "camera"
        for value in range(2, 401):
            ring.publish(np.full(SHAPE, value, "uint16"), {"t": value % 3, "c": value % 2}, "“ü”")
            time.sleep(0.001)
        assert eventually(lambda: came(400))
        assert all(one.pixels.min() == one.pixels.max() for one in seen)
        assert [one.sequence for one in seen] == sorted({one.sequence for one in seen})
        assert eventually(lambda: frames.accepted + frames.dropped == 400)
        assert frames.dropped > 0
        assert not frames.finished
        found[0] = Found(store)
        assert eventually(lambda: frames.finished)
        assert source.note == ""
        assert any("has ended; its store stays on show" in said for said in rig.said)


def test_a_viewer_that_takes_nothing_gets_no_more_than_two_frames_and_holds_up_nobody(
    tmp_path: Path, store: Path
) -> None:
    ring = Ring.create(SHAPE, "uint16")
    with (
        closing(ring),
        serving(tmp_path, lambda: Found(store, ring.address, running=True)) as rig,
        closing(RemoteSource(rig.address)) as source,
        zmq.Context() as context,
        closing(
            new_socket(context, read_key(rig.keys[1], "viewer"), rig.address.endpoint)
        ) as stuck,
    ):
        stuck.connect(f"tcp://{rig.address.endpoint}")
        assert stuck.poll(5000, zmq.POLLOUT)
        stuck.send_multipart(pack({"op": "ready", "show": source.watching}))
        assert eventually(lambda: len(rig.server._peers) == 3)
        for value in range(1, 101):
            ring.publish(np.full(SHAPE, value, "uint16"), {"t": 0, "c": 0})
            time.sleep(0.005)
        newest = []
        assert eventually(lambda: newest.extend(source.frames.fresh()) or newest)
        assert eventually(
            lambda: newest.extend(source.frames.fresh()) or newest[-1].pixels.max() == 100
        )
        got = []
        while stuck.poll(300):
            got.append(unpack(stuck.recv_multipart())[0])
        assert [one["op"] for one in got].count("frame") == 2
        stuck.send_multipart(pack({"op": "ready", "show": source.watching, "taken": 10**9}))
        while stuck.poll(700) and len(got) < 20:
            got.append(unpack(stuck.recv_multipart())[0])
            if got[-1]["op"] == "frame":
                break
        assert got[-1]["sequence"] == 100  # the newest, and none of those between


def test_the_viewer_goes_on_when_the_rigs_server_was_started_anew(
    tmp_path: Path, store: Path
) -> None:
    with serving(tmp_path, lambda: Found(store)) as rig:
        port, source = rig.server.endpoint.port, RemoteSource(rig.address)
        assert np.array_equal(elsewhere(lambda: source.plane((0, 0, 0, 0))), frame((0, 0, 0, 0)))
    with closing(source):
        assert eventually(lambda: source.note.startswith("no connection to the rig at 127.0.0.1"))
        assert np.array_equal(source.plane((0, 0, 0, 0)), frame((0, 0, 0, 0)))  # was seen before
        assert source.plane((1, 0, 0, 0)).max() == 0
        assert source.absence((1, 0, 0, 0)) == ON_ITS_WAY
        with serving(tmp_path, lambda: Found(store), port=port):
            assert eventually(lambda: source.stored((1, 0, 0, 0)))
            assert np.array_equal(source.plane((1, 0, 0, 0)), frame((1, 0, 0, 0)))
            assert eventually(lambda: source.note == "")


def test_another_run_is_told_and_the_viewer_stays_where_it_is(tmp_path: Path, store: Path) -> None:
    other = record(tmp_path / "other.ome.zarr")
    ring = Ring.create(SHAPE, "uint16")
    found = [Found(store)]
    with (
        closing(ring),
        serving(tmp_path, lambda: found[0]) as rig,
        closing(RemoteSource(rig.address)) as source,
    ):
        assert eventually(lambda: source.watching)
        found[0] = Found(other, ring.address, running=True)
        assert eventually(lambda: source.note.startswith("another run has begun at the rig: cells"))
        ring.publish(np.zeros(SHAPE, "uint16"), {})
        assert np.array_equal(elsewhere(lambda: source.plane((2, 0, 0, 2))), frame((2, 0, 0, 2)))
        with closing(RemoteSource(rig.address)) as second:
            assert second.watching != source.watching
            assert eventually(second.frames.fresh)
        assert source.frames.fresh() == []


def test_a_run_that_grows_is_told_and_a_plane_of_it_comes_when_it_is_stored(
    tmp_path: Path,
) -> None:
    recording = Recording.create(tmp_path / "growing.ome.zarr", spec())
    first, *others = spec().planned
    recording.put(first, frame(first))
    with (
        serving(tmp_path, lambda: Found(recording.path, running=True)) as rig,
        closing(RemoteSource(rig.address)) as source,
    ):
        assert source.facts.state == "recording"
        last = others[-1]
        assert eventually(lambda: source.absence(last) == "not acquired yet")
        for index in others:
            recording.put(index, frame(index))
        recording.close()
        assert eventually(lambda: source.stored(last))
        assert np.array_equal(elsewhere(lambda: source.plane(last)), frame(last))
        assert eventually(source.refresh)
        assert source.facts.state == "completed"


def test_a_rig_that_shows_nothing_is_told_in_a_sentence(tmp_path: Path) -> None:
    with (
        serving(tmp_path, lambda: None) as rig,
        pytest.raises(ViewerError, match="no run goes on at the rig, and no store is on show"),
    ):
        RemoteSource(rig.address)


GARBAGE: list[list[bytes]] = [
    [b"garbage"],
    [b"[" * 60_000],
    pack({"op": "frame", "sequence": 1, "layer": "", "coordinates": {}, "dtype": "|O"}, b"x"),
    pack(
        {
            "op": "frame", "sequence": 1, "layer": "", "coordinates": {"t": "0"},
            "dtype": "|u1", "shape": [1, 1], "codec": "raw",
        },
        b"x",
    ),
    pack({"op": "frame", "dtype": "<u2", "shape": [2**30, 2**30], "codec": "raw"}, b"x"),
]  # fmt: skip


def test_a_rig_that_sends_garbage_is_hung_up_on_and_asked_again(
    tmp_path: Path, store: Path
) -> None:
    rig_file, viewer_file, _ = write_pair(tmp_path / "rig")
    key, context = read_key(rig_file, "rig"), zmq.Context()
    gate = Gate(context, key.peer)
    socket, endpoint = listen(context, Endpoint("127.0.0.1", 0), key)
    with closing(StoreSource(store)) as here:
        facts = here.facts
    ended, garbage = threading.Event(), list(GARBAGE)
    talking = threading.Thread(target=_be_a_mad_rig, args=(gate, socket, facts, garbage, ended))
    talking.start()
    try:
        with closing(RemoteSource(RigAddress(endpoint, viewer_file))) as source:
            assert eventually(lambda: not garbage, 30)
            assert eventually(lambda: source.note)
            assert source.facts == facts
            assert source.plane((0, 0, 0, 0)).shape == SHAPE
            assert source.frames.fresh() == []
            assert elsewhere(lambda: source.absence((0, 0, 0, 0))) == ON_ITS_WAY
            source.take_beat({"facts": "newer"})
            assert not source.refresh()
            assert eventually(lambda: "makes no sense" in source.note)
            assert source.facts == facts
    finally:
        ended.set()
        talking.join()
        socket.close()
        gate.close()
        context.destroy(linger=0)


def _be_a_mad_rig(
    gate: Gate,
    socket: zmq.Socket,
    facts: SourceFacts,
    garbage: list[list[bytes]],
    ended: threading.Event,
) -> None:
    """Tell what is on show, and answer whatever else is said with the next garbage."""
    poller = zmq.Poller()
    for one in (gate.socket, socket):
        poller.register(one, zmq.POLLIN)
    while not ended.is_set():
        ready = dict(poller.poll(50))
        if gate.socket in ready:
            gate.answer()
        if socket not in ready:
            continue
        who, *message = socket.recv_multipart()
        said, _ = unpack(message)
        if said["op"] == "facts":
            body = json.dumps(facts.as_json() if garbage else {"sizes": 1}).encode()
            answer = pack({"id": said["id"], "show": "a", "facts": "b"}, body)
        elif garbage:
            answer = [part.replace(b'"op"', b'"show":"a","op"') for part in garbage.pop(0)]
        else:
            continue
        socket.send_multipart([who, *answer])


def test_a_key_that_is_no_key_opens_nothing(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(remote_source, "_OPENING_S", 0.5)
    with pytest.raises(ViewerError, match=r"is the rig's key"):
        RemoteSource(RigAddress(rig.address.endpoint, rig.keys[0]))
    _, other, _ = write_pair(tmp_path / "other")
    with pytest.raises(ViewerError, match=r"shows nothing: it does not answer"):
        RemoteSource(RigAddress(rig.address.endpoint, other))
