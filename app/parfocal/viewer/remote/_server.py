"""Show a run to viewers on other computers: answer what they ask, and send the newest frames."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import zmq

from parfocal import ParfocalError, __version__
from parfocal.viewer.remote._endpoint import Endpoint
from parfocal.viewer.remote._gate import Gate, listen
from parfocal.viewer.remote._keys import Key
from parfocal.viewer.remote._newest import NewestFrames, PackedFrame
from parfocal.viewer.remote._peer import Peer
from parfocal.viewer.remote._questions import answer_question, read_question
from parfocal.viewer.remote._readings import Answer, Readings
from parfocal.viewer.remote._shows import Found, Lookout
from parfocal.viewer.remote._wake import Wake
from parfocal.viewer.remote._wire import WireError, pack, unpack

_BEAT_S = 0.5
_MOST_PEERS = 32
_MOST_READING = 8
_MOST_AT_ONCE = 64  # messages, before frames and answers have their turn again

_log = logging.getLogger(__name__)


@dataclass
class Served:
    """What a server did."""

    viewers: int = 0
    frames_sent: int = 0
    frames_dropped: int = 0
    refused: int = 0


class RigServer:
    """Serves until it is cancelled. It cannot be made without a key."""

    def __init__(
        self,
        key: Key,
        endpoint: Endpoint,
        find: Callable[[], Found | None],
        say: Callable[[str], None] = _log.info,
    ) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._gate = Gate(self._context, key.peer)
        try:
            self._socket, self.endpoint = listen(self._context, endpoint, key)
        except ParfocalError:
            self._close_sockets()
            raise
        self.served = Served()
        self._say = say
        self._wake = Wake()
        self._lookout = Lookout(find, say, self._wake.set)
        self._readings = Readings(self._wake.set)
        self._newest = NewestFrames(self._wake.set)
        self._frames: dict[tuple[str, int], PackedFrame] = {}
        self._peers: dict[bytes, Peer] = {}
        self._beat_at = 0.0

    def run(self, cancelled: threading.Event) -> Served:
        """Serve in this thread until `cancelled`."""
        try:
            self._lookout.start()
            self._readings.start()
            self._newest.start()
            poller = zmq.Poller()
            for one in (self._socket, self._gate.socket, self._wake.fileno()):
                poller.register(one, zmq.POLLIN)
            while not cancelled.is_set():
                ready = dict(poller.poll(100))
                if self._gate.socket in ready:
                    self._open_or_refuse()
                if self._socket in ready:
                    self._hear()
                if self._wake.fileno() in ready:
                    self._wake.clear()
                self._send_answers()
                self._send_frames()
                self._beat()
        finally:
            self.close()
        return self.served

    def close(self) -> None:
        """Give everything back. Twice is fine."""
        for part in (self._lookout, self._newest, self._readings):
            part.close()
        for peer in self._peers.values():
            self.served.frames_dropped += peer.dropped
        self._peers.clear()
        self._socket.close(linger=0)
        self._close_sockets()
        self._wake.close()

    def _close_sockets(self) -> None:
        self._gate.close()
        self._context.destroy(linger=0)

    def _open_or_refuse(self) -> None:
        refused = self._gate.answer()
        if refused:
            self.served.refused += 1
            if self._gate.refused[refused] == 1:
                self._say(f"an unknown key from {refused} was refused")

    # ------------------------------------------------------------------ what viewers say

    def _hear(self) -> None:
        for _ in range(_MOST_AT_ONCE):
            try:
                frames = self._socket.recv_multipart(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return
            peer = self._peer(frames[0])
            if peer is None or peer.barred:
                continue
            peer.heard = time.monotonic()
            try:
                header, payload = unpack([frame.bytes for frame in frames[1:]])
                if payload is not None:
                    raise WireError("a question has a payload")
                self._take(peer, header)
            except WireError as garbage:
                # this conversation ends, and no other: nothing more of it is read or answered
                peer.barred = True
                self._send(peer.identity, pack({"op": "bye", "error": str(garbage)}))
                self._say(f"a viewer at {peer.address} was let go: {garbage}")

    def _peer(self, frame: Any) -> Peer | None:
        identity = frame.bytes
        peer = self._peers.get(identity)
        if peer is None and len(self._peers) < _MOST_PEERS:
            peer = self._peers[identity] = Peer(identity, _address(frame))
        return peer

    def _take(self, peer: Peer, header: dict[str, Any]) -> None:
        question = read_question(header)
        if question.op == "ready":
            if not peer.watching:
                self.served.viewers += 1
                self._say(f"a viewer at {peer.address} watches")
            peer.ready(question.show, question.taken)
            return
        show = self._lookout.show(question.show) if question.show else self._lookout.current
        if peer.reading >= _MOST_READING or not self._readings.ask(
            peer.identity, lambda: answer_question(question, show)
        ):
            self._send(peer.identity, pack({"id": question.number, "error": "too many questions"}))
        else:
            peer.reading += 1

    # ------------------------------------------------------------------ what viewers are told

    def _send_answers(self) -> None:
        for identity, answer in self._readings.take():
            if peer := self._peers.get(identity):
                peer.reading -= 1
            # to who was silent for long too: it waited for this
            self._send(identity, answer)

    def _send_frames(self) -> None:
        show = self._lookout.current
        self._newest.follow(show.found.live if show is not None else None)
        for frame in self._newest.take():
            if any(known.ring != frame.ring for known in self._frames.values()):
                self._frames.clear()
            self._frames[frame.stream] = frame
        if show is None:
            return
        for peer in list(self._peers.values()):
            if peer.watching == show.identity:
                self._send_frames_to(peer)
        if any(p.has_room and p.watching == show.identity for p in self._peers.values()):
            self._newest.ask()

    def _send_frames_to(self, peer: Peer) -> None:
        news = (frame for frame in self._frames.values() if peer.wants(frame))
        for frame in sorted(news, key=lambda frame: frame.sequence):
            if not peer.has_room:
                return
            message = pack(frame.header | {"show": peer.watching}, frame.payload)
            if self._send(peer.identity, message):
                peer.note_sent(frame)
                self.served.frames_sent += 1

    def _beat(self) -> None:
        now = time.monotonic()
        if now - self._beat_at < _BEAT_S:
            return
        self._beat_at = now
        current = self._lookout.current
        for peer in list(self._peers.values()):
            if peer.silent:
                self._forget(peer)
            elif peer.watching and not peer.barred:
                show = self._lookout.show(peer.watching)
                said = {
                    "op": "beat",
                    "version": __version__,
                    "show": peer.watching,
                    "known": show is not None,
                    "facts": show.told.version if show is not None else "",
                    "running": show is not None and show.found.running,
                    "current": current.identity if current is not None else "",
                    "name": current.name[:200] if current is not None else "",
                    "dropped": peer.dropped,
                }
                self._send(peer.identity, pack(said))

    def _send(self, identity: bytes, message: Answer) -> bool:
        """Send without waiting; False when it could not go out now."""
        try:
            # copied: a send without a copy starts a thread of pyzmq's that never ends
            self._socket.send_multipart([identity, *message], zmq.NOBLOCK)
        except zmq.Again:
            return False
        except zmq.ZMQError:  # its connection is gone
            if peer := self._peers.get(identity):
                self._forget(peer)
            return False
        return True

    def _forget(self, peer: Peer) -> None:
        del self._peers[peer.identity]
        self.served.frames_dropped += peer.dropped
        if peer.watching:
            self._say(f"a viewer at {peer.address} watches no more")


def _address(frame: Any) -> str:
    with contextlib.suppress(zmq.ZMQError):
        return str(frame.get("Peer-Address"))
    return "an unknown address"
