"""Record stores that have something to make levels of, and make the levels with NumPy."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from store_recordings import grid, plane_of, spec_of

from parfocal.store import Index, Recording, StoreReader
from parfocal.store._downsample import downsample
from parfocal.store._present import present_planes

LARGE = (500, 401)


def recorded(
    path: Path,
    planned: list[Index] | None = None,
    *,
    missing: tuple[Index, ...] = (),
    dark: tuple[Index, ...] = (),
    shape: tuple[int, int] = LARGE,
    dtype: str = "uint16",
    **others: Any,
) -> Path:
    """A completed recording; `missing` planes never came and `dark` ones are all zero."""
    planned = grid(t=2, p=2, c=2, z=3) if planned is None else planned
    spec = spec_of(planned, shape=shape, dtype=dtype, **others)
    recording = Recording.create(path, spec, checkpoint_s=None)
    for index in planned:
        if index in dark:
            recording.put(index, np.zeros(shape, dtype))
        elif index not in missing:
            recording.put(index, plane_of(index, shape, dtype))
    recording.close()
    return path


def level(path: Path, field: int, number: int) -> tuple[np.ndarray, np.ndarray]:
    """The pixels (t, c, z, y, x) of a level, and which of its planes are there."""
    reader = StoreReader(path)
    array = path / reader.info.field_paths[field] / str(number)
    return np.asarray(reader.array(field, number).read().result()), present_planes(array)


def coarser_with_numpy(
    pixels: np.ndarray, held: np.ndarray, step: tuple[int, int, int], method: str
) -> tuple[np.ndarray, np.ndarray]:
    """The next level of a whole array in memory; a plane that is not there is not averaged."""
    layers = -(-pixels.shape[2] // step[0])
    planes, there = [], np.zeros((*pixels.shape[:2], layers), bool)
    for t, c, z in np.ndindex(*there.shape):
        below = range(z * step[0], min((z + 1) * step[0], pixels.shape[2]))
        kept = [layer for layer in below if held[t, c, layer]]
        if method == "stride":
            kept = [layer for layer in kept if layer == z * step[0]]
        there[t, c, z] = bool(kept)
        stack = [pixels[t, c, layer] for layer in kept] or [np.zeros_like(pixels[0, 0, 0])]
        planes.append(downsample(stack, step[1:], method))
    return np.stack(planes).reshape(*there.shape, *planes[0].shape), there


def multiscale(path: Path, image: str = "A/1/0") -> dict[str, Any]:
    document = json.loads((path / image / "zarr.json").read_text())
    return dict(document["attributes"]["ome"]["multiscales"][0])


def tree(path: Path) -> dict[str, str]:
    """Every file but the history, which tells the time, and the hash of its bytes."""
    return {
        file.relative_to(path).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.parent.name != "provenance"
    }
