"""Work out what an experiment comes to, off the window's thread: schedule, sizes, rhythm."""

from dataclasses import dataclass

from parfocal import ParfocalError
from parfocal.plan import Estimate, Experiment, Overview, Schedule, estimate
from parfocal.scope import CameraFacts, StagePosition


@dataclass(frozen=True)
class Preview:
    """An experiment's schedule and estimate, or the sentence that says why there is none."""

    experiment: Experiment
    schedule: Schedule | None = None
    estimate: Estimate | None = None
    problem: str = ""
    field_um: tuple[float, float] = (0.0, 0.0)
    here_um: tuple[float, float] = (0.0, 0.0)
    """Where the stage stands."""
    rhythm: tuple[tuple[int, float], ...] = ()
    """For each item how many fields it has, and the interval at which it takes them."""


def preview(
    experiment: Experiment,
    camera: CameraFacts | None,
    stage: StagePosition | None,
    overview: Overview,
) -> Preview:
    """Compile and estimate; without a microscope the bytes are unknown."""
    view = None if camera is None else _field_of_view(camera)
    place = None if stage is None else (stage.x, stage.y, stage.z)
    try:
        schedule = overview.of(experiment, field_of_view_um=view, stage_um=place)
    except ParfocalError as error:
        return Preview(experiment, problem=str(error))
    return Preview(
        experiment,
        schedule,
        estimate(schedule, frame_bytes(camera)),
        field_um=view or (0.0, 0.0),
        here_um=(0.0, 0.0) if stage is None else (stage.x, stage.y),
        rhythm=_rhythm(experiment, schedule),
    )


def frame_bytes(camera: CameraFacts | None) -> int:
    """The bytes of one frame; 0 without a camera."""
    if camera is None:
        return 0
    import numpy as np

    return camera.width * camera.height * np.dtype(camera.dtype).itemsize


def _rhythm(experiment: Experiment, schedule: Schedule) -> tuple[tuple[int, float], ...]:
    parts = {part.item: (part.fields, part.interval_s) for part in schedule.parts}
    return tuple(parts.get(number, (0, 0.0)) for number in range(len(experiment.items)))


def _field_of_view(camera: CameraFacts) -> tuple[float, float]:
    return camera.width * camera.pixel_size_um, camera.height * camera.pixel_size_um
