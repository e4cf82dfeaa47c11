"""Know of the planes on screen which ones are not there, and why, without waiting for the disk."""

from collections.abc import Iterable
from concurrent.futures import Future, wait

from parfocal import ParfocalError
from parfocal.store import Index
from parfocal.viewer._source import PlaneSource
from parfocal.viewer.child._channel_data import NewestPlanes
from parfocal.viewer.child._workers import Workers

_PATIENCE_S = 0.05

Reasons = dict[Index, str]


class MissingPlanes:
    """Asks for the planes on screen; an answer that takes longer is there at a later `answer`."""

    def __init__(self, source: PlaneSource, newest: NewestPlanes, workers: Workers) -> None:
        self._source = source
        self._newest = newest
        self._workers = workers
        self._asked: Future[Reasons] | None = None

    def ask(self, indices: Iterable[Index]) -> None:
        """Ask about these; the question before is forgotten."""
        if self._asked is not None:
            self._asked.cancel()
        wanted = [index for index in indices if index not in self._newest]
        self._asked = self._workers.ask(lambda: self._reasons(wanted))
        wait([self._asked], timeout=_PATIENCE_S)

    def answer(self) -> Reasons | None:
        """Which of them are missing and why, once; None while it is not known, or already told."""
        asked = self._asked
        if asked is None or not asked.done():
            return None
        self._asked = None
        return asked.result()

    def _reasons(self, indices: list[Index]) -> Reasons:
        try:
            reasons = {index: self._source.absence(index) for index in indices}
        except (ParfocalError, OSError, ValueError) as problem:
            return dict.fromkeys(indices, f"cannot be read: {problem}")
        return {index: reason for index, reason in reasons.items() if reason}
