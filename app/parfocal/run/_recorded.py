"""Say what the store must know before the first frame of a run."""

from parfocal.plan import Experiment, Schedule, plan_as_json
from parfocal.run._standpoint import Standpoint
from parfocal.scope import Microscope
from parfocal.store import ChannelInfo, RecordingSpec

__all__ = ["recording_spec"]


def recording_spec(
    experiment: Experiment, schedule: Schedule, microscope: Microscope
) -> RecordingSpec:
    """The recording of this schedule with this camera.

    A length that nobody knows (the pixel size of an uncalibrated microscope, the z step of a
    single plane) is 1 µm.
    """
    here = Standpoint.of(microscope)
    camera, pixel = here.camera, here.pixel_um
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
        plan=plan_as_json(experiment),
        microscope={
            "name": microscope.name,
            "camera": camera.name,
            "bit_depth": camera.bit_depth,
            "pixel_size_um": camera.pixel_size_um,
        },
    )
