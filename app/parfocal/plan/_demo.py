"""The experiments of the demo: small, alive, and over in about ten seconds."""

import useq

from parfocal.plan._experiment import Experiment
from parfocal.plan._items import Phase, Wait

__all__ = ["demo_experiment", "demo_with_a_wait"]

TIMEPOINTS = 8
WAIT_S = 2.0


def demo_experiment() -> Experiment:
    """Two channels, five planes, two fields, eight timepoints: what Design begins with."""
    return Experiment(name="demo", items=(_phase("living sample", TIMEPOINTS),))


def demo_with_a_wait() -> Experiment:
    """As many events and frames in two phases with a wait between: what the demo runs."""
    before, after = (_phase(name, TIMEPOINTS // 2) for name in ("living sample", "after the wait"))
    return Experiment(name="demo", items=(before, Wait(seconds=WAIT_S), after))


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
