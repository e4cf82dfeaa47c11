"""Write out the metadata of a Zarr v3 array."""

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["array_document"]


def array_document(
    shape: Sequence[int],
    dtype: str,
    chunk: Sequence[int],
    codecs: Sequence[Mapping[str, Any]],
    fill_value: Any,
    attributes: Mapping[str, Any],
) -> dict[str, Any]:
    """The object in its zarr.json; `chunk` is what one file holds, a shard where there are any."""
    return {
        "zarr_format": 3,
        "node_type": "array",
        "shape": list(shape),
        "data_type": dtype,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(chunk)}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": fill_value,
        "codecs": [dict(codec) for codec in codecs],
        "attributes": dict(attributes),
    }
