"""Make pictures of a strip that a person can judge at a glance."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal import counted
from parfocal.jobs._errors import NeedsPerson
from parfocal.jobs._job import Artifact, Outcome
from parfocal.jobs._work import Work
from parfocal.store import sync_to_disk

__all__ = ["preview", "windowed"]

LONGEST = 2048
"""Pixels of a picture's longer side; it is attached to messages."""
DARK, BRIGHT = 1.0, 99.8
"""Percentiles between which a picture goes from black to white when nobody says better."""


def preview(work: Work) -> Outcome:
    """JPEGs of the projection, cut in parts along its longer side."""
    import tifffile  # 0.1 s

    mip = work.strip.mip
    if mip is None:
        raise NeedsPerson("the configuration asks for no projection, so there is no preview")
    with tifffile.TiffFile(mip) as file:
        whole = np.squeeze(file.asarray())
    image = whole.reshape(-1, *whole.shape[-2:]).max(axis=0)
    axis = int(image.shape[1] >= image.shape[0])
    parts = min(work.strip.config.preview_parts, image.shape[axis])
    pictures = []
    for number, part in enumerate(np.array_split(image, parts, axis), 1):
        work.pace.breathe((number - 1) / parts)
        file_ = work.strip.preview(number)
        if file_ is not None:
            _write(windowed(part, work.strip.config.preview_window, image), file_)
            pictures.append(file_)
    size = sum(picture.stat().st_size for picture in pictures)
    facts = {"pictures": [str(picture) for picture in pictures]}
    made = Artifact("preview", pictures[0], size, True, facts)
    return Outcome(counted(len(pictures), "picture"), (made,))


def windowed(
    part: NDArray[Any], window: tuple[float, float] | None, whole: NDArray[Any]
) -> NDArray[np.uint8]:
    """In eight bits, small enough to be sent."""
    step = -(-max(part.shape) // LONGEST)
    low, high = window or np.percentile(whole[::step, ::step], (DARK, BRIGHT))
    scaled = (part[::step, ::step].astype(np.float32) - low) / max(high - low, 1e-9)
    eight: NDArray[np.uint8] = (np.clip(scaled, 0, 1) * 255).round().astype(np.uint8)
    return np.ascontiguousarray(eight)


def _write(picture: NDArray[np.uint8], file: Path) -> None:
    import imagecodecs

    fresh = file.with_name(f".{file.name}.new")
    fresh.write_bytes(imagecodecs.jpeg8_encode(picture, level=90))
    sync_to_disk(fresh)
    fresh.replace(file)
    sync_to_disk(file.parent)
