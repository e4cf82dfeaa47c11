"""Group channels by camera: those whose planes are alike share one image in each field."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from parfocal.store._spec import RecordingSpec

Voxel = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Camera:
    """Channels (by their number in the recording) with planes of one shape, type and pixel size."""

    number: int
    name: str
    channels: tuple[int, ...]
    plane_shape: tuple[int, int]
    dtype: "np.dtype[Any]"
    voxel_um: Voxel

    def origin_um(self, spec: RecordingSpec, origin_um: Voxel) -> Voxel:
        """Where its first voxel lies (z, y, x), given where that of the recording's camera does.

        All cameras look at the same place of the stage, so it is their middles that coincide.
        """
        z, *first = origin_um
        sizes = zip(
            first,
            spec.plane_shape,
            spec.voxel_um[1:],
            self.plane_shape,
            self.voxel_um[1:],
            strict=True,
        )
        y, x = (
            start + (length - 1) / 2 * pixel - (own_length - 1) / 2 * own_pixel
            for start, length, pixel, own_length, own_pixel in sizes
        )
        return z, y, x


def cameras_of(spec: RecordingSpec) -> tuple[Camera, ...]:
    """The cameras of a validated recording, in the order of their first channels."""
    alike: dict[tuple[Any, ...], list[int]] = {}
    for number, channel in enumerate(spec.channels):
        planes = (channel.plane_shape, channel.dtype, channel.voxel_um)
        alike.setdefault(planes, []).append(number)
    single = len(alike) == 1
    return tuple(
        Camera(
            number,
            spec.name if single else spec.channels[channels[0]].name,
            tuple(channels),
            shape,
            np.dtype(dtype),
            voxel,
        )
        for number, ((shape, dtype, voxel), channels) in enumerate(alike.items())
    )
