"""A store with what analyses leave: two fields far apart, long voxels, levels, and cells in it."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from parfocal.store import (
    ChannelInfo,
    FieldInfo,
    Recording,
    RecordingSpec,
    ResultImage,
    publish_result,
    write_labels,
    write_pyramid,
    write_table,
)

TIMES, FIELDS, SLICES, SHAPE = 3, 2, 3, (800, 420)
VOXEL = (2.0, 0.5, 0.25)
STEP_S = 30.0
HALF = 12  # of a cell's edge
ORIGINS = ((0.0, 0.0, 0.0), (5.0, 120.0, -400.0))


def cells(t: int, p: int) -> dict[int, tuple[int, int, int]]:
    """Where the middle of each cell is: z, y, x by number; the third begins late, from 1."""
    found = {
        1: (1, 200 + 30 * t, 100 + 10 * p),
        2: (1, 600, 300 - 25 * t),
    }
    if t == 2:
        found[3] = (1, 260, 150 + 10 * p)
    return found


def frame(t: int, p: int, z: int) -> np.ndarray:
    """A picture: noise, and a bright square for each cell of that plane."""
    noise = np.random.default_rng([t, p, z]).integers(90, 110, SHAPE).astype("uint16")
    for depth, y, x in cells(t, p).values():
        if depth == z:
            noise[y - HALF : y + HALF + 1, x - HALF : x + HALF + 1] = 1000
    return noise


def mask(t: int, p: int, z: int) -> np.ndarray:
    """The labels of that plane."""
    labels = np.zeros(SHAPE, "uint32")
    for number, (depth, y, x) in cells(t, p).items():
        if depth == z:
            labels[y - HALF : y + HALF + 1, x - HALF : x + HALF + 1] = number
    return labels


def record(path: Path) -> Path:
    """The recording, with coarser levels."""
    planned = [(t, p, 0, z) for t in range(TIMES) for p in range(FIELDS) for z in range(SLICES)]
    spec = RecordingSpec(
        name="cells",
        fields=[FieldInfo(f"field {p}", ORIGINS[p]) for p in range(FIELDS)],
        channels=[ChannelInfo("GFP", "00FF00", window=(50.0, 1200.0))],
        planned=planned,
        due_s=[STEP_S * index[0] for index in planned],
        plane_shape=SHAPE,
        dtype="uint16",
        voxel_um=VOXEL,
        time_step_s=STEP_S,
    )
    recording = Recording.create(path, spec)
    for t, p, c, z in planned:
        recording.put((t, p, c, z), frame(t, p, z))
    recording.close()
    write_pyramid(path)
    return path


def segment(store: Path, shift: int = 0, pause_s: float = 0) -> str:
    """Publish a segmentation whose result is half as fine along y, then write labels into it."""
    height, width = SHAPE[0] // 2, SHAPE[1]
    voxel = (VOXEL[0], VOXEL[1] * 2, VOXEL[2])
    images = []
    for p in range(FIELDS):
        z, y, x = ORIGINS[p]
        origin = (z, y + VOXEL[1] / 2, x)  # the mean of two rows lies between them
        shape = (TIMES, 1, SLICES, height, width)
        images.append(ResultImage(f"A/1/{p}", shape, "uint16", voxel, origin))
    with publish_result(store, "segmentation", images) as result:
        for p in range(FIELDS):
            for t in range(TIMES):
                for z in range(SLICES):
                    result.put((t, 0, z), frame(t, p, z)[::2], image=p)
    time.sleep(pause_s)
    for p in range(FIELDS):
        image = f"results/segmentation/latest/A/1/{p}"
        with write_labels(store, image, "nuclei", run=result.run) as labels:
            for t in range(TIMES):
                for z in range(SLICES):
                    labels.put(t, np.roll(mask(t, p, z)[::2], shift, axis=1), z)
    return result.run


def label_cells(store: Path, name: str = "fired", run: str | None = None) -> None:
    """Labels beside the images themselves."""
    for p in range(FIELDS):
        colors = {1: (255, 0, 0, 255), 2: (0, 0, 255, 255)}
        with write_labels(store, f"A/1/{p}", name, run=run, colors=colors) as labels:
            for t in range(TIMES):
                for z in range(SLICES):
                    labels.put(t, mask(t, p, z), z)


def track_cells(store: Path) -> None:
    """Tracks in pixels, spots in µm, and an outline around each cell."""
    tracks, spots, regions = [], [], []
    for t in range(TIMES):
        for p in range(FIELDS):
            for number, (z, y, x) in cells(t, p).items():
                place = {"t": t, "p": p, "z": z, "y": float(y), "x": float(x)}
                parent = 1 if number == 3 else None
                tracks.append({"track": number, "parent": parent, "area": 25.0, **place})
                micrometres = {"z_um": z * VOXEL[0], "y_um": y * VOXEL[1], "x_um": x * VOXEL[2]}
                spots.append({"t": t, "field": f"field {p}", "intensity": 1000, **micrometres})
                for dy, dx in ((-1, -1), (-1, 1), (1, 1), (1, -1)):
                    corner = {"y": y + dy * 16.0, "x": x + dx * 16.0}
                    regions.append({"shape": number, "kind": "rectangle", **place, **corner})
    write_table(store, "cells", tracks)
    write_table(store, "spots", spots)
    write_table(store, "regions", regions)
    write_table(store, "notes", [{"t": 0, "word": "no place in a picture"}])
