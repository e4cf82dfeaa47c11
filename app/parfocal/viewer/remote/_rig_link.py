"""Hold the connection to a rig from inside a viewer, and make it anew when it is lost."""

import contextlib
import threading
import time
from collections.abc import Hashable
from typing import Protocol

import zmq
from zmq.utils.monitor import recv_monitor_message

from parfocal.viewer._errors import ViewerError
from parfocal.viewer.remote._endpoint import Endpoint
from parfocal.viewer.remote._gate import ENCRYPTION_BYTES, set_heartbeat
from parfocal.viewer.remote._keys import Key
from parfocal.viewer.remote._questioner import Questions
from parfocal.viewer.remote._wake import Wake
from parfocal.viewer.remote._wire import PART_BYTES, Header, WireError, pack, unpack

_READY_S = 1.0
_ANEW_S = 10.0
_PAUSE_S = 1.0
_RECONNECT_MS = 200
_RECONNECT_MOST_MS = 2000

_UP = zmq.EVENT_HANDSHAKE_SUCCEEDED
_DOWN = zmq.EVENT_DISCONNECTED

Socket = zmq.Socket[bytes]
Context = zmq.Context[Socket]


class Listener(Protocol):
    """Who is told what comes from a rig, in the link's own thread."""

    @property
    def watching(self) -> str: ...
    def take_answer(self, key: Hashable, header: Header, payload: bytes | None) -> None: ...
    def note_answered(self) -> None: ...
    def take_frame(self, header: Header, payload: bytes | None) -> None: ...
    def take_beat(self, header: Header) -> None: ...


class RigLink:
    """Two connections to one port: a plane that is large must not hold up the newest frame."""

    def __init__(self, endpoint: Endpoint, key: Key, listener: Listener) -> None:
        self.questions = Questions()
        self.trouble = ""
        self.connected = False
        self._endpoint = endpoint
        self._key = key
        self._listener = listener
        self._wake = Wake()
        self._ready_at = 0.0
        self._taken = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep_talking, name="rig-link", daemon=True)

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
            events = questions.get_monitor_socket(_UP | _DOWN)
            try:
                self._talk(questions, frames, events)
            except (ViewerError, MemoryError, zmq.ZMQError) as problem:
                self.trouble = str(problem)
            finally:
                for one in (questions, frames, events):
                    one.close(linger=0)
                context.destroy(linger=0)
            self._note_connected(False)
            self._ended.wait(_PAUSE_S)

    def _talk(self, questions: Socket, frames: Socket, events: Socket) -> None:
        poller, last_up = zmq.Poller(), time.monotonic()
        for one in (questions, frames):
            one.connect(f"tcp://{self._endpoint}")
        for each in (questions, frames, events, self._wake.fileno()):
            poller.register(each, zmq.POLLIN)
        while not self._ended.is_set():
            self._send_ready(frames)
            self._send_questions(questions)
            ready = dict(poller.poll(100))
            if self._wake.fileno() in ready:
                self._wake.clear()
            if events in ready:
                self._note_connected(recv_monitor_message(events)["event"] == _UP)
            if questions in ready:
                self._take_answers(questions)
            if frames in ready:
                self._take_frames(frames)
            last_up = time.monotonic() if self.connected else last_up
            # ZeroMQ itself never tries again where its key was refused
            if time.monotonic() - last_up > _ANEW_S:
                return

    def _note_connected(self, connected: bool) -> None:
        self.connected = connected
        if not connected:
            self.questions.again()  # what is still on its way will never come
        self._listener.note_answered()

    def _send_ready(self, frames: Socket) -> None:
        now = time.monotonic()
        if now - self._ready_at < _READY_S or not self._listener.watching:
            return
        said = {"op": "ready", "show": self._listener.watching, "taken": self._taken}
        if send(frames, pack(said)):
            self._ready_at = now

    def _send_questions(self, questions: Socket) -> None:
        while questions.poll(0, zmq.POLLOUT):
            header = self.questions.next()
            if header is None or not send(questions, pack(header)):
                return

    def _take_answers(self, questions: Socket) -> None:
        for header, payload in _received(questions):
            self.trouble = ""
            number = header.get("id")
            if (key := self.questions.about(number)) is not None:
                self._listener.take_answer(key, header, payload)
                self.questions.answered(number)
                self._listener.note_answered()

    def _take_frames(self, frames: Socket) -> None:
        for header, payload in _received(frames):
            self.trouble = ""
            if header.get("op") == "frame":
                self._taken += 1
                self._ready_at = 0.0  # there is room for another one
                self._listener.take_frame(header, payload)
                self._send_ready(frames)
            elif header.get("op") == "beat":
                self._listener.take_beat(header)


def new_socket(context: Context, key: Key, endpoint: Endpoint) -> Socket:
    """A socket, not connected yet, that talks only to the rig with the key's other half."""
    socket = context.socket(zmq.DEALER)
    socket.linger = 0
    socket.curve_serverkey = key.peer
    socket.curve_publickey, socket.curve_secretkey = key.public, key.secret
    socket.setsockopt(zmq.MAXMSGSIZE, PART_BYTES + ENCRYPTION_BYTES)
    socket.setsockopt(zmq.IMMEDIATE, 1)  # nothing waits for a connection that is not there
    socket.setsockopt(zmq.RECONNECT_IVL, _RECONNECT_MS)
    socket.setsockopt(zmq.RECONNECT_IVL_MAX, _RECONNECT_MOST_MS)
    socket.sndhwm, socket.rcvhwm = 16, 8
    set_heartbeat(socket)
    socket.ipv6 = endpoint.uses_ipv6
    return socket


def send(socket: Socket, message: list[bytes]) -> bool:
    """Send without waiting; False when it cannot go out now."""
    with contextlib.suppress(zmq.Again):
        socket.send_multipart(message, zmq.NOBLOCK)
        return True
    return False


def _received(socket: Socket) -> list[tuple[Header, bytes | None]]:
    messages: list[tuple[Header, bytes | None]] = []
    with contextlib.suppress(zmq.Again):
        while len(messages) < 16:
            messages.append(unpack(socket.recv_multipart(zmq.NOBLOCK)))
    for header, _ in messages:
        if header.get("op") == "bye":
            raise WireError(f"the rig has ended the conversation: {header.get('error')}")
    return messages
