"""Keep what the loop finds in the store: labels of cells and of light, tracks, stimulations.

Everything is written as it comes, rows a few seconds at a time, so that a run that is killed has
kept what it found until then. Labels of cells are written by whoever found them, so that a slow
disk holds up the analysis; light and rows by a thread of their own, so that it holds up no more.
"""

import re
import threading
import time
import zlib
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal import counted
from parfocal.react._errors import Failing, ReactError
from parfocal.react._seen import Cells, Table
from parfocal.store import (
    Content,
    Index,
    LabelWriter,
    append_table,
    follow_images,
    record_provenance,
    write_labels,
)

__all__ = [
    "CELLS",
    "LIGHT",
    "LIGHT_COLUMNS",
    "TRACK_COLUMNS",
    "Results",
    "table_name",
    "track_rows",
]

CELLS, LIGHT = "cells", "light"
FLUSH_S = 2.0
STALLED_S = 10.0
LIGHT_COLUMNS: Mapping[str, type] = {
    "t": int,
    "p": int,
    "z": int,
    "phase": str,
    "outcome": str,
    "reason": str,
    "stimulator": str,
    "mask_t": int,
    "lit_pixels": int,
    "waited_s": float,
    "exposure_ms": float,
    "power": float,
    "at": str,
}
TRACK_COLUMNS: Mapping[str, type] = {
    **dict.fromkeys(("t", "p", "z"), int),
    **dict.fromkeys(("y", "x"), float),
    **dict.fromkeys(("label", "track", "parent"), int),
    "phase": str,
    "area": float,
}


class Results:
    """What one run writes beside its pictures. Every method may be called from any thread.

    `image_of(p, c)` is the path of a field's image in the store.
    """

    def __init__(
        self,
        store: Callable[[], Path],
        image_of: Callable[[int, int], str],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._store = store
        self._on_error = on_error
        self._image_of = image_of
        self._lock = threading.Lock()
        self._laying = threading.Lock()
        self._writers: dict[tuple[str, str], LabelWriter] = {}
        self._rows: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        self._columns: dict[str, Mapping[str, type]] = {}
        self._begun: set[str] = set()
        self._strange: set[str] = set()
        self._refused: set[str] = set()
        self._made: set[tuple[str, str]] = set()
        self._masks: deque[tuple[Index, NDArray[np.bool_]]] = deque()
        self._early: deque[tuple[Index, str, tuple[int, ...], bytes]] = deque()
        self._written = 0
        self._ended = threading.Event()
        self._news = threading.Event()
        self._writer: threading.Thread | None = None

    def keep_cells(self, index: Index, phase: str, table: str, cells: Cells) -> None:
        """The cells of one picture: their labels, and a row each."""
        rows, columns = track_rows(index, phase, cells)
        self._add(table, rows, columns)  # first: a disk that takes no labels may yet take these
        self._put(index, CELLS, cells.labels)

    def keep_lights(
        self,
        table: str,
        rows: Sequence[Mapping[str, Any]],
        mask: tuple[Index, NDArray[np.bool_]] | None = None,
    ) -> None:
        """What became of planned stimulations, and the mask that light really fell through.

        Never waits for the disk.
        """
        if mask is not None:
            self._masks.append(mask)
        self._add(table, rows, LIGHT_COLUMNS)
        self._news.set()

    def close(self) -> None:
        """Write what waits, before the store is closed; a disk that takes nothing is given up."""
        self._ended.set()
        self._news.set()
        if self._writer is None:
            return
        written = -1
        while self._writer.is_alive() and written != self._written:
            written = self._written
            self._writer.join(STALLED_S)
        if self._writer.is_alive():
            self._on_error(ReactError(f"{self._store()} did not take the last results in time"))

    def finish(self, pipelines: Mapping[str, Any]) -> None:
        """Once the store is closed: labels get the length of their images, and their history."""
        with self._lock:
            tables = sorted(self._columns)
            labels = sorted(self._made)
        if not tables and not labels:
            return
        with self._laying:
            self._writers = {}  # what replaces another store has its final place only now
        self._put_early_ones()
        follow_images(self._store())
        record_provenance(
            self._store(),
            "closed loop",
            parameters={"pipelines": dict(pipelines)},
            # named by whoever makes something of them: reading all checksums takes its time
            inputs=[Content(image) for image in sorted({path for path, _ in labels})],
            outputs=[
                *(Content(f"{path}/labels/{name}") for path, name in labels),
                *(Content(f"parfocal/tables/{name}") for name in tables),
            ],
        )

    def _put(self, index: Index, name: str, labels: NDArray[np.int32]) -> None:
        writer = self._labels(index, name)
        if writer.reaches(index[0]):
            writer.put(index[0], labels, index[3])
        else:
            packed = zlib.compress(labels.tobytes(), 1)
            self._early.append((index, name, labels.shape, packed))

    def _put_early_ones(self) -> None:
        """Labels of pictures that were analysed before the store has told that it has them."""
        for _ in range(len(self._early)):
            index, name, shape, packed = self._early.popleft()
            with Failing(self._on_error):
                labels = np.frombuffer(zlib.decompress(packed), np.int32).reshape(shape)
                self._put(index, name, labels)

    def _labels(self, index: Index, name: str) -> LabelWriter:
        image = self._image_of(index[1], index[2])
        with self._laying:  # not with the other lock: whoever keeps light waits for no disk
            writer = self._writers.get((image, name))
            if writer is None:
                writer = write_labels(self._store(), image, name)
                with self._lock:
                    self._writers[image, name] = writer
                    self._made.add((image, name))
            return writer

    def _add(
        self, table: str, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, type]
    ) -> None:
        with self._lock:
            if table not in self._begun:  # a picture without cells may not have all of them
                self._columns[table] = {**self._columns.get(table, {}), **columns}
            self._rows[table] += rows
            if self._writer is None and not self._ended.is_set():
                self._writer = threading.Thread(
                    target=self._write, name="parfocal-results", daemon=True
                )
                self._writer.start()

    def _write(self) -> None:
        """Masks of light at once, since viewers look at them; rows a few seconds at a time."""
        due = time.monotonic() + FLUSH_S
        while True:
            self._news.wait(max(0.0, due - time.monotonic()))
            self._news.clear()
            ended = self._ended.is_set()
            while self._masks:
                index, mask = self._masks.popleft()
                with Failing(self._on_error):
                    self._put(index, LIGHT, mask.astype(np.int32))
                self._written += 1
            if ended or time.monotonic() >= due:
                self._put_early_ones()
                self._write_rows()
                due = time.monotonic() + FLUSH_S
            if ended:
                self._give_up_rows()
                return

    def _give_up_rows(self) -> None:
        with self._lock:
            lost = {name: len(rows) for name, rows in self._rows.items() if rows}
        for name, count in lost.items():
            self._on_error(ReactError(f"{counted(count, 'row')} of {name} could not be written"))

    def _write_rows(self) -> None:
        with self._lock:
            rows, self._rows = self._rows, defaultdict(list)
            self._begun |= {name for name in rows if rows[name]}
        for name in sorted(rows):
            with Failing(partial(self._keep_for_later, name, rows[name])):
                fitting = self._fitting(name, rows[name])
                append_table(self._store(), name, fitting, columns=self._columns[name])
                self._refused.discard(name)
            self._written += 1

    def _keep_for_later(
        self, table: str, rows: list[Mapping[str, Any]], problem: Exception
    ) -> None:
        """A disk that was full a moment ago takes them with the next ones; said once."""
        if not isinstance(problem.__cause__, OSError):
            self._on_error(problem)
            return
        with self._lock:
            self._rows[table] = rows + self._rows[table]
        if table not in self._refused:
            self._refused.add(table)
            self._on_error(problem)

    def _fitting(
        self, table: str, rows: Sequence[Mapping[str, Any]]
    ) -> Sequence[Mapping[str, Any]]:
        """The rows without what the table has no column for: no row is lost for it."""
        known = self._columns[table]
        strange = {name for row in rows for name in row if name not in known}
        for name in sorted(strange - self._strange):
            error = f"{table} has no column {name!r}, which came when it had begun: it is left out"
            self._on_error(ReactError(error))
        self._strange |= strange
        if not strange:
            return rows
        return [{name: row[name] for name in row if name in known} for row in rows]


def table_name(what: str, phase: str, taken: Sequence[str] = ()) -> str:
    """A name for a table of one phase that is no other's: `tracks-drug response`."""
    plain = re.sub(r'[/\\:*?"<>|\x00-\x1f]', "_", phase).strip(" .")[:60] or "phase"
    name, number = f"{what}-{plain}", 1
    while name.casefold() in {other.casefold() for other in taken}:
        number += 1
        name = f"{what}-{plain}-{number}"
    return name


def track_rows(
    index: Index, phase: str, cells: Cells
) -> tuple[list[dict[str, Any]], dict[str, type]]:
    """A row for each cell, and the columns; `track` is 0 where nobody follows them."""
    t, p, _, z = index
    plain: Table = {
        name: np.asarray(column) for name, column in cells.table.items() if name != "phase"
    }
    columns = dict(TRACK_COLUMNS) | {name: float for name in plain if name not in TRACK_COLUMNS}
    count = len(cells)
    listed = {
        name: [columns[name](value) for value in plain[name].tolist()]
        if name in plain
        else [0] * count
        for name in columns
        if name not in ("t", "p", "z", "phase")
    }
    rows = [
        {
            "t": t,
            "p": p,
            "z": z,
            "phase": phase,
            **{name: values[row] for name, values in listed.items()},
        }
        for row in range(count)
    ]
    return rows, columns
