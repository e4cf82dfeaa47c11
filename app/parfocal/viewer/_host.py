"""Start napari in a child process, talk to it, and see what it is doing."""

import contextlib
import queue
import subprocess
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from parfocal.viewer._address import RingAddress
from parfocal.viewer._control import PROTOCOL, ControlError, read_message, write_message
from parfocal.viewer._display import display_problem
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._filter import LiveFilter
from parfocal.viewer._pending import PendingRequests
from parfocal.viewer._process import ErrorOutput, explain_exit, start_child
from parfocal.viewer._record import ViewerRecord
from parfocal.viewer._status import ViewerState, ViewerStatus

_SILENCE_S = 3.0  # the child says how it is twice a second
_TERMINATE_S = 2.0
_WATCH_S = 0.1
_MOST_QUEUED = 128

Message = dict[str, Any]


class Viewer:
    """One napari window in a process of its own.

    The window may hang, be closed or be killed: nothing here waits for it except `close`.
    """

    def __init__(self, title: str = "Parfocal viewer", *, dark: bool = True) -> None:
        self._title = title
        self._dark = dark
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: ErrorOutput | None = None
        self._threads: list[threading.Thread] = []
        self._outbox: queue.Queue[Message | None] = queue.Queue(_MOST_QUEUED)
        self._pending = PendingRequests()
        self._gone = threading.Event()
        self._ready = False
        self._heard = 0.0
        self._counters: Message = {}
        self._garbage = ""
        self._ended = False
        self._store: Path | None = None

    @property
    def title(self) -> str:
        """The window's title."""
        return self._title

    @property
    def store(self) -> Path | None:
        """The store that it shows."""
        return self._store

    @classmethod
    def meet(cls, record: ViewerRecord) -> "Viewer":
        """Take up a viewer that was kept open."""
        raise ViewerError(f"the viewer {record.title!r} cannot be met again yet")

    def detach(self) -> ViewerRecord:
        """Keep it open when this program ends."""
        raise ViewerError(f"the viewer {self._title!r} cannot be kept open yet")

    @property
    def log(self) -> str:
        """The end of what the child wrote to stderr."""
        return self._errors.text if self._errors else ""

    def start(
        self, store: Path | None, live: RingAddress | None = None, only: LiveFilter | None = None
    ) -> None:
        """Start the child and return at once (< 50 ms); of what is live it shows `only` this."""
        chosen = None if only is None else only.as_json()
        if self._process is not None:
            raise ViewerError(f"the viewer {self._title!r} was started already")
        if store is None:
            raise ViewerError("a viewer needs a store: the live frames are only its newest ones")
        if problem := display_problem():
            raise ViewerError(problem)
        self._store = store.absolute()
        self._process = process = start_child()
        assert process.stderr is not None
        self._errors = ErrorOutput(process.stderr)
        self._outbox.put(
            {
                "protocol": PROTOCOL,
                "op": "open",
                "title": self._title,
                "dark": self._dark,
                "store": str(store.absolute()),
                "live": None if live is None else live.as_json(),
                "only": chosen,
            }
        )
        for work in (self._write, self._read, self._watch):
            thread = threading.Thread(target=work, name=f"viewer{work.__name__}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def status(self) -> ViewerStatus:
        """Say what it is doing; never waits."""
        process = self._process
        if process is None:
            return ViewerStatus(ViewerState.STARTING, title=self._title)
        code = process.returncode if self._gone.is_set() else None
        return ViewerStatus(
            self._state(),
            process.pid,
            int(self._counters.get("accepted", 0)),
            int(self._counters.get("displayed", 0)),
            int(self._counters.get("dropped", 0)),
            code,
            self._problem(code),
            queued=len(self._pending),
            title=self._title,
            store=self._store,
        )

    def request(self, op: str, *, timeout: float = 30.0, **values: Any) -> Future[dict[str, Any]]:
        """Ask the child for something; the future holds its answer or a ViewerError."""
        number, future = self._pending.add(op, timeout)
        try:
            if self._process is None:
                raise ViewerError(f"the viewer {self._title!r} is not started")
            self._outbox.put_nowait({"op": op, "id": number, "values": values})
        except queue.Full:
            self._pending.answer(number, None, f"the viewer takes no requests; not {op}")
        except ViewerError as refusal:
            self._pending.answer(number, None, refusal)
        return future

    def close(self, timeout: float = 5.0) -> None:
        """Ask it to close, then end our own process; returns when it is gone."""
        process = self._process
        if process is None:
            return
        self._hang_up()
        if not self._gone.wait(timeout):
            self._ended = True
            process.terminate()
            # A stopped process (SIGSTOP, a debugger) obeys nothing less than a kill.
            if not self._gone.wait(_TERMINATE_S):
                process.kill()
                self._gone.wait()
        for thread in self._threads:
            thread.join()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the window was closed; False when the time was over first."""
        return self._gone.wait(timeout)

    def _state(self) -> ViewerState:
        if self._gone.is_set():
            return ViewerState.EXITED
        if not self._ready:
            return ViewerState.STARTING
        if time.monotonic() - self._heard > _SILENCE_S:
            return ViewerState.NOT_RESPONDING
        return ViewerState.BUSY if len(self._pending) else ViewerState.READY

    def _problem(self, code: int | None) -> str:
        if self._garbage:
            return self._garbage
        if self._ended:
            return "the viewer did not close when it was asked to, and was ended"
        if code is not None:
            return explain_exit(code, self._errors.last_line if self._errors else "")
        return str(self._counters.get("problem", ""))

    def _hang_up(self) -> None:
        """Have the writer close the control pipe: an owned child closes itself then."""
        with contextlib.suppress(queue.Full):
            self._outbox.put_nowait({"op": "close", "id": 0, "values": {}})
        with contextlib.suppress(queue.Full):
            self._outbox.put_nowait(None)

    def _write(self) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        pipe = self._process.stdin
        while (message := self._outbox.get()) is not None:
            try:
                write_message(pipe, message)
            except ControlError as error:
                self._pending.answer(message.get("id"), None, error)
            except OSError:  # it is gone; the watch tells
                break
        with contextlib.suppress(OSError):
            pipe.close()

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        with self._process.stdout as pipe:
            try:
                while (message := read_message(pipe)) is not None:
                    self._take(message)
            except ControlError as error:
                self._garbage = f"the viewer cannot be understood and was let go: {error}"
                self._hang_up()

    def _take(self, message: Message) -> None:
        self._heard = time.monotonic()
        if "status" in message:
            self._ready = True
            if isinstance(message["status"], dict):
                self._counters = message["status"]
        else:
            self._pending.answer(message.get("id"), message.get("result"), message.get("error"))

    def _watch(self) -> None:
        """Reap the child as soon as it ends, so that it is never a zombie."""
        assert self._process is not None
        assert self._errors is not None
        while self._process.poll() is None:
            self._pending.expire()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_WATCH_S)
        self._errors.join()
        self._pending.end(
            explain_exit(self._process.returncode, self._errors.last_line)
            or "the viewer was closed"
        )
        self._hang_up()
        self._gone.set()
