"""Read planes for the window: it waits a moment for one, and shows it later if it takes longer."""

import time
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from math import isinf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal import ParfocalError
from parfocal.store import Index
from parfocal.viewer._source import PlaneSource
from parfocal.viewer.child._channel_data import NewestPlanes
from parfocal.viewer.child._workers import Workers

# A plane of 2048² takes 26 ms from a local disk that others use too (p95 80 ms), so that most are
# there at once and nothing flickers. With longer waits a slider would stick.
_PATIENCE_S = 0.15
_KEPT_BYTES = 256 * 2**20
_MOST_WAITING = 256

Wanted = tuple[Index, int]
"""A plane and its level."""


def is_of(wanted: Wanted, indices: Collection[Index]) -> bool:
    """Whether the plane is one of these, or of a coarser level of one, which counts z anew."""
    index, level = wanted
    return any(index == one or (level and index[:3] == one[:3]) for one in indices)


class PatientReads:
    """The planes of a source, read in threads.

    The whole window waits at most `_PATIENCE_S` between two calls of `arrived`, however many
    layers it has. A plane that is late is black at first; `arrived` names it once it is there.
    A volume is waited for: nobody asks for one by moving a slider.
    """

    def __init__(self, source: PlaneSource, newest: NewestPlanes, workers: Workers) -> None:
        self.problem = ""
        self._source = source
        self._newest = newest
        self._workers = workers
        self._late: OrderedDict[Wanted, Future[NDArray[Any]]] = OrderedDict()
        self._told: set[Wanted] = set()
        self._waited_s = 0.0
        self._patience_s = _PATIENCE_S

    @property
    def waiting(self) -> bool:
        """Whether a plane that the window shows black is still to come."""
        return not self._told.issuperset(self._late)

    def planes(
        self, wanted: Sequence[Wanted | None], *, for_the_window: bool
    ) -> list[NDArray[Any]]:
        """The planes in this order; blank ones for None. Only what is for the window is ever late:
        whoever else asks, a plugin or the console, takes what he gets for the pixels."""
        if len(wanted) == 1 and for_the_window:
            return [self._blank() if one is None else self._single(one) for one in wanted]
        futures = [None if one is None else self._ask(one) for one in wanted]
        wait([future for future in futures if future is not None])
        return [
            self._blank() if one is None or future is None else self._result(one, future)
            for one, future in zip(wanted, futures, strict=True)
        ]

    @contextmanager
    def however_long(self) -> Iterator[None]:
        """Wait for every plane that is asked for in the block: somebody must know its pixels."""
        self._patience_s = float("inf")
        try:
            yield
        finally:
            self._patience_s = _PATIENCE_S

    def arrived(self) -> set[Wanted]:
        """The late planes that came since the last call; patience begins anew."""
        self._waited_s = 0.0
        came = {wanted for wanted, future in self._late.items() if future.done()} - self._told
        self._told |= came
        return came

    def keep_only(self, on_screen: Collection[Index]) -> None:
        """Give up what was asked for other planes: when they are on screen again they may have
        been acquired."""
        for wanted in [one for one in self._late if not is_of(one, on_screen)]:
            self._give_up(wanted)

    def forget(self, indices: Collection[Index]) -> None:
        """Have these read again: they have been acquired meanwhile."""
        for wanted in [one for one in self._late if is_of(one, indices)]:
            self._give_up(wanted)

    def _give_up(self, wanted: Wanted) -> None:
        self._told.discard(wanted)
        self._late.pop(wanted).cancel()

    def _single(self, wanted: Wanted) -> NDArray[Any]:
        index, level = wanted
        if level == 0 and (live := self._newest.get(index)) is not None:
            return live
        late = self._late.get(wanted)
        future = late or self._ask(wanted)
        began = time.monotonic()
        left = max(0.0, self._patience_s - self._waited_s)
        wait([future], timeout=None if isinf(left) else left)
        self._waited_s += time.monotonic() - began
        if future.done():
            return self._result(wanted, future)
        if late is None:
            self._remember(wanted, future)
        return self._blank_of(wanted)

    def _remember(self, wanted: Wanted, future: "Future[NDArray[Any]]") -> None:
        """Keep what is late: a picture of several levels is complete only when all are there.

        What the sliders passed by long ago is given up.
        """
        self._late[wanted] = future
        most = max(2, min(_MOST_WAITING, _KEPT_BYTES // max(1, self._blank_of(wanted).nbytes)))
        while len(self._late) > most:
            self._give_up(next(iter(self._late)))

    def _ask(self, wanted: Wanted) -> "Future[NDArray[Any]]":
        return self._workers.ask(lambda: self._read(*wanted))

    def _read(self, index: Index, level: int) -> NDArray[Any]:
        live = self._newest.get(index) if level == 0 else None
        return self._source.plane(index, level) if live is None else live

    def _result(self, wanted: Wanted, future: "Future[NDArray[Any]]") -> NDArray[Any]:
        try:
            pixels = future.result()
        except (ParfocalError, OSError, ValueError) as problem:
            self.problem = str(problem)
            return self._blank_of(wanted)
        self.problem = ""
        return pixels

    def _blank_of(self, wanted: Wanted) -> NDArray[Any]:
        (_, _, channel, _), level = wanted
        facts = self._source.facts
        return np.zeros(facts.levels_of(channel)[level].shape[1:], facts.dtype)

    def _blank(self) -> NDArray[Any]:
        return np.zeros((1, 1), self._source.facts.dtype)
