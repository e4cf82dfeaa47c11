"""Try the pipeline of a phase on one picture: what it finds, where light would fall, how fast."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parfocal.plan import Phase
from parfocal.react._catalogue import Catalogue
from parfocal.react._errors import Failing, ReactError
from parfocal.react._lineage import Lineage
from parfocal.react._phases import pipelines_of
from parfocal.react._ready import ReadyPipeline
from parfocal.react._seen import Cells, Seen
from parfocal.store import StoreReader

__all__ = ["StorePicture", "Took", "Trial", "picture_of_store", "try_pipeline"]

Planes = Mapping[str, NDArray[Any]]
Progress = Callable[[str], object]
LOOK_S = 0.03
# Python cannot end a thread: one that never comes back stays, with the picture that it holds
MOST_LOST = 8
_lost: list[threading.Thread] = []


class Took(NamedTuple):
    """A step of the pipeline and its seconds."""

    step: str
    seconds: float


@dataclass(frozen=True)
class Trial:
    """What a pipeline made of one picture. `channel` is the one that it looked at; `cells` and
    `mask` are None where it finds none, and gives no light."""

    channel: str
    picture: NDArray[Any] | None
    cells: Cells | None
    mask: NDArray[np.bool_] | None
    took: tuple[Took, ...]
    loading_s: float = 0.0

    @property
    def seconds(self) -> float:
        """All of it, without the loading that comes before a run."""
        return sum(one.seconds for one in self.took)


class StorePicture(NamedTuple):
    """The planes of a field at a timepoint, of a stack the middle one; and how many there are."""

    planes: Planes
    pixel_um: float
    timepoints: int
    fields: int


def try_pipeline(
    phase: Phase,
    planes: Planes,
    *,
    pixel_um: float = 1.0,
    catalogue: Catalogue | None = None,
    cancelled: threading.Event | None = None,
    progress: Progress = lambda _step: None,
) -> Trial | None:
    """Run a phase's pipeline on the planes of one picture, by channel; None once it is cancelled.

    A part that raises is a `ReactError`, and so is one that takes longer than the pipeline gives
    it. One that hangs is left behind in its thread, whatever it does later.
    """
    _lost[:] = [thread for thread in _lost if thread.is_alive()]
    if len(_lost) >= MOST_LOST:
        raise ReactError(
            f"{MOST_LOST} trials never came back and hold their threads; start the program again"
        )
    one = _Attempt(phase, planes, pixel_um, catalogue)
    thread = threading.Thread(target=one.work, name="parfocal-trial", daemon=True)
    progress(told := one.step)
    thread.start()
    while thread.is_alive():
        thread.join(LOOK_S)
        if cancelled is not None and cancelled.is_set():
            _lost.append(thread)
            return None
        if one.step != told:
            told = one.step
            progress(told)
        if one.began is not None and time.perf_counter() - one.began > one.give_up:
            _lost.append(thread)
            raise ReactError(
                f"the pipeline of phase {phase.name!r} did not come back within {one.give_up:g} s "
                f"and was left behind while {told}"
            )
    if one.failed:
        raise one.failed[0]
    if one.trial is None:
        raise ReactError(f"the pipeline of phase {phase.name!r} left its thread while {one.step}")
    return one.trial


class _Attempt:
    """One trial: worked in a thread of its own, looked at from another."""

    def __init__(
        self, phase: Phase, planes: Planes, pixel_um: float, catalogue: Catalogue | None
    ) -> None:
        self.step = "loading the parts"
        self.began: float | None = None
        self.give_up = 0.0
        self.failed: list[Exception] = []
        self.trial: Trial | None = None
        self._phase, self._planes, self._pixel_um = phase, planes, pixel_um
        self._catalogue = catalogue
        self._took: list[Took] = []

    def work(self) -> None:
        with Failing(self.failed.append):
            self.trial = self._try()

    def _try(self) -> Trial:
        began = time.perf_counter()
        parts = self._catalogue or Catalogue()
        made = next((made for _, _, made in pipelines_of([(0, self._phase)], parts)), None)
        if made is None:
            raise ReactError(f"phase {self._phase.name!r} has no pipeline")
        made.prewarm()
        loading_s = time.perf_counter() - began
        seen = self._seen(made)
        self.give_up = made.pipeline.give_up
        self.began = time.perf_counter()
        cells = self._timed("finding cells", lambda: made.cells(seen))
        if cells is not None and made.tracks:
            found = cells
            follow = partial(made.followed, Lineage.begin(), found)
            cells = self._timed("following cells", follow)[1]
        mask = None
        if made.lights and self._phase.stimulate is not None:
            mask = self._timed("making the mask", lambda: made.mask(seen, cells))
        channel = made.pipeline.channel or next(iter(self._planes), "")
        picture = self._planes.get(channel)
        return Trial(channel, picture, cells, mask, tuple(self._took), loading_s)

    def _timed(self, step: str, do: Callable[[], Any]) -> Any:
        self.step = step
        began = time.perf_counter()
        done = do()
        self._took.append(Took(step, time.perf_counter() - began))
        return done

    def _seen(self, made: ReadyPipeline) -> Seen:
        phase, planes = self._phase, self._planes
        wanted = made.pipeline.channel
        if made.looks and (not planes or (wanted is not None and wanted not in planes)):
            which = "the first channel" if wanted is None else f"the channel {wanted!r}"
            there = ", ".join(planes) or "none"
            raise ReactError(f"the pipeline looks at {which}, and the picture has {there}")
        shape = next((plane.shape for plane in planes.values()), (0, 0))
        size = (shape[0], shape[1])
        return Seen(0, 0, size, planes, self._pixel_um, phase.name, phase.metadata)


def picture_of_store(store: Path | str, t: int = 0, p: int = 0) -> StorePicture:
    """The planes of a store's field at a timepoint, by channel; those that are missing are not."""
    reader = StoreReader(store)
    names = reader.info.channels
    fields = len({place.field for place in reader.images})
    planes: dict[str, NDArray[Any]] = {}
    timepoints = 1
    for place in reader.images:
        if place.field != p:
            continue
        for c in place.channels:
            lengths = reader.lengths(p, c)
            timepoints = max(timepoints, lengths.get("t", 1))
            index = (t, p, c, lengths.get("z", 1) // 2)
            if t < lengths.get("t", 1) and not reader.absences.reason(index):
                planes[names[c]] = reader.plane(index)
    if not planes:
        raise ReactError(f"{store} has no picture of field {p} at timepoint {t}")
    voxel = reader.info.voxel_size_um
    pixel_um = float(voxel[1]) if voxel[1] and voxel[1] > 0 else 1.0
    return StorePicture(planes, pixel_um, timepoints, fields)
