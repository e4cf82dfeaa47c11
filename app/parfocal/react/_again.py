"""Analyse a store again with another pipeline, into a new named result with its history."""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from parfocal import __version__
from parfocal.react._errors import ReactError
from parfocal.react._lineage import Lineage
from parfocal.react._pipeline import Pipeline
from parfocal.react._ready import ReadyPipeline, ready
from parfocal.react._results import CELLS, TRACK_COLUMNS, track_rows
from parfocal.react._seen import Cells, Seen, Table
from parfocal.store import (
    Index,
    LabelWriter,
    StoreCancelled,
    StoreReader,
    list_labels,
    list_tables,
    publish_result,
    remove_labels,
    remove_table,
    write_labels,
    write_table,
)

__all__ = ["Reanalysis", "analyse_again"]

LOOK_S = 0.1

Progress = Callable[[float, str], None]
Found: TypeAlias = tuple[NDArray[np.int32], Table]


@dataclass(frozen=True, slots=True)
class Reanalysis:
    """A result: its labels have this name in every image, its tracks are in the table."""

    store: str
    result: str
    run: str
    table: str
    frames: int
    cells: int
    tracks: int

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return asdict(self)


class Picture(NamedTuple):
    """What is looked at: a field at a timepoint, one plane of each of these channels."""

    image: str
    t: int
    p: int
    z: int
    channels: tuple[tuple[str, int], ...]

    @property
    def first_plane(self) -> Index:
        """That of the channel with the lowest number."""
        return self.t, self.p, self.channels[0][1], self.z


def analyse_again(
    store: Path | str,
    pipeline: Pipeline,
    *,
    name: str | None = None,
    processes: int = 1,
    progress: Progress = lambda _done, _message: None,
    cancelled: Event | None = None,
) -> Reanalysis:
    """Find, measure and follow the cells of every picture of a store, in `processes` processes.

    `name` is that of the new labels; without one it is the first of cells, cells-2 … that is free.
    When it is stopped or fails, nothing of it stays.
    """
    if pipeline.segment is None:
        raise ReactError("the pipeline finds no cells: say how to `segment`")
    made = ready(pipeline.model_copy(update={"stimulate": None}))
    made.prewarm()
    reader = StoreReader(store)
    pictures = list(_pictures(reader, pipeline))
    if not pictures:
        raise ReactError(f"{store} has no picture of the channel that is to be looked at")
    name = _free_name(store, name)
    table = f"tracks-{name}"
    images = sorted({picture.image for picture in pictures})
    asked = {"pipeline": pipeline.as_tree(), "labels": name}
    try:
        with publish_result(
            store, name, parameters=asked, code_version=__version__, inputs=images
        ) as result:
            writers = {image: write_labels(store, image, name, run=result.run) for image in images}
            stop = _Stop(name, cancelled or Event())
            tally = _Tally(len(pictures), stop, progress)
            found = _followed(made, _found(store, made, pictures, processes, stop))
            rows = tally.rows(name, writers, found)
            first = list(islice(rows, 1))  # of the first picture that has cells, and all measures
            more = {key: float for row in first for key in row if key not in TRACK_COLUMNS}
            write_table(store, table, chain(first, rows), columns={**TRACK_COLUMNS, **more})
            for image, writer in writers.items():
                writer.close()
                result.add_output(f"{image}/labels/{name}")
            result.add_output(f"parfocal/tables/{table}")
    except BaseException:
        for image in images:
            remove_labels(store, image, name)
        remove_table(store, table)
        raise
    counted = len(pictures), tally.cells, len(tally.tracks)
    return Reanalysis(str(store), name, result.run, table, *counted)


@dataclass(frozen=True, slots=True)
class _Stop:
    """Whether somebody wants it to end."""

    name: str
    wanted: Event

    def refuse(self) -> None:
        if self.wanted.is_set():
            raise StoreCancelled(f"the analysis {self.name!r} was stopped: nothing of it is kept")


class _Tally:
    """Writes the labels and counts, while the rows are asked for."""

    def __init__(self, pictures: int, stop: _Stop, progress: Progress) -> None:
        self.cells = 0
        self.tracks: set[tuple[int, int]] = set()
        self._pictures = pictures
        self._stop = stop
        self._progress = progress

    def rows(
        self,
        name: str,
        writers: Mapping[str, LabelWriter],
        found: Iterable[tuple[Picture, Cells]],
    ) -> Iterator[Mapping[str, Any]]:
        """The rows of every picture."""
        for number, (picture, cells) in enumerate(found):
            self._stop.refuse()
            writers[picture.image].put(picture.t, cells.labels, picture.z)
            rows, _ = track_rows(picture.first_plane, name, cells)
            self.cells += len(rows)
            self.tracks |= {(picture.p, row["track"]) for row in rows if row["track"]}
            self._progress((number + 1) / self._pictures, f"t {picture.t}, field {picture.p}")
            yield from rows


def _followed(
    made: ReadyPipeline, found: Iterable[tuple[Picture, Cells]]
) -> Iterator[tuple[Picture, Cells]]:
    """The cells with their tracks; each field is followed for itself."""
    lineages: dict[int, Lineage] = {}
    for picture, cells in found:
        if not made.tracks:
            yield picture, cells
            continue
        before = lineages.get(picture.p, Lineage.begin())
        lineages[picture.p], named = made.followed(before, cells)
        yield picture, named


def _found(
    store: Path | str,
    made: ReadyPipeline,
    pictures: Sequence[Picture],
    processes: int,
    stop: _Stop,
) -> Iterator[tuple[Picture, Cells]]:
    """The cells of each picture, in order; a few pictures are under way at a time."""
    if processes <= 1:
        reader = StoreReader(store)
        for picture in pictures:
            yield picture, _look(reader, made, picture)
        return
    # spawned and not forked: a forked process inherits the locks of threads that it has not got
    pool = ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(str(store), made.pipeline),
    )
    try:
        waiting: deque[tuple[Picture, Future[Found]]] = deque()
        for picture in pictures:
            waiting.append((picture, pool.submit(_look_there, picture)))
            if len(waiting) > 2 * processes:
                yield _taken(waiting, stop)
        while waiting:
            yield _taken(waiting, stop)
    except BrokenProcessPool as error:
        raise ReactError(
            "a process that looked at pictures was killed, most likely for want of memory: "
            "try fewer --processes"
        ) from error
    finally:  # a picture that is looked at is waited for by nobody, and none is begun
        pool.shutdown(wait=False, cancel_futures=True)


def _taken(waiting: "deque[tuple[Picture, Future[Found]]]", stop: _Stop) -> tuple[Picture, Cells]:
    picture, future = waiting.popleft()
    while not future.done():
        stop.refuse()
        wait([future], LOOK_S)
    return picture, Cells(*future.result())


def _look(reader: StoreReader, made: ReadyPipeline, picture: Picture) -> Cells:
    t, p, z = picture.t, picture.p, picture.z
    planes = {name: reader.plane((t, p, c, z)) for name, c in picture.channels}
    shape = next(iter(planes.values())).shape
    pixel_um = reader.info.voxel_size_um[1]
    cells = made.cells(Seen(t, p, (shape[0], shape[1]), planes, pixel_um))
    assert cells is not None  # it was asked whether it finds any
    return cells


_there: dict[str, Any] = {}  # of a child process: what it looks with


def _begin(store: str, pipeline: Pipeline) -> None:
    _there["reader"], _there["made"] = StoreReader(store), ready(pipeline)


def _look_there(picture: Picture) -> Found:
    cells = _look(_there["reader"], _there["made"], picture)
    return cells.labels, cells.table


def _pictures(reader: StoreReader, pipeline: Pipeline) -> Iterator[Picture]:
    """Every picture of the channel that is segmented, field by field, in the order of time.

    It comes with the channels that were taken whenever that one was, at the middle height.
    """
    names = reader.info.channels
    wanted = pipeline.channel or names[0]
    if wanted not in names:
        raise ReactError(f"{reader.info.path} has no channel {wanted!r}; it has {', '.join(names)}")
    for place in reader.images:
        if names.index(wanted) not in place.channels:
            continue
        p = place.field
        lengths = reader.lengths(p, names.index(wanted))
        z = lengths.get("z", 1) // 2

        def there(t: int, c: int, p: int = p, z: int = z) -> bool:
            index = (t, p, c, z)
            return reader.absences.planned(index) and not reader.absences.reason(index)

        times = [t for t in range(lengths.get("t", 1)) if there(t, names.index(wanted))]
        beside = [c for c in place.channels if all(there(t, c) for t in times)]
        for t in times:
            yield Picture(place.path, t, p, z, tuple((names[c], c) for c in sorted(beside)))


def _free_name(store: Path | str, name: str | None) -> str:
    """A name that no labels and no table of tracks have yet."""
    taken = {label for labels in list_labels(store).values() for label in labels}
    taken |= {table.removeprefix("tracks-") for table in list_tables(store)}
    taken = {other.casefold() for other in taken}
    if name is None:
        number = 2
        name = CELLS
        while name.casefold() in taken:
            name, number = f"{CELLS}-{number}", number + 1
        return name
    if name.casefold() in taken:
        raise ReactError(f"{store} has labels or tracks {name!r} already: choose another name")
    return name
