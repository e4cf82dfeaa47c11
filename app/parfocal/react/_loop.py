"""The closed loop of one run: offer it frames, ask it for masks, and it never holds up the run.

A frame is taken by reference; once too many are in flight only its index is kept, and its pixels
are read from the store when their turn comes. What fails is counted and said, and nothing else.
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal import counted
from parfocal.plan import Experiment, Index, Schedule
from parfocal.react._catalogue import Catalogue
from parfocal.react._counts import Latencies, LoopCounts
from parfocal.react._dispenser import Dispensed, How
from parfocal.react._errors import Failing, ReactError
from parfocal.react._lineage import Lineage
from parfocal.react._looking import Looking, Prepared
from parfocal.react._phases import Look
from parfocal.react._ready import ReadyPipeline
from parfocal.react._results import Results
from parfocal.react._seen import Cells, Seen
from parfocal.react._task import Field, Task, fit
from parfocal.react._workers import Workers

__all__ = ["Loop", "Mask"]

IN_FLIGHT = 60
THREADS = 2
LOOK_S = 0.05
STALLED_S = 10.0
AGAIN = "`parfocal react STORE --pipeline FILE` can do it now"
CLOSING_S = 0.3  # a run that is stopped ends within a second

Pixels = NDArray[Any]
Mask = NDArray[np.bool_]
OnCells = Callable[[Seen, Cells | None], None]
OnError = Callable[[str, BaseException], None]


class Loop:
    """Every method may be called from any thread; none but `wait` and `drain` waits for anything.

    `pixels_of(index)` reads a frame again; `on_error(source, error)` is told what went wrong,
    `on_cells(seen, cells)` what was found, by the thread that found it.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int],
        pixel_um: float,
        pixels_of: Callable[[Index], Pixels | None],
        results: Results | None = None,
        catalogue: Catalogue | None = None,
        on_error: OnError = lambda _source, _error: None,
        on_cells: OnCells | None = None,
        threads: int = THREADS,
        in_flight: int = IN_FLIGHT,
    ) -> None:
        self.on_error = on_error
        self._on_cells = on_cells
        self._pixels_of = pixels_of
        self._results = results
        self._looking = Looking(catalogue, shape, pixel_um)
        self._limit = in_flight
        self._lock = threading.Lock()
        self._token = threading.Event()
        self._counts = LoopCounts()
        self._latencies = Latencies()
        self._fields: dict[int, Field] = {}
        self._gathering: dict[tuple[int, int], Task] = {}
        self._missed: set[tuple[int, int]] = set()
        self._writing: dict[int, float] = {}  # the task, and since when
        self._told = 0  # how many dropped ones were told of
        self._workers: Workers[Task] = Workers(
            threads, self._work, patience=self._patience, given_up=self._give_up
        )

    # ------------------------------------------------------------------ before, and when it changes

    def prepare(self, experiment: Experiment, schedule: Schedule) -> Prepared:
        """Make and load the pipelines of a plan, or raise; nothing changes before `adopt`."""
        return self._looking.prepare(experiment, schedule)

    def adopt(self, prepared: Prepared) -> None:
        """Look at what this plan says from now on."""
        with self._lock:
            self._looking.adopt(prepared)
            self._counts = replace(self._counts, limit=self._limit if prepared.pipelines else 0)
            whole, lost = fit(self._gathering, self._looking.look)
        for task in whole:
            self._submit(task)
        for task in lost:
            at = f"t {task.look.t} of field {task.look.p}"
            self._fail(task, ReactError(f"{at} is not analysed: the plan was changed"))

    def pipeline(self, item: int) -> ReadyPipeline | None:
        """The pipeline of an item of the plan."""
        return self._looking.pipeline(item)

    def in_words(self) -> dict[str, Any]:
        """The pipeline of each phase in plain values, for the record."""
        return self._looking.in_words()

    # ------------------------------------------------------------------ frames

    def offer(self, index: Index, pixels: Pixels, *, keep: bool = True) -> None:
        """A frame came; with `keep` its pixels stay as they are and may be held on to."""
        t, p, _, _ = index
        if self._token.is_set() or (t, p) in self._missed:
            return
        with self._lock:
            look = self._looking.look(t, p)
            planes = {} if look is None else look.planes
            channel = next((name for name, at in planes.items() if tuple(at) == tuple(index)), "")
            if look is None or not channel:
                return
            task = self._gathering.get((t, p))
            if task is None:
                task = self._gathering[t, p] = Task(look)
                self._announce(look)
            kept = self._counts.frames < self._limit
            task.pixels[channel] = (pixels if keep else pixels.copy()) if kept else None
            late = 0 if kept else 1
            self._count(frames=1 - late, deferred=late, deferred_in_all=late)
            whole = len(task.pixels) == len(look.planes)
            if whole:
                del self._gathering[t, p]
        if whole:
            self._submit(task)

    def miss(self, index: Index, why: str) -> None:
        """A frame will not come: what it belongs to cannot be analysed."""
        t, p, _, _ = index
        look = self._looking.look(t, p)
        if look is None or tuple(index) not in map(tuple, look.planes.values()):
            return
        with self._lock:
            if (t, p) in self._missed:
                return
            self._missed.add((t, p))
            task = self._gathering.pop((t, p), None) or Task(look)
            self._announce(look)
        self._fail(task, ReactError(f"t {t} of field {p} is not analysed: {why}"))

    # ------------------------------------------------------------------ masks

    def wait(self, t: int, p: int, deadline: float, token: threading.Event) -> Dispensed[Mask]:
        """The mask of a look, as soon as it is there; `deadline` is of `time.perf_counter()`."""
        if self._looking.look(t, p) is None:
            return Dispensed(How.SKIPPED)
        return self._field(p).masks.wait(t, deadline, token)

    def predecessor(self, t: int, p: int) -> int | None:
        """The look before a timepoint whose mask came or is on its way."""
        return self._field(p).masks.predecessor(t)

    def newest(self, t: int, p: int) -> tuple[int, Mask] | None:
        """The newest mask from before a timepoint, and of when it is."""
        return self._field(p).masks.newest(t)

    def blind_mask(self, item: int, t: int, p: int) -> Mask:
        """The mask of a phase that needs no picture."""
        pipeline = self._looking.pipeline(item)
        assert pipeline is not None  # it was asked whether it looks
        return pipeline.mask(self._looking.seen(t, p, item, {}), None)

    def count_light(self, outcome: str, more: int = 1) -> None:
        """Planned stimulations were `fired`, `fallback` or `skipped`."""
        with self._lock:
            self._count(**{outcome: more})

    # ------------------------------------------------------------------ how it goes, and its end

    def counts(self) -> LoopCounts:
        """A snapshot."""
        return replace(self._counts, waiting=self._workers.unfinished)

    def drain(self, token: threading.Event) -> bool:
        """Wait until all that was offered is analysed; False when it was cancelled first, or when
        the store takes nothing any more."""
        while not self._workers.drain(LOOK_S):
            if token.is_set():
                return False
            now = time.perf_counter()
            if any(now - began > STALLED_S for began in list(self._writing.values())):
                error = f"the store took no results for {STALLED_S:.0f} s"
                self.on_error("results", ReactError(error))
                return False
        return True

    def cancel(self) -> None:
        """Wake all who wait for a mask, and analyse nothing more."""
        self._token.set()
        with self._lock:
            fields = list(self._fields.values())
        for one in fields:
            one.masks.cancel()
            one.lineages.cancel()

    def close(self) -> None:
        """End the threads; what was not analysed is counted and said."""
        self.cancel()
        with self._lock:
            tasks, self._gathering = list(self._gathering.values()), {}
        tasks += self._workers.close(CLOSING_S)
        for task in tasks:
            self._end(task, dropped=1)
        dropped, self._told = self._counts.dropped - self._told, self._counts.dropped
        if dropped:
            lost = f"{counted(dropped, 'picture')} of the run not analysed any more"
            self.on_error("react", ReactError(f"{lost}; {AGAIN}"))

    # ------------------------------------------------------------------ one task, in a worker

    def _submit(self, task: Task) -> None:
        task.whole_s = time.perf_counter()
        if not self._workers.submit(task):
            self._end(task, dropped=1)

    def _work(self, task: Task) -> None:
        with Failing(lambda error: self._fail(task, error)):
            if not self._token.is_set():
                self._analyse(task)
        self._end(task, dropped=1)  # unless it was counted before

    def _analyse(self, task: Task) -> None:
        look, pipeline = task.look, self._looking.of(task.look)
        seen = self._looking.seen(look.t, look.p, look.item, self._channels(task))
        cells = pipeline.cells(seen)
        lights = pipeline.lights and self._looking.phase(look.item).stimulate is not None
        if lights and not pipeline.lights_by_tracks:
            self._put_mask(look, pipeline.mask(seen, cells))
        if cells is not None and pipeline.tracks:
            cells = self._follow(task, pipeline, cells)
            if cells is None:
                return
        if lights and pipeline.lights_by_tracks:
            self._put_mask(look, pipeline.mask(seen, cells))
        if not task.over and cells is not None and self._results is not None:
            self._keep(task, cells, self._results)
        if not task.over and self._on_cells is not None:
            self._on_cells(seen, cells)
        self._end(task, analysed=1)

    def _keep(self, task: Task, cells: Cells, results: Results) -> None:
        at, item = self._looking.cells_index(task.look), task.look.item
        self._writing[id(task)] = time.perf_counter()
        try:
            results.keep_cells(at, self._looking.phase(item).name, self._looking.table(item), cells)
        finally:
            del self._writing[id(task)]

    def _patience(self, task: Task) -> float:
        """How long it may take; a slow disk is no pipeline that hangs."""
        patience = task.patience(self._looking.of(task.look).pipeline.give_up)
        return math.inf if id(task) in self._writing else patience

    def _channels(self, task: Task) -> dict[str, Pixels]:
        channels = {}
        for name, index in task.look.planes.items():
            pixels = task.pixels[name]
            if pixels is None:
                pixels = self._pixels_of(index)
                if pixels is None:
                    raise ReactError(f"the frame at {tuple(index)} is not in the store")
                with self._lock:
                    if not task.over and task.pixels[name] is None:
                        task.pixels[name] = pixels
                        self._count(frames=1, deferred=-1)
            channels[name] = pixels
        return channels

    def _follow(self, task: Task, pipeline: ReadyPipeline, cells: Cells) -> Cells | None:
        """The cells with their tracks; None where a cancel came first."""
        look, before = task.look, Lineage.begin()
        lineages = self._field(look.p).lineages
        deadline = time.perf_counter() + pipeline.pipeline.give_up
        while (earlier := lineages.predecessor(look.t)) is not None:
            with task.waiting():
                given = lineages.wait(earlier, deadline, self._token)
            if given.value is not None:
                before = given.value
                break
            if given.how is How.CANCELLED:
                return None
            lineages.skip(earlier)  # or two pictures would give out the same new names
        after, named = pipeline.followed(before, cells)
        lineages.put(look.t, after)
        lineages.prune(look.t)
        return named

    def _put_mask(self, look: Look, mask: Mask) -> None:
        masks = self._field(look.p).masks
        masks.put(look.t, mask)
        masks.prune(look.t - 1)

    # ------------------------------------------------------------------ how a task ends

    def _fail(self, task: Task, error: BaseException) -> None:
        """Nobody waits for it any more; its successors go on."""
        look = task.look
        if self._end(task, failed=1):
            self.on_error("react", error)
        self._field(look.p).masks.skip(look.t)
        self._field(look.p).lineages.skip(look.t)

    def _give_up(self, task: Task) -> None:
        look, patience = task.look, self._looking.of(task.look).pipeline.give_up
        name = self._looking.phase(look.item).name
        late = f"did not come back within {patience:g} s and was left behind"
        self._fail(task, ReactError(f"the pipeline of phase {name!r} {late}"))

    def _end(self, task: Task, **counts: int) -> bool:
        """Count a task once, and let go of its pixels; False where it was counted before."""
        with self._lock:
            if task.over:
                return False
            task.over = True
            kept = sum(pixels is not None for pixels in task.pixels.values())
            self._count(frames=-kept, deferred=kept - len(task.pixels), **counts)
            task.pixels.clear()
            if task.whole_s is not None and counts.get("analysed"):
                took = time.perf_counter() - task.whole_s
                self._counts = self._latencies.told(self._counts, took)
            return True

    def _count(self, **changes: int) -> None:
        """With the lock held; readers have the old value or the new one."""
        self._counts = self._counts.plus(**changes)

    def _announce(self, look: Look) -> None:
        """With the lock held."""
        place = self._fields.setdefault(look.p, Field())
        pipeline = self._looking.of(look)
        if pipeline.lights:
            place.masks.announce(look.t)
        if pipeline.tracks:
            place.lineages.announce(look.t)

    def _field(self, p: int) -> Field:
        with self._lock:
            return self._fields.setdefault(p, Field())
