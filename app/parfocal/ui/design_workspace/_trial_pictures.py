"""Get a picture to try a pipeline on: from the microscope, or out of a store."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from parfocal.plan import Phase
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.scope import Microscope
    from parfocal.ui.tasks import Task

__all__ = ["Shot", "from_microscope", "from_store"]

LOOK_S = 0.05
Ask = Callable[[Callable[[], "Shot"]], "Future[Shot]"]


@dataclass(frozen=True)
class Shot:
    """A plane of each channel, and where it is from, in words."""

    planes: Mapping[str, NDArray[Any]]
    pixel_um: float
    words: str
    timepoints: int = 1
    fields: int = 1


def from_microscope(task: "Task", microscope: "Microscope", phase: Phase, ask: Ask) -> Shot:
    """Take a picture in each channel of the phase, and put channel and exposure back.

    `ask` has it done in the microscope's own thread; a cancel is heard meanwhile, and between two
    channels.
    """
    channels = phase.sequence.channels
    task.report(message=tr("taking a picture…"))

    def take() -> Shot:
        planes = {}
        if not channels:
            planes[tr("camera")] = microscope.snap()
        else:
            before = microscope.remember().without_place()
            try:
                for channel in channels:
                    if task.cancelled.is_set():
                        break
                    microscope.settings.set_preset(channel.group, channel.config)
                    if channel.exposure is not None:
                        microscope.imaging.set_exposure(channel.exposure)
                    planes[channel.config] = microscope.snap()
            finally:
                microscope.restore(before)
        pixel_um = microscope.camera().pixel_size_um
        words = tr("from the microscope: {channels}").format(channels=", ".join(planes))
        return Shot(planes, pixel_um if pixel_um > 0 else 1.0, words)

    return _waited_for(ask(take), task.cancelled, task)


def from_store(store: Path, t: int, p: int) -> Shot:
    """The picture of a store's field at a timepoint."""
    from parfocal.react import picture_of_store

    found = picture_of_store(store, t, p)
    words = tr("from {store}: {channels}").format(
        store=store.name, channels=", ".join(found.planes)
    )
    return Shot(found.planes, found.pixel_um, words, found.timepoints, found.fields)


def _waited_for(future: "Future[Shot]", cancelled: threading.Event, task: "Task") -> Shot:
    while True:
        try:
            return future.result(LOOK_S)
        except NotYet:
            if future.done():  # the camera itself said that it was too late
                raise
            if cancelled.is_set():
                future.cancel()
                task.report()  # leaves the task
