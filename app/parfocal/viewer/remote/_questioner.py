"""Keep the questions that a rig has not answered yet: the newest goes out first."""

import itertools
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from parfocal.viewer.remote._wire import Header

_MOST_WAITING = 128
_MOST_ON_THE_WAY = 4
_LATE_S = 8.0


@dataclass(frozen=True, slots=True)
class _Sent:
    key: Hashable
    header: Header
    due: float


class Questions:
    """Each once, however often it is asked. Any thread may ask; one sends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._waiting: OrderedDict[Hashable, Header] = OrderedDict()
        self._sent: dict[int, _Sent] = {}

    def ask(self, key: Hashable, header: Header) -> None:
        """Put a question first in the line; the last of a long line is let go."""
        with self._lock:
            if any(sent.key == key for sent in self._sent.values()):
                return
            self._waiting[key] = header
            self._waiting.move_to_end(key)
            while len(self._waiting) > _MOST_WAITING:
                self._waiting.popitem(last=False)

    def next(self) -> Header | None:
        """The question that is to be sent now, numbered."""
        with self._lock:
            if len(self._sent) >= _MOST_ON_THE_WAY or not self._waiting:
                return None
            key, header = self._waiting.popitem(last=True)
            number = next(self._numbers)
            self._sent[number] = _Sent(key, header, time.monotonic() + _LATE_S)
            return header | {"id": number}

    def answered(self, number: object) -> Hashable | None:
        """What the question with this number was about; None when nobody waits for it."""
        with self._lock:
            sent = self._sent.pop(number, None) if isinstance(number, int) else None
        return None if sent is None else sent.key

    def again(self, *, every: bool = False) -> None:
        """Ask once more what is late; with `every`, all that was asked on a connection before."""
        now = time.monotonic()
        with self._lock:
            for number, sent in list(self._sent.items()):
                if every or sent.due < now:
                    del self._sent[number]
                    self._waiting.setdefault(sent.key, sent.header)

    def waits_for(self, key: Hashable) -> bool:
        """Whether an answer is still to come."""
        with self._lock:
            return key in self._waiting or any(s.key == key for s in self._sent.values())
