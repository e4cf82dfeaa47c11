"""Loops without a microscope: a plan, a part of which a test decides what it does, and frames."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import useq
from numpy.typing import NDArray

from parfocal.plan import Experiment, Phase, Schedule, Stimulation, compile_schedule
from parfocal.react import Catalogue, Lights, Loop, Results

SHAPE = (24, 32)
MINE = """
class Mine:
    do = None
    def segment(self, image):
        return type(self).do(image)

class Near:
    def link(self, before, now):
        import numpy as np
        if not len(before["y"]):
            return np.full(len(now["y"]), -1)
        return np.abs(now["y"][:, None] - before["y"][None, :]).argmin(axis=1)
"""


def picture(t: int, p: int = 0) -> NDArray[np.uint16]:
    """One bright cell that crawls to the right, a pixel a timepoint; t and p are in a corner."""
    image = np.zeros(SHAPE, np.uint16)
    image[8:14, 4 + t % 16 : 10 + t % 16] = 100
    image[0, :2] = t, p
    return image


def bright(image: NDArray[Any]) -> NDArray[np.int32]:
    """The cell."""
    found = np.zeros(image.shape, np.int32)
    found[2:] = image[2:] > 50
    return found


class Rig:
    """A loop with a plan of one phase, whose segmenter is `do`."""

    def __init__(
        self,
        folder: Path,
        do: Callable[[NDArray[Any]], Any] = bright,
        *,
        loops: int = 10,
        fields: int = 1,
        light: Stimulation | None = None,
        pipeline: dict[str, Any] | None = None,
        results: Results | None = None,
        **options: Any,
    ) -> None:
        (folder / "mine.py").write_text(MINE)
        parts = Catalogue(folder)
        parts.part("segment", "mine").do = staticmethod(do)
        self.errors: list[str] = []
        self.phase = Phase(
            name="a",
            sequence=useq.MDASequence.model_validate(
                {
                    "axis_order": "tpc",
                    "time_plan": {"interval": 0.2, "loops": loops},
                    "stage_positions": [(20 * p, 0, 0) for p in range(fields)],
                    "channels": ["DAPI"],
                }
            ),
            stimulate=light,
            pipeline={"segment": "mine", "track": "near", **(pipeline or {})},
        )
        self.loop = Loop(
            shape=SHAPE,
            pixel_um=0.5,
            pixels_of=lambda index: picture(index[0], index[1]),
            catalogue=parts,
            on_error=lambda _source, error: self.errors.append(str(error)),
            results=results,
            **options,
        )
        experiment = Experiment(items=(self.phase,))
        self.schedule: Schedule = compile_schedule(experiment)
        self.loop.adopt(self.loop.prepare(experiment, self.schedule))
        self.lights = Lights(self.loop, results, SHAPE)
        self.token = threading.Event()

    def offer(self, *times: int, p: int = 0) -> None:
        """Give the frames of these timepoints."""
        for t in times:
            self.loop.offer((t, p, 0, 0), picture(t, p))

    def step(self, t: int, p: int = 0) -> Any:
        """The planned stimulation of a timepoint."""
        return next(
            step
            for step in self.schedule.steps
            if step.kind == "stimulation" and step.index is not None and step.index[:2] == (t, p)
        )

    def drain(self) -> None:
        """Wait until all is analysed."""
        assert self.loop.drain(self.token)
