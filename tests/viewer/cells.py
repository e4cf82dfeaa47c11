"""A real store to look at: two fields, two channels, three timepoints, and some of it missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from parfocal.store import ChannelInfo, FieldInfo, Recording, RecordingSpec

TIMES, FIELDS, CHANNELS, SLICES, SHAPE = 3, 2, 2, 4, (160, 200)
MISSING = (2, 1, 1)  # t, p, c of a z-stack that was never acquired


def spec() -> RecordingSpec:
    """Describe the recording."""
    planned = [
        (t, p, c, z)
        for t in range(TIMES)
        for p in range(FIELDS)
        for c in range(CHANNELS)
        for z in range(SLICES)
    ]
    return RecordingSpec(
        name="cells “ü”",
        fields=[FieldInfo("Pos000"), FieldInfo("Pos001", (0.0, 0.0, 50.0))],
        channels=[ChannelInfo("DAPI"), ChannelInfo("FITC", "00FF00")],
        planned=planned,
        due_s=[90.0 * index[0] for index in planned],
        plane_shape=SHAPE,
        dtype="uint16",
        voxel_um=(2.5, 0.5, 0.5),
        time_step_s=90.0,
    )


def frame(index: tuple[int, int, int, int]) -> np.ndarray:
    """Make the frame of a plane: never the same twice."""
    t, p, c, z = index
    noise = np.random.default_rng([t, p, c, z]).integers(90, 130, SHAPE, dtype="uint16")
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    for cell in range(6):
        top, left = 20 + 24 * cell + 3 * t, 25 + 30 * ((cell + 2 * p + 3 * c) % 6)
        size = 60 + 12 * cell + 10 * z
        noise += (900 * np.exp(-((y - top) ** 2 + (x - left) ** 2) / size)).astype("uint16")
    return noise


def record(path: Path) -> Path:
    """Record all of it but the missing stack."""
    recording = Recording.create(path, spec())
    for index in spec().planned:
        if index[:3] == MISSING:
            recording.skip(index, "the shutter was stuck")
        else:
            recording.put(index, frame(index))
    recording.close()
    return path
