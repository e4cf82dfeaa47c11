"""What a step says of a light's power is for that step, and changes no picture after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from loop_runs import finished, looking

from parfocal.plan import Stimulation
from parfocal.run import SinkCounts
from parfocal.scope import Frame, Microscope
from parfocal.wiring import Session


class Powers:
    """How strong the light was for each frame."""

    name = "powers"

    def __init__(self, microscope: Microscope) -> None:
        self._core = microscope.core
        self.seen: list[tuple[str, int, float]] = []

    def offer(self, frame: Frame) -> None:
        power = float(self._core.getProperty("Light", "Power"))
        self.seen.append((frame.kind, frame.tag.index[2], power))

    def counts(self) -> SinkCounts:
        return SinkCounts(len(self.seen), 0)


def test_pictures_after_a_stimulation_are_taken_with_the_light_as_it_was(
    prepare: Callable[..., Session], demo: Microscope
) -> None:
    demo.core.setProperty("Light", "Power", 90)
    powers = Powers(demo)
    light = Stimulation(exposure=5, power=20, stimulator="line", timepoints=[0])
    phase = looking(
        loops=2,
        interval=0.1,
        light=light,
        pipeline={},
        channels=[{"config": "DAPI", "exposure": 5}, {"config": "FITC", "exposure": 5}],
    )
    powered = phase.model_copy(update={"power": {"FITC": 40}})
    assert finished(prepare(powered, extra_sinks=(powers,))).state == "completed"
    assert float(demo.core.getProperty("Light", "Power")) == 90
    told: dict[Any, list[float]] = {}
    for kind, channel, power in powers.seen:
        told.setdefault((kind, channel if kind == "imaging" else None), []).append(power)
    assert told == {
        ("imaging", 0): [90, 90],
        ("imaging", 1): [40, 40],
        ("stimulation", None): [20],
    }
