"""Turn an experiment into the schedule of its steps."""

from parfocal.plan._experiment import Experiment
from parfocal.plan._schedule import Schedule

__all__ = ["compile_schedule"]


def compile_schedule(
    experiment: Experiment,
    *,
    field_of_view_um: tuple[float, float] | None = None,
    stage_um: tuple[float, float, float] | None = None,
) -> Schedule:
    """Lay out every step with its index and due time.

    `field_of_view_um` (width, height) spaces the grids that leave their spacing to the camera;
    `stage_um` (x, y, z) is where relative plans start that name no position.
    """
    raise NotImplementedError
