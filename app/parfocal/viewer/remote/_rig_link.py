"""Hold the connection to a rig from inside a viewer, and make it anew when it is lost."""

import contextlib
import threading
import time
from collections.abc import Hashable
from typing import Protocol

import zmq

from parfocal.viewer.remote._endpoint import Endpoint
from parfocal.viewer.remote._gate import set_heartbeat
from parfocal.viewer.remote._keys import Key
from parfocal.viewer.remote._questioner import Questions
from parfocal.viewer.remote._wake import Wake
from parfocal.viewer.remote._wire import MOST_ON_THE_WIRE, Header, WireError, pack, unpack

_READY_S = 1.0
_SILENCE_S = 3.0  # the rig says twice a second that it is there
_ANEW_S = 10.0
_PAUSE_S = 1.0
_RECONNECT_MS = 200
_RECONNECT_MOST_MS = 2000

Context = zmq.Context[zmq.Socket[bytes]]


class Listener(Protocol):
    """Who is told what comes from a rig, in the link's own thread."""

    @property
    def watching(self) -> str: ...
    def take_answer(self, key: Hashable, header: Header, payload: bytes | None) -> None: ...
    def take_frame(self, header: Header, payload: bytes | None) -> None: ...
    def take_beat(self, header: Header) -> None: ...


class RigLink:
    """Two connections to one port: a plane that is large must not hold up the newest frame."""

    def __init__(self, endpoint: Endpoint, key: Key, listener: Listener) -> None:
        self.questions = Questions()
        self.trouble = ""
        self._endpoint = endpoint
        self._key = key
        self._listener = listener
        self._wake = Wake()
        self._heard = self._ready_at = 0.0
        self._taken = 0
        self._ended = threading.Event()
        self._lost = True
        self._server: object = None
        self._thread = threading.Thread(target=self._keep_talking, name="rig-link", daemon=True)

    @property
    def connected(self) -> bool:
        """Whether the rig has said something in the last seconds."""
        return time.monotonic() - self._heard < _SILENCE_S

    def start(self) -> None:
        """Connect, in a thread of its own."""
        self._thread.start()

    def ask(self, key: Hashable, header: Header) -> None:
        """Ask something; the answer comes to the listener."""
        self.questions.ask(key, header)
        self._wake.set()

    def close(self) -> None:
        """Hang up."""
        self._ended.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        self._wake.close()

    def _keep_talking(self) -> None:
        while not self._ended.is_set():
            context: Context = zmq.Context()
            questions, frames = (new_socket(context, self._key, self._endpoint) for _ in range(2))
            try:
                self._talk(questions, frames)
            except (WireError, zmq.ZMQError) as problem:
                self.trouble = str(problem)
                self._heard = 0.0
            finally:
                for one in (questions, frames):
                    one.close(linger=0)
                context.destroy(linger=0)
            self.questions.again(every=True)
            self._ended.wait(_PAUSE_S)

    def _talk(self, questions: "zmq.Socket[bytes]", frames: "zmq.Socket[bytes]") -> None:
        poller, began = zmq.Poller(), time.monotonic()
        for one in (questions, frames):
            one.connect(f"tcp://{self._endpoint}")
            poller.register(one, zmq.POLLIN)
        poller.register(self._wake.fileno(), zmq.POLLIN)
        while not self._ended.is_set():
            self._send_ready(frames)
            self._send_questions(questions)
            ready = dict(poller.poll(100))
            if self._wake.fileno() in ready:
                self._wake.clear()
            if questions in ready:
                self._take_answers(questions)
            if frames in ready:
                self._take_frames(frames)
            self.questions.again()
            if not self.connected:
                self._lost = True
                # ZeroMQ itself never tries again where its key was refused
                if time.monotonic() - max(began, self._heard) > _ANEW_S:
                    return

    def _send_ready(self, frames: "zmq.Socket[bytes]") -> None:
        now = time.monotonic()
        if now - self._ready_at < _READY_S or not self._listener.watching:
            return
        said = {"op": "ready", "show": self._listener.watching, "taken": self._taken}
        if send(frames, pack(said)):
            self._ready_at = now

    def _send_questions(self, questions: "zmq.Socket[bytes]") -> None:
        while questions.poll(0, zmq.POLLOUT):
            header = self.questions.next()
            if header is None or not send(questions, pack(header)):
                return

    def _take_answers(self, questions: "zmq.Socket[bytes]") -> None:
        for header, payload in _received(questions):
            self._hear()
            key = self.questions.answered(header.get("id"))
            if key is not None:
                self._listener.take_answer(key, header, payload)

    def _take_frames(self, frames: "zmq.Socket[bytes]") -> None:
        for header, payload in _received(frames):
            self._hear()
            if header.get("op") == "frame":
                self._taken += 1
                self._ready_at = 0.0  # there is room for another one
                self._listener.take_frame(header, payload)
                self._send_ready(frames)
            elif header.get("op") == "beat":
                if header.get("server") != self._server:
                    self._server, self._lost = header.get("server"), True
                    self._hear()
                self._listener.take_beat(header)

    def _hear(self) -> None:
        self._heard, self.trouble = time.monotonic(), ""
        if self._lost:
            self._lost = False
            # what was asked before the connection was lost will not be answered
            self.questions.again(every=True)


def new_socket(context: Context, key: Key, endpoint: Endpoint) -> "zmq.Socket[bytes]":
    """A socket, not connected yet, that talks only to the rig with the key's other half."""
    socket = context.socket(zmq.DEALER)
    socket.linger = 0
    socket.curve_serverkey = key.peer
    socket.curve_publickey, socket.curve_secretkey = key.public, key.secret
    socket.setsockopt(zmq.MAXMSGSIZE, MOST_ON_THE_WIRE)
    socket.setsockopt(zmq.IMMEDIATE, 1)  # nothing waits for a connection that is not there
    socket.setsockopt(zmq.RECONNECT_IVL, _RECONNECT_MS)
    socket.setsockopt(zmq.RECONNECT_IVL_MAX, _RECONNECT_MOST_MS)
    socket.sndhwm, socket.rcvhwm = 16, 8
    set_heartbeat(socket)
    socket.ipv6 = endpoint.uses_ipv6
    return socket


def send(socket: "zmq.Socket[bytes]", message: list[bytes]) -> bool:
    """Send without waiting; False when it cannot go out now."""
    with contextlib.suppress(zmq.Again):
        socket.send_multipart(message, zmq.NOBLOCK)
        return True
    return False


def _received(socket: "zmq.Socket[bytes]") -> list[tuple[Header, bytes | None]]:
    messages: list[tuple[Header, bytes | None]] = []
    with contextlib.suppress(zmq.Again):
        while len(messages) < 16:
            messages.append(unpack(socket.recv_multipart(zmq.NOBLOCK)))
    for header, _ in messages:
        if header.get("op") == "bye":
            raise WireError(f"the rig has ended the conversation: {header.get('error')}")
    return messages
