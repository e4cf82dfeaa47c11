"""Make the stores of the picture of Store: a screen in a plate, time lapses, and some of others."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from parfocal.store import (
    ChannelEdit,
    ChannelInfo,
    FieldInfo,
    Recording,
    RecordingSpec,
    StoreEdit,
    edit_store,
)

CHANNELS = [ChannelInfo("Hoechst", "3080FF"), ChannelInfo("FITC", "40FF40")]


def make(folder: Path) -> Path:
    """Stores in every state but one that records; the plate among them."""
    screen = folder / "kinase screen"
    wells = [f"{row}/{column}" for row in "ABCDEFGH" for column in range(2, 12)]
    plate = record(screen / "plate 7.ome.zarr", wells, side=96)
    for number, kept in ((2, 17), (3, None)):
        lapse = screen / "2026-11-20" / f"drug response {number}.ome.zarr"
        record(lapse, [""] * 6, times=2, kept=kept)
    edit_store(lapse, StoreEdit(channels={0: ChannelEdit("DAPI")}))
    older = folder / "light sheet 2019" / "embryo 4.zarr"
    (older / "data").mkdir(parents=True)
    (older / ".zgroup").write_text('{"zarr_format": 2}')
    (older / "data" / ".zarray").write_text("{}")
    theirs = folder / "from collaborators" / "section 12.zarr"
    theirs.mkdir(parents=True)
    ome = {"version": "0.5", "multiscales": []}
    told = {"zarr_format": 3, "node_type": "group", "attributes": {"ome": ome}}
    (theirs / "zarr.json").write_text(json.dumps(told))
    return plate


def record(
    path: Path, wells: list[str], *, side: int = 256, times: int = 1, kept: int | None = None
) -> Path:
    """Nuclei and cells in two channels; with `kept` the disk was full after so many planes."""
    fields = [
        FieldInfo(f"field {n + 1}", (0.0, 0.0, 150.0 * n), **({"well": well} if well else {}))
        for n, well in enumerate(wells)
    ]
    planned = [(t, p, c, 0) for t in range(times) for p in range(len(fields)) for c in range(2)]
    spec = RecordingSpec(
        name=path.name.removesuffix(".ome.zarr"),
        fields=fields,
        channels=CHANNELS,
        planned=planned,
        due_s=[60.0 * index[0] for index in planned],
        plane_shape=(side, side),
        dtype="uint16",
        voxel_um=(2.5, 0.325, 0.325),
        time_step_s=60.0,
        plate=(8, 12) if wells[0] else None,
    )
    recording = Recording.create(path, spec)
    for index in planned[:kept]:
        recording.put(index, cells(side, 2 * index[1] + index[2]))
    if kept is None:
        recording.close()
    else:
        recording.close("interrupted", "the disk was full")
    return path


def cells(side: int, seed: int) -> NDArray[np.uint16]:
    """Round blobs of light on a dark ground."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side]
    light = np.full((side, side), 100.0)
    for _ in range(14):
        middle, width = random.uniform(0, side, 2), random.uniform(side / 40, side / 18)
        distance = (y - middle[0]) ** 2 + (x - middle[1]) ** 2
        light += random.uniform(300, 1500) * np.exp(-distance / 2 / width**2)
    return random.poisson(light).astype(np.uint16)
