"""Say what the store must know before the first frame of a run, and how it left the hardware."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import useq

from parfocal.plan import Experiment, Schedule, plan_as_json
from parfocal.run._standpoint import Standpoint
from parfocal.scope import Microscope, MicroscopeError
from parfocal.store import ChannelInfo, RecordingSpec

__all__ = ["hardware_now", "planned_recording", "recording_spec"]


def recording_spec(
    experiment: Experiment, schedule: Schedule, microscope: Microscope
) -> RecordingSpec:
    """The recording of this schedule with this camera, and how the hardware is set now."""
    here = Standpoint.of(microscope)
    spec = planned_recording(experiment, schedule, here, microscope.name)
    return replace(spec, plan=plan_as_json(experiment), hardware=hardware_now(microscope))


def planned_recording(
    experiment: Experiment, schedule: Schedule, here: Standpoint, microscope: str
) -> RecordingSpec:
    """The same without asking the hardware, and without the plan: a rehearsal needs neither.

    A length that nobody knows (the pixel size of an uncalibrated microscope, the z step of a
    single plane) is 1 µm, and marked as a guess; so is the z step of stacks that differ in it.
    """
    camera, pixel = here.camera, here.pixel_um
    guessed = [] if len(schedule.z_steps_um) == 1 else ["z"]
    if camera.pixel_size_um <= 0:
        guessed += ["y", "x"]
    return RecordingSpec(
        name=experiment.name,
        fields=here.field_infos(schedule.fields),
        channels=[ChannelInfo(channel.name) for channel in schedule.channels],
        planned=schedule.planned(),
        due_s=schedule.due_times(),
        plane_shape=(camera.height, camera.width),
        dtype=camera.dtype,
        voxel_um=(schedule.z_step_um or 1.0, pixel, pixel),
        time_step_s=schedule.time_step_s,
        microscope={
            "name": microscope,
            "camera": camera.name,
            "bit_depth": camera.bit_depth,
            "pixel_size_um": camera.pixel_size_um,
        },
        plate=_plate(experiment),
        guessed=guessed,
    )


def hardware_now(microscope: Microscope) -> Mapping[str, Any]:
    """How the hardware is set, for the record; one that cannot say so costs no run."""
    try:
        state = asdict(microscope.remember())
    except MicroscopeError as problem:
        return {"unknown": str(problem)}
    return {**state, "presets": dict(state["presets"])}


def _plate(experiment: Experiment) -> tuple[int, int] | None:
    """Rows and columns of the well plate, when the plan has one and no more."""
    places = [phase.sequence.stage_positions for phase in experiment.phases]
    plates = {
        (place.plate.rows, place.plate.columns)
        for place in places
        if isinstance(place, useq.WellPlatePlan)
    }
    return plates.pop() if len(plates) == 1 else None
