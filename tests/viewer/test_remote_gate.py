"""Who may watch a rig: the one key it knows. Nobody else gets in, or breaks anything."""

from __future__ import annotations

import json
import pickle
import random
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
import zmq

from parfocal.viewer import ViewerError
from parfocal.viewer.remote import (
    Endpoint,
    Found,
    Key,
    RigAddress,
    RigServer,
    ask_rig,
    read_key,
    write_pair,
)
from parfocal.viewer.remote import _server as server_module
from parfocal.viewer.remote._rig_link import new_socket
from parfocal.viewer.remote._wire import MOST_HEADER, pack, unpack
from viewer.between import all_of, listen_between
from viewer.cells import record
from viewer.rig import Rig, serving
from viewer.waiting import eventually

FACTS = pack({"op": "facts", "id": 1})
HTTP = b"GET / HTTP/1.1\r\nHost: rig\r\n\r\n"
# ZeroMQ's greeting, version 3.1, without a mechanism and with one
GREETING = b"\xff\0\0\0\0\0\0\0\1\x7f\3\1"
NULL = GREETING + b"NULL".ljust(20, b"\0") + bytes(32)
CURVE = GREETING + b"CURVE".ljust(20, b"\0") + bytes(32)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("data") / "cells.ome.zarr")


@pytest.fixture
def rig(tmp_path: Path, store: Path) -> Iterator[Rig]:
    with serving(tmp_path, lambda: Found(store)) as rig:
        yield rig


@dataclass
class Net:
    """Sockets of other computers."""

    rig: Rig
    context: zmq.Context = field(default_factory=zmq.Context)
    sockets: list[zmq.Socket] = field(default_factory=list)

    def connected(self, key: Key) -> zmq.Socket:
        """A socket with a key; not yet let in."""
        one = new_socket(self.context, key, self.rig.address.endpoint)
        one.connect(f"tcp://{self.rig.address.endpoint}")
        self.sockets.append(one)
        return one

    def own(self) -> zmq.Socket:
        """A socket of a viewer with the right key."""
        one = self.connected(read_key(self.rig.keys[1], "viewer"))
        assert one.poll(5000, zmq.POLLOUT)
        return one

    def watched(self, one: zmq.Socket, events: int) -> zmq.Socket:
        """Where ZeroMQ tells of these events of a socket."""
        self.sockets.append(monitor := one.get_monitor_socket(events))
        return monitor

    def close(self) -> None:
        """Hang up."""
        for one in self.sockets:
            one.close()
        self.context.destroy(linger=0)


@pytest.fixture
def net(rig: Rig) -> Iterator[Net]:
    net = Net(rig)
    yield net
    net.close()


def serves(rig: Rig) -> bool:
    """Whether somebody with the right key is still answered."""
    return ask_rig(rig.address).name == "cells “ü”"


def test_the_key_of_the_pair_is_let_in(rig: Rig) -> None:
    assert serves(rig)
    assert rig.server.served.refused == 0


def test_an_unknown_key_is_refused_before_it_can_say_anything(
    rig: Rig, net: Net, tmp_path: Path
) -> None:
    known = read_key(rig.keys[1], "viewer")
    stranger = Key.pair()[1]
    # it knows the rig's public key, which is no secret
    one = net.connected(Key("viewer", stranger.public, known.peer, stranger.secret))
    monitor = net.watched(one, zmq.EVENT_HANDSHAKE_SUCCEEDED)
    assert not one.poll(1500, zmq.POLLOUT)
    with pytest.raises(zmq.Again):
        one.send_multipart(FACTS, zmq.NOBLOCK)
    assert not one.poll(200)
    assert not monitor.poll(0)
    assert rig.server.served.refused == 1
    assert "an unknown key from 127.0.0.1 was refused" in rig.said
    assert rig.server._peers == {}
    assert serves(rig)
    _, viewer, _ = write_pair(tmp_path / "other")
    text = json.loads(viewer.read_text()) | {"peer": known.peer.hex()}
    viewer.write_text(json.dumps(text))
    with pytest.raises(ViewerError, match=r"does not know the key .*other.viewer.key"):
        ask_rig(RigAddress(rig.address.endpoint, viewer))


def test_a_viewer_talks_to_no_rig_but_its_own(rig: Rig, tmp_path: Path) -> None:
    _, viewer, _ = write_pair(tmp_path / "other")
    began = time.monotonic()
    with pytest.raises(ViewerError, match=r"is not the rig that the key .*other.viewer.key is for"):
        ask_rig(RigAddress(rig.address.endpoint, viewer))
    assert time.monotonic() - began < 8
    assert rig.server._peers == {}


def test_nobody_there_and_nobody_who_speaks_are_told_apart_within_seconds(rig: Rig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = Endpoint("127.0.0.1", mute.getsockname()[1])
        with pytest.raises(ViewerError, match="is there, but does not answer as a rig does"):
            ask_rig(RigAddress(address, rig.keys[1]), patience_s=1)
    with pytest.raises(ViewerError, match=r"nobody answers at 127.0.0.1:.*serve-viewer` must run"):
        ask_rig(RigAddress(address, rig.keys[1]), patience_s=1)
    with pytest.raises(ViewerError, match=r"there is no computer named 'no.such.rig.invalid'"):
        ask_rig(RigAddress(Endpoint("no.such.rig.invalid", 1), rig.keys[1]))


def test_without_encryption_nothing_is_said_and_nothing_heard(rig: Rig, net: Net) -> None:
    plain = net.context.socket(zmq.DEALER)
    net.sockets.append(plain)
    plain.setsockopt(zmq.IMMEDIATE, 1)
    plain.connect(f"tcp://{rig.address.endpoint}")
    assert not plain.poll(800, zmq.POLLOUT)
    assert rig.server._peers == {}
    assert serves(rig)


def test_a_gate_that_is_gone_lets_nobody_in(tmp_path: Path, store: Path) -> None:
    rig_key, viewer_key, _ = write_pair(tmp_path / "rig")
    with closing(
        RigServer(read_key(rig_key, "rig"), Endpoint("127.0.0.1", 0), lambda: Found(store))
    ) as server:
        server._gate.close()
        net = Net(Rig(server, RigAddress(server.endpoint, viewer_key), (rig_key, viewer_key)))
        assert not net.connected(read_key(viewer_key, "viewer")).poll(1500, zmq.POLLOUT)
        net.close()


@pytest.mark.parametrize("start", [b"", HTTP, NULL, CURVE, GREETING], ids=range(5))
def test_garbage_on_the_port_does_nothing(rig: Rig, start: bytes) -> None:
    noise = random.Random(7)
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", rig.server.endpoint.port), timeout=5) as one:
            one.sendall(start + noise.randbytes(noise.randrange(2000)))
    assert serves(rig)
    assert rig.server._peers.keys() <= set() or len(rig.server._peers) <= 1
    assert rig.server.served.viewers == 0


def test_a_conversation_that_is_played_again_opens_nothing(rig: Rig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as between:
        heard = listen_between(between, rig)
    served = len(rig.server._peers)
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", rig.server.endpoint.port), timeout=5) as one:
            one.sendall(heard)
            one.settimeout(2)
            answer = all_of(one)
            assert b"cells" not in answer
            assert len(answer) < 1000  # a greeting and no facts
    assert len(rig.server._peers) <= served
    assert serves(rig)


class Trap:
    """Pickled, it would leave a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.path,)


def test_garbage_of_a_viewer_runs_no_code_and_ends_only_its_own_conversation(
    rig: Rig, net: Net, tmp_path: Path
) -> None:
    good = net.own()
    noise = random.Random(3)
    garbage = [
        [b""],
        [pickle.dumps(Trap(tmp_path / "sprung"))],
        [b"x" * MOST_HEADER],
        [b"[" * 50_000],
        [*FACTS, b"a payload"],
        pack({"op": "eval", "code": "1"}),
        pack({"op": "plane", "index": [0, 0, 0, -1]}),
        pack({"op": "plane", "index": "../.."}),
        pack({"op": "facts", "show": "x" * 65}),
        pack({"op": "ready", "taken": -5}),
        *([noise.randbytes(noise.randrange(300))] * noise.randrange(1, 5) for _ in range(8)),
    ]
    for message in garbage:
        bad = net.own()
        bad.send_multipart(message)
        assert bad.poll(5000)
        header, _ = unpack(bad.recv_multipart())
        assert header["op"] == "bye"
        bad.send_multipart(FACTS)
        assert not bad.poll(30)  # let go for good
        bad.close()
        good.send_multipart(FACTS)
        assert good.poll(5000)
        assert unpack(good.recv_multipart())[0]["show"]
        _forget_all_but_one(rig)
    assert not (tmp_path / "sprung").exists()


def _forget_all_but_one(rig: Rig) -> None:
    # what a rig does after some seconds of silence; it knows 32 connections at most
    for peer in list(rig.server._peers.values()):
        if peer.barred:
            peer.heard = 0.0
    assert eventually(lambda: not any(p.barred for p in rig.server._peers.values()))


def test_a_message_over_the_limit_closes_its_connection_unread(rig: Rig, net: Net) -> None:
    good, bad = net.own(), net.own()
    monitor = net.watched(bad, zmq.EVENT_DISCONNECTED)
    bad.send_multipart([b"x" * (MOST_HEADER + 2000)])
    assert monitor.poll(5000)
    good.send_multipart(FACTS)
    assert good.poll(5000)
    assert not any(peer.barred for peer in rig.server._peers.values())


def test_questions_about_what_is_not_there_are_answered_in_a_sentence(rig: Rig, net: Net) -> None:
    one = net.own()
    show = rig.server._lookout.current
    assert show is not None
    for said, sentence in (
        ({"op": "plane", "index": [9, 0, 0, 0]}, "there is no plane"),
        ({"op": "plane", "index": [2**50, 0, 0, 0]}, "there is no plane"),
        ({"op": "plane", "level": 7}, "there is no level 7"),
        ({"op": "contrast", "channel": 2}, "there is no channel 2"),
        ({"op": "plane", "show": "another"}, "does not show this run any more"),
    ):
        one.send_multipart(pack({"show": show.identity, "id": 5, **said}))
        assert one.poll(5000)
        header, payload = unpack(one.recv_multipart())
        assert header["id"] == 5
        assert sentence in header["error"]
        assert payload is None


def test_more_connections_than_a_rig_has_room_for_wait_outside(
    rig: Rig, net: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "_MOST_PEERS", 2)
    three = [net.own() for _ in range(3)]
    for one in three[:2]:
        one.send_multipart(FACTS)
        assert one.poll(5000)
    three[2].send_multipart(FACTS)
    assert not three[2].poll(300)
    assert len(rig.server._peers) == 2


def test_an_address_that_cannot_be_had_is_a_sentence(rig: Rig, store: Path) -> None:
    key = read_key(rig.keys[0], "rig")
    taken = rig.server.endpoint
    for endpoint, sentence in (
        (taken, "another program listens there"),
        (Endpoint("192.0.2.1", 5571), "this computer has no such address"),
    ):
        with pytest.raises(ViewerError, match=f"{endpoint} cannot be listened at: {sentence}"):
            RigServer(key, endpoint.to_listen(), lambda: Found(store))
    assert serves(rig)


def test_only_what_is_served_listens_and_only_where_it_was_told(rig: Rig) -> None:
    listening = [
        each.laddr
        for each in psutil.Process().net_connections("inet")
        if each.status == psutil.CONN_LISTEN
    ]
    assert [(each.ip, each.port) for each in listening] == [("127.0.0.1", rig.server.endpoint.port)]
