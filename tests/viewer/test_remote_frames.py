"""The newest frames over a network of any speed, and a rig that has gone mad."""

from __future__ import annotations

import json
import threading
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import zmq

from parfocal.viewer import Ring
from parfocal.viewer._source import SourceFacts
from parfocal.viewer._store_source import StoreSource
from parfocal.viewer.remote import Endpoint, Found, RemoteSource, RigAddress, read_key, write_pair
from parfocal.viewer.remote._gate import Gate, listen
from parfocal.viewer.remote._rig_link import new_socket
from parfocal.viewer.remote._wire import pack, unpack
from viewer.cells import SHAPE, record
from viewer.rig import elsewhere, serving
from viewer.waiting import eventually

ON_ITS_WAY = "on its way from the rig"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("data") / "cells.ome.zarr")


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
        assert eventually(
            lambda: "the run 'cells “ü”' has ended; its store stays on show" in rig.said
        )


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
