"""Write the arrays of derived products: one write a shard, in any order, a few planes in memory."""

from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import tensorstore as ts
from numpy.typing import NDArray

from parfocal.store._codec import Codec, inner_chunk, sharding
from parfocal.store._errors import StoreError
from parfocal.store._files import write_json

AXES = ("t", "c", "z", "y", "x")


def create_array(
    place: Path,
    shape: tuple[int, ...],
    dtype: "np.dtype[Any]",
    *,
    planes_a_shard: int = 1,
    codec: Codec = "lz4",
    attributes: dict[str, Any] | None = None,
) -> None:
    """Lay down the metadata of a TCZYX array whose shards hold whole planes along z."""
    height, width = shape[-2:]
    chunk_y, chunk_x = inner_chunk((height, width))
    outer = [ceil(height / chunk_y) * chunk_y, ceil(width / chunk_x) * chunk_x]
    document = {
        "zarr_format": 3,
        "node_type": "array",
        "shape": list(shape),
        "data_type": dtype.name,
        "chunk_grid": {
            "name": "regular",
            "configuration": {"chunk_shape": [1, 1, max(1, planes_a_shard), *outer]},
        },
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": 0.0 if dtype.kind == "f" else 0,
        "codecs": sharding((1, 1, 1, chunk_y, chunk_x), dtype, codec),
        "attributes": attributes or {},
        "dimension_names": list(AXES),
    }
    write_json(place / "zarr.json", document)


def open_array(place: Path, *, write: bool = False) -> Any:
    """The TensorStore handle of an array."""
    spec: dict[str, Any] = {
        "driver": "zarr3",
        "kvstore": {"driver": "file", "path": f"{place.as_posix()}/"},
        # the metadata are read anew when it is opened, since it may have grown
        "recheck_cached_metadata": "open",
    }
    if write:
        # a plane without any object was looked at; without this it is as if it never was
        spec["store_data_equal_to_fill_value"] = True
    context = ts.Context({"cache_pool": {"total_bytes_limit": 0}, "file_io_sync": False})
    try:
        return ts.open(spec, open=True, read=True, write=write, context=context).result()
    except ValueError as problem:
        raise StoreError(f"{place} cannot be opened: {problem}") from problem


def write_planes_at(
    array: Any, place: Path, index: tuple[int, int, int], planes: NDArray[Any]
) -> None:
    """Write planes of one t and c from a z on, as one transaction: each shard is written once."""
    t, c, z = index
    try:
        with ts.Transaction() as transaction:
            region = array.with_transaction(transaction)[t, c, z : z + len(planes)]
            region.write(planes).result()
    except (ValueError, IndexError) as problem:
        raise StoreError(f"{place} cannot be written: {problem}") from problem
