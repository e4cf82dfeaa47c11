"""Hold a napari window in another process: start it or meet it, ask it, see what it is doing."""

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from parfocal.viewer._address import RingAddress
from parfocal.viewer._control import PROTOCOL, Message, encode_message
from parfocal.viewer._conversation import Conversation
from parfocal.viewer._display import display_problem
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._farewell import close_at_exit
from parfocal.viewer._filter import LiveFilter
from parfocal.viewer._identity import ProcessIdentity
from parfocal.viewer._meeting import MetProcess, knock
from parfocal.viewer._pending import PendingRequests
from parfocal.viewer._process import OwnProcess, ViewerProcess
from parfocal.viewer._record import ViewerRecord, read_record
from parfocal.viewer._status import ViewerState, ViewerStatus
from parfocal.viewer._waiting import take_or_start

_SILENCE_S = 3.0  # the child says how it is twice a second
_START_S = 60.0
_TERMINATE_S = 2.0
_WATCH_S = 0.1
_CLOSE = {"op": "close", "id": 0, "values": {}}


class Viewer:
    """One napari window in a process of its own.

    The window may hang, be closed or be killed: nothing here waits for it except `close`,
    `detach` and `meet`. It closes when this program ends, unless it was detached; when this
    program is killed it stays open, and reads the store.
    """

    def __init__(self, title: str = "Parfocal viewer", *, dark: bool = True) -> None:
        self._title = title
        self._dark = dark
        self._store: Path | None = None
        self._kept = False
        self._record: ViewerRecord | None = None
        self._process: ViewerProcess | None = None
        self._conversation: Conversation | None = None
        self._watching: threading.Thread | None = None
        self._pending = PendingRequests()
        self._gone = threading.Event()
        self._detached = threading.Event()
        self._hung_up = threading.Event()
        self._ready = False
        self._heard = self._began = 0.0
        self._counters: Message = {}
        self._garbage = ""
        self._ended = False

    @classmethod
    def meet(cls, record: ViewerRecord, *, timeout: float = 5.0) -> "Viewer":
        """Hold a viewer that an earlier program left open; refused when another one has it."""
        met = knock(record, timeout)
        viewer = cls(met.record.title)
        viewer._store, viewer._kept = met.record.store, met.record.kept
        viewer._ready, viewer._heard = met.window_up, time.monotonic()
        viewer._hold(MetProcess(met.record), Conversation.over(met.connection, "viewer"))
        return viewer

    @property
    def title(self) -> str:
        """The window's title."""
        return self._title

    @property
    def store(self) -> Path | None:
        """What it shows, also after the store was moved."""
        return self._store

    @property
    def kept(self) -> bool:
        """Whether it is one that somebody wanted to stay open."""
        return self._kept

    @property
    def log(self) -> str:
        """The end of what the child wrote to stderr."""
        return self._process.log if self._process else ""

    def start(
        self,
        store: Path | None,
        live: RingAddress | None = None,
        keyframes: Path | None = None,
        *,
        connect: Mapping[str, Any] | None = None,
        only: LiveFilter | None = None,
        fields: Sequence[int] = (),
    ) -> None:
        """Start the child and return at once (< 50 ms); with the key frames of another file.

        With `connect`, the address of a rig, it shows what that rig has instead of a store. Of what
        is live it shows `only` this. With `fields` it shows only these of the store, and none live.
        """
        if self._process is not None:
            raise ViewerError(f"the viewer {self._title!r} was started already")
        if store is None and connect is None:
            raise ViewerError("a viewer needs a store: the live frames are only its newest ones")
        if problem := display_problem():
            raise ViewerError(problem)
        self._store = None if store is None else store.absolute()
        opening = {
            "protocol": PROTOCOL,
            "op": "open",
            "title": self._title,
            "dark": self._dark,
            "store": None if self._store is None else str(self._store),
            "connect": None if connect is None else dict(connect),
            "live": None if live is None else live.as_json(),
            "keyframes": None if keyframes is None else str(keyframes.absolute()),
            "only": None if only is None else only.as_json(),
            "fields": list(fields),
            "host": ProcessIdentity.own().as_json(),
        }
        encode_message(opening)  # refused before anything is started
        process = take_or_start()
        assert process.stdin is not None
        assert process.stdout is not None
        conversation = Conversation(process.stdout, process.stdin, "viewer")
        conversation.send(opening)
        self._hold(OwnProcess(process), conversation)

    def status(self) -> ViewerStatus:
        """Say what it is doing; never waits."""
        process = self._process
        return ViewerStatus(
            self._state(),
            pid=None if process is None else process.pid,
            accepted=self._count("accepted"),
            displayed=self._count("displayed"),
            dropped=self._count("dropped"),
            exit_code=process.exit_code if process is not None and self._gone.is_set() else None,
            problem=self._problem(),
            queued=len(self._pending),
            title=self._title,
            store=self._store,
            kept=self._kept,
        )

    def request(self, op: str, *, timeout: float = 30.0, **values: Any) -> Future[dict[str, Any]]:
        """Ask the child for something; the future holds its answer or a ViewerError."""
        number, future = self._pending.add(op, timeout)
        try:
            if self._conversation is None:
                raise ViewerError(f"the viewer {self._title!r} is not started")
            if not self._conversation.send({"op": op, "id": number, "values": values}):
                raise ViewerError(f"the viewer takes no requests; not {op}")
        except ViewerError as refusal:
            self._pending.answer(number, None, refusal)
        return future

    def detach(self, timeout: float = 5.0) -> ViewerRecord:
        """Keep its window open beyond this program; its record, by which it is met again."""
        self._record = ViewerRecord.from_json(self.request("detach", timeout=timeout).result())
        self._detached.set()
        self._pending.end(f"the viewer {self._title!r} was detached")
        if self._conversation is not None:
            self._conversation.hang_up()
        return self._record

    def close(self, timeout: float = 5.0) -> None:
        """Ask it to close, then end its process; returns when it is gone. A detached one stays."""
        process, conversation = self._process, self._conversation
        if process is None or conversation is None or self._detached.is_set():
            return
        self.ask_to_close()
        if not self._gone.wait(timeout):
            self._ended = True
            process.terminate()
            # A stopped process (SIGSTOP, a debugger) obeys nothing less than a kill.
            if not self._gone.wait(_TERMINATE_S):
                process.kill()
                self._gone.wait()
        conversation.join()
        if self._watching is not None:
            self._watching.join()

    def ask_to_close(self) -> None:
        """Say goodbye, and wait for nothing."""
        if self._conversation is not None and not self._detached.is_set():
            self._conversation.send(_CLOSE)
            self._conversation.hang_up()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the window was closed; False when the time was over first."""
        return self._gone.wait(timeout)

    def _hold(self, process: ViewerProcess, conversation: Conversation) -> None:
        self._process, self._conversation = process, conversation
        self._began = time.monotonic()
        conversation.begin(self._take, self._end_of_talk)
        self._watching = threading.Thread(target=self._watch, name="viewer-watch", daemon=True)
        self._watching.start()
        close_at_exit(self)

    def _state(self) -> ViewerState:
        if self._gone.is_set():
            return ViewerState.EXITED
        if self._detached.is_set():
            return ViewerState.DETACHED
        now = time.monotonic()
        if not self._ready:
            late = self._process is not None and now - self._began > _START_S
            return ViewerState.NOT_RESPONDING if late else ViewerState.STARTING
        if now - self._heard > _SILENCE_S:
            return ViewerState.NOT_RESPONDING
        return ViewerState.BUSY if len(self._pending) else ViewerState.READY

    def _problem(self) -> str:
        if self._garbage:
            return self._garbage
        if self._ended:
            return "the viewer did not close when it was asked to, and was ended"
        if self._process is not None and self._gone.is_set():
            return self._process.problem
        if self._state() is ViewerState.NOT_RESPONDING:
            if self._hung_up.is_set():
                return "the viewer closed its connection and goes on alone"
            if not self._ready:
                return f"the viewer has not opened its window for {_START_S:.0f} s"
        return str(self._counters.get("problem", ""))

    def _count(self, name: str) -> int:
        number = self._counters.get(name)
        return number if isinstance(number, int) else 0

    def _take(self, message: Message) -> None:
        self._heard = time.monotonic()
        if "status" in message:
            self._ready = True
            if isinstance(message["status"], dict):
                self._counters = message["status"]
        elif "store" in message:
            self._store = Path(str(message["store"]))
        else:
            self._pending.answer(message.get("id"), message.get("result"), message.get("error"))

    def _end_of_talk(self, garbage: str) -> None:
        self._hung_up.set()
        if garbage:
            self._garbage = f"the viewer cannot be understood and was let go: {garbage}"
            if self._process is not None and self._process.ours:
                self.ask_to_close()

    def _watch(self) -> None:
        """Notice its end at once, and reap it, so that our own child is never a zombie."""
        assert self._process is not None
        while not self._process.wait(_WATCH_S):
            self._pending.expire()
            if self._detached.is_set() and not self._process.ours:
                return
        self._sweep()
        self._pending.end(self._process.problem or "the viewer was closed")
        if self._conversation is not None:
            self._conversation.hang_up()
        self._gone.set()

    def _sweep(self) -> None:
        """Of a viewer that was detached and then crashed; whoever met it reads its log first."""
        left = read_record(self._record.path) if self._record is not None else None
        if left is not None and not left.is_held:
            left.forget()
