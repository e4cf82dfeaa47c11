"""Hear the program that holds a viewer from inside the viewer's process, and outlive it.

The first to hold it is the parent, over the pipes that it started us with. When it lets go, or
dies, the viewer opens a door and waits for the next one; it stays open, and reads the store.
"""

import contextlib
import itertools
import os
import queue
import sys
import threading
import time
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from socket import socket
from typing import IO, Any, Protocol

from parfocal.viewer._control import (
    PROTOCOL,
    ControlError,
    Message,
    check_request,
    read_message,
)
from parfocal.viewer._conversation import Conversation
from parfocal.viewer._door import Door
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._identity import ProcessIdentity
from parfocal.viewer._whereabouts import Whereabouts

# A viewer that was asked to close, and whose window hangs, ends all the same.
_FAREWELL_S = 3.0
# So does one that nobody holds; long, since a store on a slow share is no hanging window.
_HANGS_S = 120.0
_TICK_S = 0.25


class Standing(StrEnum):
    """Whether a program holds this viewer."""

    HELD = "held"
    KEPT = "kept open"
    ORPHANED = "left alone"


class Link(Protocol):
    """Whoever asks things of a viewer window."""

    @property
    def standing(self) -> Standing: ...
    @property
    def publisher_gone(self) -> bool:
        """Whether the program has ended that published the live frames."""

    def messages(self) -> list[Message]: ...
    def send(self, message: Message) -> None: ...
    def shows(self, standing: Standing) -> None:
        """Hear that the window has put this standing on screen."""


class HostLink:
    """Requests of whoever holds the viewer, polled by the window; answers go to who asked."""

    def __init__(self, commands: IO[bytes], answers: IO[bytes]) -> None:
        self.standing = Standing.HELD
        self.publisher_gone = False
        self._commands = commands
        self._parent = Conversation(commands, answers, "parent")
        self._lock = threading.RLock()
        self._holder: Conversation | None = self._parent
        self._holder_pid = 0
        self._publisher: ProcessIdentity | None = None
        self._messages: queue.SimpleQueue[tuple[Conversation, Message]] = queue.SimpleQueue()
        self._numbers = itertools.count(1)
        self._asked: dict[int, tuple[Conversation, int]] = {}
        # A lock of its own: the window must not wait for one that is held over a disk.
        self._asking = threading.Lock()
        self._door: Door | None = None
        self._title = ""
        self._store = Path()
        self._whereabouts: Whereabouts | None = None
        self._kept = False
        self._leaving = False
        self._code: int | None = None
        self._polled = self._window_up = False
        self._shown = Standing.HELD

    def first(self) -> Message:
        """Wait for the opening message, then listen in the background."""
        opening = read_message(self._commands)
        if opening is None:
            raise ControlError("the parent closed the pipe before it said what to show")
        if opening.get("protocol") != PROTOCOL or opening.get("op") != "open":
            raise ControlError(f"the parent speaks another protocol than {PROTOCOL}")
        self._publisher = ProcessIdentity.from_json(opening.get("host"))
        self._title = str(opening.get("title", ""))
        if opening.get("store") is not None:  # a rig's is on another computer
            self._store = Path(opening["store"])
            with contextlib.suppress(OSError):  # the window says in a sentence what is not there
                self._whereabouts = Whereabouts(self._store.resolve())
        self._begin(self._parent)
        threading.Thread(target=self._keep_watch, name="viewer-watch", daemon=True).start()
        return opening

    def messages(self) -> list[Message]:
        """Take the requests that came."""
        self._polled = self._window_up = True
        taken = []
        for _ in range(self._messages.qsize()):
            conversation, message = self._messages.get()
            number = next(self._numbers)
            with self._asking:
                self._asked[number] = conversation, message["id"]
            taken.append(message | {"id": number})
        return taken

    def send(self, message: Message) -> None:
        """Answer who asked, or tell who holds the viewer; whoever is gone hears nothing."""
        if "id" not in message:
            if (holder := self._holder) is not None:
                holder.send(message)
            return
        with self._asking:
            conversation, number = self._asked.pop(message["id"], (None, 0))
        if conversation is None:
            return
        try:
            conversation.send(message | {"id": number})
        except ControlError as error:
            conversation.send({"id": number, "error": str(error)})

    def shows(self, standing: Standing) -> None:
        """Note what the window says; the record tells it to those outside."""
        self._shown = standing

    def close(self, code: int = 0) -> None:
        """Leave nothing behind outside this process, which is about to exit with this code."""
        self._leaving, self._code = True, code
        if self._door is not None:
            self._door.close()

    def _begin(self, conversation: Conversation) -> None:
        conversation.begin(
            lambda message: self._take(conversation, message),
            lambda reason: self._ended(conversation, reason),
        )

    def _take(self, conversation: Conversation, message: Message) -> None:
        check_request(message)
        if message["op"] == "detach":
            self._detach(conversation, message["id"])
            return
        if message["op"] == "close":
            self._leaving = True
        self._messages.put((conversation, message))

    def _detach(self, conversation: Conversation, number: int) -> None:
        try:
            with self._lock:
                door = self._open_door(kept=True)
                self._kept, self._holder, self.standing = True, None, Standing.KEPT
                door.tell(kept=True, held_by=0)
        except ViewerError as refusal:
            conversation.send({"id": number, "error": str(refusal)})
            return
        conversation.send({"id": number, "result": door.record.as_json()})
        conversation.hang_up()

    def _ended(self, conversation: Conversation, reason: str) -> None:
        """A holder is gone without a word, or spoke garbage."""
        if reason:
            with contextlib.suppress(OSError):
                sys.stderr.write(f"parfocal: {reason}\n")
        conversation.hang_up()
        with self._asking:
            self._asked = {n: a for n, a in self._asked.items() if a[0] is not conversation}
        with self._lock:
            if self._holder is not conversation:
                return
            self._holder = None
            if self._leaving:
                return
            self.standing = Standing.ORPHANED
            try:
                self._open_door(kept=self._kept).tell(held_by=0)
            except ViewerError as problem:
                with contextlib.suppress(OSError):
                    sys.stderr.write(f"parfocal: {problem}\n")
                write_into(Path(os.devnull))

    def _open_door(self, *, kept: bool) -> Door:
        if self._door is None:
            self._door = Door.open(self._title, self._store, kept=kept)
            # The pipe that the parent read is nobody's any more.
            write_into(self._door.record.log)
            self._door.welcome(self._admit)
        return self._door

    def _admit(self, connection: socket, visitor: ProcessIdentity) -> str:
        with self._lock:
            assert self._door is not None
            if self._leaving:
                return "this viewer is closing"
            if self._holder is not None:
                return f"the viewer {self._title!r} is held by another Parfocal, process" + (
                    f" {self._holder_pid}"
                )
            conversation = Conversation.over(connection, "visitor")
            conversation.send({"met": self._described()})
            self._holder, self._holder_pid = conversation, visitor.pid
            self.standing = Standing.HELD
            self._door.tell(held_by=visitor.pid)
        self._begin(conversation)
        return ""

    def _described(self) -> Mapping[str, Any]:
        return {
            "title": self._title,
            "store": str(self._store),
            "kept": self._kept,
            "window": self._window_up,
        }

    def _keep_watch(self) -> None:
        unpolled = leaving = 0.0
        while True:
            time.sleep(_TICK_S)
            self._look_after_publisher()
            self._look_after_store()
            if self._door is not None:
                self._door.tell(says=str(self._shown))
                self._door.keep_log_small()
            # Counted and not timed: a process that was stopped for an hour has not hung.
            unpolled = 0.0 if self._polled else unpolled + _TICK_S
            self._polled = False
            leaving += _TICK_S if self._leaving else 0.0
            farewell = _FAREWELL_S if self._window_up or self._code is not None else 0.0
            if leaving > farewell or (unpolled > _HANGS_S and self._holder is None):
                self.close(self._code or 0)
                os._exit(self._code or 0)

    def _look_after_publisher(self) -> None:
        """Also where its pipe is still open: a sibling that was forked holds it."""
        if not self.publisher_gone and self._publisher is not None and not self._publisher.lives:
            self.publisher_gone = True
            self._ended(self._parent, "")

    def _look_after_store(self) -> None:
        moved_to = self._whereabouts.moved_to() if self._whereabouts else None
        if moved_to is None:
            return
        self._store = moved_to
        if self._door is not None:
            self._door.tell(store=moved_to)
        self.send({"store": str(moved_to)})


def write_into(path: Path) -> None:
    """Have everything that this process prints, also from C, go into a file."""
    flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
    with contextlib.suppress(OSError):
        descriptor = os.open(path, flags)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        os.close(descriptor)
