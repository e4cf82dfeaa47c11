"""Be the planes of a run at a rig for a viewer on another computer."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from parfocal.store import Index
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._source import SourceFacts
from parfocal.viewer.remote._cache import PlaneCache
from parfocal.viewer.remote._endpoint import RigAddress
from parfocal.viewer.remote._keys import read_key
from parfocal.viewer.remote._remote_frames import RemoteFrames
from parfocal.viewer.remote._rig_link import RigLink
from parfocal.viewer.remote._wire import Header, WireError, read_facts, unpack_pixels

_OPENING_S = 15.0
_READING_S = 10.0
_WINDOW_S = 0.15  # in a window's own thread, which would stand still
_ASK_AGAIN_S = 1.0
_MOST_ABSENCES = 20_000
_ON_ITS_WAY = "on its way from the rig"

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class _Absence:
    reason: str
    at: float


class RemoteSource:
    """A `PlaneSource` over the network.

    What is not here yet is asked for, shown as zeros, not `stored` and said to be on its way.
    `plane` and `absence` wait for the answer; a window's own thread is let wait for planes only,
    and a moment.
    """

    def __init__(self, address: RigAddress) -> None:
        self.frames = RemoteFrames()
        self._endpoint = address.endpoint
        self._show = ""
        self._facts: SourceFacts | None = None
        self._newer: SourceFacts | None = None
        self._version = ""
        self._beat: Header = {}
        self._refused = ""
        self._planes = PlaneCache()
        self._stored: dict[Index, bool] = {}
        self._absences: dict[Index, _Absence] = {}
        self._contrasts: dict[int, tuple[float, float]] = {}
        self._news = threading.Condition()
        key = read_key(address.key, "viewer")
        self._link = RigLink(address.endpoint.to_connect(), key, self)
        self._link.start()
        self._open()

    @property
    def facts(self) -> SourceFacts:
        """What there was to show at the last refresh."""
        assert self._facts is not None
        return self._facts

    @property
    def watching(self) -> str:
        """The show whose frames are wanted; none before it is known what it is."""
        return self._show if self._facts is not None else ""

    @property
    def note(self) -> str:
        """What else the person at the window must know; empty when all is well."""
        if self._link.trouble:
            return self._link.trouble
        if not self._link.connected:
            return f"no connection to the rig at {self._endpoint}; trying again"
        if self._beat and not self._beat.get("known"):
            return "the rig does not show this run any more"
        if self._beat and self._beat.get("current") not in ("", self._show):
            return f"another run has begun at the rig: {self._beat.get('name')}; open it anew"
        return ""

    def plane(self, index: Index, level: int = 0) -> NDArray[Any]:
        """One plane; zeros while it is on its way, and where nothing is recorded."""
        place = index, level
        pixels = self._planes.get(place)
        if pixels is None and self._may_be_there(index):
            key = ("plane", index, level)
            self._link.ask(key, self._about(index, "plane") | {"level": level})
            pixels = self._wait_for(key, lambda: self._planes.get(place), _WINDOW_S)
        if pixels is not None:
            return pixels
        facts = self.facts
        return np.zeros(facts.levels_of(index[2])[level].shape[1:], facts.dtype)

    def stored(self, index: Index) -> bool:
        """Whether the plane is recorded; not yet while it is on its way, or it would stay black."""
        if self._planes.get((index, 0)) is not None:
            return True
        if self._stored.get(index, False):
            return not self._link.questions.waits_for(("plane", index, 0))
        if self._may_be_there(index):
            self._link.ask(("stored", index), self._about(index, "stored"))
        return False

    def absence(self, index: Index) -> str:
        """Why the plane is not to be seen, in a few words; empty for one that is."""
        if self.stored(index):
            return ""
        self._wait_for(("stored", index), lambda: self._is_known(index) or None, 0.0)
        if self._stored.get(index):
            return ""
        known = self._absences.get(index)
        return _ON_ITS_WAY if known is None else known.reason

    def contrast(self, channel: int) -> tuple[float, float] | None:
        """The rig's limits of a channel; None until they have come."""
        if limits := self.facts.channels[channel].limits:
            return limits
        if channel not in self._contrasts:
            said = {"op": "contrast", "show": self._show, "channel": channel}
            self._link.ask(("contrast", channel), said)
        return self._contrasts.get(channel)

    def refresh(self) -> bool:
        """Go on with what the rig has told since; it is asked in the background."""
        if self._beat.get("facts") not in (None, "", self._version):
            self._link.ask("facts", {"op": "facts", "show": self._show})
        newer, self._newer = self._newer, None
        if newer is None or newer == self._facts:
            return False
        self._facts = newer
        return True

    def close(self) -> None:
        """Hang up."""
        self._link.close()
        self.frames.close()

    # ------------------------------------------------------------------ in the link's thread

    def take_answer(self, key: Hashable, header: Header, payload: bytes | None) -> None:
        """Keep what came."""
        error = header.get("error")
        if error is not None:
            self._refused = str(error)[:2000]
        elif key == "facts":
            self._take_facts(header, payload)
        elif isinstance(key, tuple):
            kind, about, *level = key
            if kind == "contrast":
                self._take_contrast(about, header.get("limits"))
            else:
                self._take_plane(about, level, header, payload)

    def note_answered(self) -> None:
        """Wake whoever waits for an answer."""
        with self._news:
            self._news.notify_all()

    def take_frame(self, header: Header, payload: bytes | None) -> None:
        """Keep a live frame."""
        if header.get("show") == self._show:
            self.frames.put(header, unpack_pixels(header, payload))

    def take_beat(self, header: Header) -> None:
        """Keep how the rig is."""
        self._beat = header
        self.frames.note_beat(header)

    def _take_facts(self, header: Header, payload: bytes | None) -> None:
        facts = read_facts(payload)
        show, version = header.get("show"), header.get("facts")
        if not isinstance(show, str) or not isinstance(version, str):
            raise WireError("the rig does not say what it shows")
        self._show, self._version = show, version
        if self._facts is None:
            self._facts = facts
        else:
            self._newer = facts

    def _take_plane(
        self, index: Index, level: list[int], header: Header, payload: bytes | None
    ) -> None:
        stored = header.get("stored") is True
        if len(self._absences) > _MOST_ABSENCES:
            self._absences.clear()
        if not stored:
            said = str(header.get("absence") or "not acquired")[:200]
            self._absences[index] = _Absence(said, time.monotonic())
            return
        if level:
            pixels = unpack_pixels(header, payload)
            if pixels.shape != self.facts.levels_of(index[2])[level[0]].shape[1:]:
                raise WireError(f"the rig sent a plane of {pixels.shape} for one of another size")
            self._planes.put((index, level[0]), pixels)
        self._absences.pop(index, None)
        if len(self._stored) > _MOST_ABSENCES:
            self._stored.clear()
        self._stored[index] = True

    def _take_contrast(self, channel: int, limits: Any) -> None:
        if isinstance(limits, list) and len(limits) == 2:
            low, high = limits
            if isinstance(low, int | float) and isinstance(high, int | float) and low < high:
                self._contrasts[channel] = float(low), float(high)

    # ------------------------------------------------------------------ in anybody's thread

    def _open(self) -> None:
        """Wait for what the rig has to show: without it there is no window to make."""
        self._link.ask("facts", {"op": "facts"})
        deadline = time.monotonic() + _OPENING_S
        with self._news:
            while self._facts is None and not self._refused:
                left = deadline - time.monotonic()
                if left <= 0 or not self._news.wait(left):
                    break
        if self._facts is None:
            said = self._refused or self._link.trouble or "it does not answer"
            self.close()
            raise ViewerError(f"the rig at {self._endpoint} shows nothing: {said}")

    def _may_be_there(self, index: Index) -> bool:
        """Whether to ask: of a plane that was not there a second ago it is known."""
        known = self._absences.get(index)
        return known is None or time.monotonic() - known.at > _ASK_AGAIN_S

    def _is_known(self, index: Index) -> bool:
        return index in self._stored or index in self._absences

    def _about(self, index: Index, op: str) -> Header:
        return {"op": op, "show": self._show, "index": list(index)}

    def _wait_for(
        self, key: Hashable, look: Callable[[], _Answer | None], window_s: float
    ) -> _Answer | None:
        """Wait for an answer while there is a connection; a window's thread only for so long."""
        in_window = threading.current_thread() is threading.main_thread()
        deadline = time.monotonic() + (window_s if in_window else _READING_S)
        with self._news:
            while (answer := look()) is None:
                left = deadline - time.monotonic()
                if left <= 0 or not self._link.connected or not self._link.questions.waits_for(key):
                    return look()
                self._news.wait(left)
        return answer
