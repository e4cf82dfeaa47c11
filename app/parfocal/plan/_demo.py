"""The experiments of the demo: small, alive, and over in about ten seconds."""

import useq

from parfocal.plan._experiment import Experiment
from parfocal.plan._items import Phase, Stimulation, Wait

__all__ = ["demo_experiment", "demo_with_a_wait", "demo_with_light"]

TIMEPOINTS = 8
WAIT_S = 2.0
# half of the cells get light; the others show what would have been without it
LIT = {
    "segment": "otsu",
    "measure": [{"intensity": {"channels": ["FITC"]}}],
    "track": "laptrack",
    "stimulate": {"random-share": {"share": 0.5}},
    "channel": "DAPI",
}


def demo_experiment() -> Experiment:
    """Two channels, five planes, two fields, eight timepoints: what Design begins with."""
    return Experiment(name="demo", items=(_phase("living sample", TIMEPOINTS),))


def demo_with_a_wait() -> Experiment:
    """As many events and frames in two phases with a wait between: what the demo runs."""
    before, after = (_phase(name, TIMEPOINTS // 2) for name in ("living sample", "after the wait"))
    return Experiment(name="demo", items=(before, Wait(seconds=WAIT_S), after))


def demo_with_light() -> Experiment:
    """The same size, and after the wait cells are found, followed, and half of them lit: the
    closed loop, for a projector that is calibrated."""
    before, after = _phase("living sample", 3), _phase("light", TIMEPOINTS - 3)
    # patient: a busy computer finds the cells late, and the demo shall light them all the same
    light = Stimulation(exposure=50, deadline=20)
    loop = after.model_copy(update={"stimulate": light, "pipeline": LIT})
    return Experiment(name="demo", items=(before, Wait(seconds=WAIT_S), loop))


def _phase(name: str, timepoints: int) -> Phase:
    sequence = useq.MDASequence(
        axis_order=("t", "p", "g", "c", "z"),
        time_plan=useq.TIntervalLoops(interval=1.1, loops=timepoints),  # type: ignore[arg-type] # pydantic casts seconds
        stage_positions=(
            useq.Position(x=0, y=0, z=0, name="left"),
            useq.Position(x=150, y=0, z=0, name="right"),
        ),
        channels=(
            useq.Channel(config="DAPI", exposure=10),
            useq.Channel(config="FITC", exposure=10),
        ),
        z_plan=useq.ZRangeAround(range=8, step=2),
    )
    return Phase(name=name, sequence=sequence)
