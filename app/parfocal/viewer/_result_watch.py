"""Watch a store for results in a thread of its own, so that a slow disk never holds the window."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from parfocal.store import StoreError, StoreReader
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._result_catalogue import (
    Catalogue,
    LabelsFound,
    Stamp,
    TableFound,
    catalogue,
    labels_stamp,
    lists_stamp,
)
from parfocal.viewer._result_labels import LabelPlanes, Plane
from parfocal.viewer._result_marks import FieldsKnown, Marks, read_marks
from parfocal.viewer._whereabouts import Whereabouts

_LOOK_S = 1.0
# How soon a mask of the plane on screen is seen: in a run that is followed another plane is on
# screen a second later.
_ARRIVAL_S = 0.1
# On a disk that is far away a look takes long; then they are rarer, so that it is left in peace.
_REST = 10
_MOST_REST_S = 15.0


@dataclass(frozen=True, eq=False, slots=True)
class LabelResult:
    """Labels that are open for reading."""

    found: LabelsFound
    planes: LabelPlanes


@dataclass(frozen=True, eq=False, slots=True)
class MarkResult:
    """A table's marks, in memory."""

    found: TableFound
    marks: Marks

    @property
    def title(self) -> str:
        """What its layer is called: `tracks · cells`."""
        kind, name = self.marks.kind, self.found.name
        return kind if name == kind else f"{kind} · {name}"


Result = LabelResult | MarkResult
Results = dict[str, Result]


class ResultWatch:
    """The results of a store as they are now. An unchanged one stays the same object."""

    def __init__(self, store: Path) -> None:
        self._whereabouts = Whereabouts(store.resolve())
        self._store = store
        self._lock = threading.Lock()
        self._results: Results = {}
        self._sentences: list[str] = []
        self._said: set[str] = set()
        self._arrived: set[str] = set()
        self._shown: frozenset[Plane] = frozenset()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="result-watch", daemon=True)
        self._thread.start()

    @property
    def results(self) -> Results:
        """By key, labels first; a new dictionary when anything has changed."""
        return self._results

    def look_at(self, planes: Iterable[Plane]) -> None:
        """Say which planes are on screen."""
        self._shown = frozenset(planes)

    def arrived(self) -> set[str]:
        """The labels whose plane on screen has come since it was read; each is told once."""
        with self._lock:
            arrived, self._arrived = self._arrived, set()
        return arrived

    def sentences(self) -> list[str]:
        """What is to be said of results that cannot be shown; each is told once."""
        with self._lock:
            sentences, self._sentences = self._sentences, []
        return sentences

    def close(self) -> None:
        """Stop looking; does not wait for a disk that does not answer."""
        self._over.set()
        self._thread.join(timeout=_LOOK_S)

    def _say(self, sentence: str) -> None:
        with self._lock:
            if sentence not in self._said:
                self._said.add(sentence)
                self._sentences.append(sentence)

    def _watch(self) -> None:
        reader: StoreReader | None = None
        known, seen, rest = Catalogue(), Stamp(), 0.0
        while not self._rests(rest):
            began = time.monotonic()
            if moved_to := self._whereabouts.moved_to():
                self._store, reader = moved_to, None
            try:
                reader = reader or StoreReader(self._store)
                # before anything is read: what is written meanwhile is found by the next look
                now = lists_stamp(self._store, reader)
                changed = any(labels_stamp(one.places) != one.stamp for one in known.labels)
                rest = min(max(_LOOK_S, _REST * (time.monotonic() - began)), _MOST_REST_S)
                if now != seen or changed:
                    reader = StoreReader(self._store)  # it may have got fields
                    known, seen = catalogue(self._store, reader), now
                    self._open(known, reader)
            except (StoreError, OSError) as problem:
                self._say(f"results cannot be looked for: {problem}")
                rest = _MOST_REST_S
        self._whereabouts.close()

    def _rests(self, seconds: float) -> bool:
        """See only to the planes on screen for so long; True when it is over."""
        until = time.monotonic() + seconds
        while True:
            began = time.monotonic()
            self._see_what_arrived()
            ended = time.monotonic()
            pause = max(_ARRIVAL_S, _REST * (ended - began))
            if self._over.wait(max(0.0, min(pause, until - ended))):
                return True
            if time.monotonic() >= until:
                return False

    def _open(self, known: Catalogue, reader: StoreReader) -> None:
        before = self._results
        opened: Results = {}
        for problem in known.problems:
            self._say(f"not shown: {problem}")
        every: list[LabelsFound | TableFound] = [*known.labels, *known.tables]
        for found in every:
            there = before.get(found.key)
            if there is not None and there.found.stamp == found.stamp:
                opened[found.key] = there
                continue
            try:
                result = self._opened(found, reader)
            except (StoreError, ViewerError, OSError) as problem:
                self._say(f"not shown: {problem}")
                continue
            if result is not None:
                opened[found.key] = result
        if opened != before:
            self._results = opened

    def _opened(self, found: LabelsFound | TableFound, reader: StoreReader) -> Result | None:
        if isinstance(found, LabelsFound):
            return LabelResult(found, LabelPlanes(found.places, self._say))
        marks = read_marks(self._store, found.name, _fields_known(reader))
        if marks is not None and marks.without_place:
            self._say(f"{marks.without_place} rows of the table {found.name} have no place")
        return None if marks is None else MarkResult(found, marks)

    def _see_what_arrived(self) -> None:
        for key, result in self._results.items():
            planes = result.planes if isinstance(result, LabelResult) else None
            try:
                came = planes is not None and any(planes.arrived(plane) for plane in self._shown)
            except (StoreError, OSError) as problem:
                self._say(f"results cannot be looked for: {problem}")
                return
            if came:
                with self._lock:
                    self._arrived.add(key)


def _fields_known(reader: StoreReader) -> FieldsKnown:
    info = reader.info
    fields = zip(info.fields, info.field_paths, strict=True)
    return FieldsKnown(tuple(fields), reader.levels()[0].voxel_um)
