"""The experiment that the demo runs: small, alive, and over in about ten seconds."""

import useq

from parfocal.plan._experiment import Experiment
from parfocal.plan._items import Phase

__all__ = ["demo_experiment"]


def demo_experiment() -> Experiment:
    """Two channels, five planes, two fields, eight timepoints."""
    sequence = useq.MDASequence(
        axis_order=("t", "p", "g", "c", "z"),
        time_plan=useq.TIntervalLoops(interval=1.1, loops=8),  # type: ignore[arg-type] # pydantic casts seconds
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
    return Experiment(name="demo", items=(Phase(name="living sample", sequence=sequence),))
