"""Know of every plane whether it is planned, buffered, stored or will not come."""

from enum import IntEnum
from math import prod
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import tensorstore as ts
from numpy.typing import NDArray

from parfocal.store._errors import StoreError
from parfocal.store._files import read_json, write_json
from parfocal.store._layout import PLANES
from parfocal.store._spec import Index

States: TypeAlias = NDArray[np.uint8]
STATES_A_CHUNK = 2**16


class PlaneState(IntEnum):
    """What is known of one plane. The numbers are stored, so they never change."""

    UNPLANNED = 0
    PLANNED = 1
    SKIPPED = 2
    STORED = 3
    BUFFERED = 4  # only in memory while recording


def name_frame(index: Index) -> str:
    """A frame as an error names it."""
    return "frame t={} p={} c={} z={}".format(*index)


def planned_states(extent: tuple[int, int, int, int], planned: "NDArray[np.int64]") -> States:
    """One number a plane, shaped t, p, c, z: planned or not."""
    states = np.full(extent, PlaneState.UNPLANNED, dtype=np.uint8)
    states[tuple(planned.T)] = PlaneState.PLANNED
    return states


def write_planes(root: Path, states: States) -> None:
    """Publish the states beside the pixels: a plane of zeros may be dark, missing or unplanned.

    They may have grown. Their shape is told by a rename after they are written, so that a kill
    leaves the old states or the new ones.
    """
    published = np.where(states == PlaneState.BUFFERED, PlaneState.PLANNED, states).astype(np.uint8)
    meanings = {state.name.lower(): int(state) for state in PlaneState if state < 4}
    metadata: dict[str, Any] = {
        "zarr_format": 3,
        "node_type": "array",
        "shape": list(states.shape),
        "data_type": "uint8",
        "chunk_grid": {
            "name": "regular",
            "configuration": {"chunk_shape": _chunk_shape(root, states.shape)},
        },
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": 0,
        "codecs": [
            {"name": "bytes"},
            {"name": "zstd", "configuration": {"level": 1, "checksum": False}},
            {"name": "crc32c"},
        ],
        "dimension_names": ["t", "p", "c", "z"],
        "attributes": {"parfocal": {"states": meanings}},
    }
    spec = {"driver": "zarr3", "kvstore": _kvstore(root), "metadata": metadata}
    # flushing is the caller's: TensorStore's own flush of every file took 6 of the 30 ms that
    # the end of a recording takes
    context = ts.Context({"file_io_sync": False, "file_io_concurrency": {"limit": 1}})
    array = ts.open(spec, open=True, assume_metadata=True, context=context).result()
    array.write(published).result()
    write_json(root / PLANES / "zarr.json", metadata)


def plane_files(root: Path) -> list[Path]:
    """The files of the published states, to be flushed."""
    return [file for file in sorted((root / PLANES).rglob("*")) if file.is_file()]


def _chunk_shape(root: Path, shape: tuple[int, ...]) -> list[int]:
    """One chunk, with room to grow along t; what is there already keeps its chunks."""
    file = root / PLANES / "zarr.json"
    if file.is_file():
        told = read_json(file)["chunk_grid"]["configuration"]["chunk_shape"]
        return [int(length) for length in told]
    timepoints, *others = (max(1, length) for length in shape)
    return [max(timepoints, STATES_A_CHUNK // prod(others)), *others]


def read_planes(root: Path) -> States | None:
    """The published states; None when the store has none."""
    if not (root / PLANES / "zarr.json").is_file():
        return None
    try:
        array = ts.open({"driver": "zarr3", "kvstore": _kvstore(root)}, read=True).result()
        states: States = array.read().result()
    except ValueError as problem:
        raise StoreError(f"{root / PLANES} cannot be read: {problem}") from problem
    return states


def _kvstore(root: Path) -> dict[str, str]:
    return {"driver": "file", "path": f"{(root / PLANES).as_posix()}/"}
