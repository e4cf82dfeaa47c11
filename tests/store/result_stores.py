"""Make recorded stores and results of them that several tests share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from store_recordings import SHAPE, grid, plane_of, put_all, spec_of

from parfocal.store import (
    ChannelInfo,
    PublishedResult,
    Recording,
    ResultImage,
    ResultWriter,
    publish_result,
)

PLANNED = grid(t=2, p=2, c=2, z=3)
CHANNELS = [ChannelInfo("DAPI", "0000FF", (90.0, 900.0)), ChannelInfo("FITC")]
FIELDS = ("A/1/0", "A/1/1")


def recorded(path: Path, **others: Any) -> Path:
    """A store of two fields, two channels, two timepoints and three heights."""
    shape = others.get("shape", SHAPE)
    recording = Recording.create(path, spec_of(PLANNED, **{"channels": CHANNELS, **others}))
    put_all(recording, PLANNED, shape)
    recording.close()
    return path


def doubled(field: int, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """What the analysis of these tests makes of a field."""
    whole = np.zeros((2, 2, 3, *shape), "float32")
    for t, p, c, z in PLANNED:
        if p == field:
            whole[t, c, z] = 2.0 * plane_of((t, p, c, z), shape)
    return whole


def fill(writer: ResultWriter, shape: tuple[int, int] = SHAPE) -> None:
    """Put all planes, in no order."""
    order = np.random.default_rng(1).permutation(len(PLANNED))
    for number in order:
        t, p, c, z = PLANNED[number]
        writer.put((t, c, z), doubled(p, shape)[t, c, z], image=p)


def doubling(store: Path, name: str = "double", **others: Any) -> ResultWriter:
    """The analysis begun."""
    sources = others.pop("sources", FIELDS)
    images = [ResultImage(source, dtype="float32") for source in sources]
    return publish_result(store, name, images, **others)


def double(
    store: Path, name: str = "double", shape: tuple[int, int] = SHAPE, **others: Any
) -> PublishedResult:
    """The analysis done and published."""
    writer = doubling(store, name, **others)
    fill(writer, shape)
    return writer.publish()
