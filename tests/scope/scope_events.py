"""Events as a run's feed makes them: tagged, with no start time."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from useq import MDAEvent

from parfocal.scope import Frame, FrameTag, Microscope

Index = tuple[int, int, int, int]


def tagged(
    index: Index = (0, 0, 0, 0),
    *,
    channel: str | None = "DAPI",
    exposure: float | None = 2,
    **asked: object,
) -> MDAEvent:
    tag = FrameTag(index, "imaging", index[0], sum(index))
    return MDAEvent(channel=channel, exposure=exposure, metadata={"parfocal": tag}, **asked)  # type: ignore[arg-type]


def z_stack(
    t: int = 0, heights: Iterable[float] = (-2, 0, 2), exposure: float = 2
) -> list[MDAEvent]:
    return [
        tagged((t, 0, 0, z), exposure=exposure, x_pos=10.0, y_pos=5.0, z_pos=height)
        for z, height in enumerate(heights)
    ]


def acquire(
    microscope: Microscope, events: Iterable[MDAEvent], *, sequenced: bool = False
) -> list[Frame]:
    """Run the events, as one span for the hardware when `sequenced`, and keep every frame."""
    frames: list[Frame] = []
    microscope.engine.on_frame = frames.append
    span = microscope.engine.event_iterator(list(events)) if sequenced else iter(list(events))
    microscope.core.mda.run(span)
    return frames


def picture(
    microscope: Microscope, index: Index = (0, 0, 0, 0), **asked: object
) -> NDArray[np.uint16]:
    (frame,) = acquire(microscope, [tagged(index, **asked)])  # type: ignore[arg-type]
    return frame.pixels  # type: ignore[return-value]
