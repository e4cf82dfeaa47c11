"""Keep the questions that a rig has not answered yet: the newest goes out first."""

import itertools
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from parfocal.viewer.remote._wire import Header

_MOST_WAITING = 128
# More would have to come through a slow net before the one that is looked at now.
_MOST_ON_THE_WAY = 2


@dataclass(frozen=True, slots=True)
class _Sent:
    key: Hashable
    header: Header


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
            self._sent[number] = _Sent(key, header)
            return header | {"id": number}

    def about(self, number: object) -> Hashable | None:
        """What the question with this number is about; None when nobody waits for it."""
        with self._lock:
            sent = self._sent.get(number) if isinstance(number, int) else None
        return None if sent is None else sent.key

    def answered(self, number: object) -> None:
        """Its answer has been taken: only now nobody waits for it any more."""
        with self._lock:
            if isinstance(number, int):
                self._sent.pop(number, None)

    def again(self) -> None:
        """Ask once more all that was asked over a connection that is lost."""
        with self._lock:
            for sent in self._sent.values():
                self._waiting.setdefault(sent.key, sent.header)
            self._sent.clear()

    def waits_for(self, key: Hashable) -> bool:
        """Whether an answer is still to come."""
        with self._lock:
            return key in self._waiting or any(s.key == key for s in self._sent.values())
