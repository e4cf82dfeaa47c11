"""What a user would write by hand to convert a Zarr v2 store or a TIFF, on the libraries alone."""

import ctypes
import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["CONVERTERS", "check_pixels", "installed", "sync_folder"]

SHARD = (16, 1, 1, 2048, 2048)
CHUNK = (1, 1, 1, 1024, 1024)


def with_zarr_python(kind: str, source: Path, target: Path) -> None:
    """Shard by shard into Zarr v3, zarr-python's own codecs and threads."""
    import zarr
    from zarr.codecs import BloscCodec

    pixels = _opened(kind, source)
    root = zarr.open_group(target, mode="w", zarr_format=3)
    array = root.create_array(
        "0",
        shape=pixels.shape,
        dtype=pixels.dtype,
        chunks=CHUNK,
        shards=SHARD,
        compressors=BloscCodec(cname="lz4", clevel=1, shuffle="bitshuffle"),
    )
    for start in range(0, pixels.shape[0], SHARD[0]):
        block = slice(start, start + SHARD[0])
        array[block] = np.asarray(pixels[block])


def with_ome_zarr(kind: str, source: Path, target: Path) -> None:
    """`ome_zarr.writer.write_image` of a lazy dask array, one level."""
    import dask.array as da
    from ome_zarr.writer import write_image

    pixels = _opened(kind, source)
    lazy = da.from_array(pixels, chunks=CHUNK)  # type: ignore[no-untyped-call] # dask's own
    options = {"chunks": CHUNK, "shards": SHARD}
    write_image(lazy, str(target), axes="tczyx", scale_factors=[], storage_options=options)


def with_ngff_zarr(kind: str, source: Path, target: Path) -> None:
    """ngff-zarr on a lazy dask array, one level; TensorStore writes, which is its faster way."""
    import dask.array as da
    import ngff_zarr

    lazy = da.from_array(_opened(kind, source), chunks=CHUNK)  # type: ignore[no-untyped-call] # dask's own
    chunks = dict(zip("tczyx", CHUNK, strict=True))
    image = ngff_zarr.to_ngff_image(lazy, dims=["t", "c", "z", "y", "x"])
    levels = ngff_zarr.to_multiscales(image, scale_factors=[], chunks=chunks)
    per_shard = {axis: whole // chunks[axis] for axis, whole in zip(chunks, SHARD, strict=True)}
    ngff_zarr.to_ngff_zarr(
        target, levels, version="0.5", use_tensorstore=True, chunks_per_shard=per_shard
    )


def with_bioio(_kind: str, source: Path, target: Path) -> None:
    """bioio: any image lazily through dask, and its own writer."""
    from bioio import BioImage
    from bioio_ome_zarr.writers import OMEZarrWriter
    from zarr.codecs import BloscCodec

    pixels = BioImage(source).get_image_dask_data("TCZYX")
    writer = OMEZarrWriter(
        str(target),
        pixels.shape,
        pixels.dtype,
        chunk_shape=CHUNK,
        shard_shape=SHARD,
        compressor=BloscCodec(cname="lz4", clevel=1, shuffle="bitshuffle"),
        axes_names=list("tczyx"),
    )
    writer.write_full_volume(pixels)


def _opened(kind: str, source: Path) -> Any:
    """t, c, z, y, x; nothing is read yet."""
    import tifffile
    import zarr

    if kind != "ingest-tiff":
        return zarr.open_array(source / "0", mode="r")
    mapped = tifffile.memmap(source, mode="r")
    return mapped.reshape(mapped.shape[0], 1, 1, *mapped.shape[1:])


def check_pixels(target: Path, frame: Any) -> None:
    """A peer that gives another picture is no peer."""
    import zarr

    members = zarr.open_group(target, mode="r").members(max_depth=None)
    array: Any = next(one for _, one in members if isinstance(one, zarr.Array))
    found = np.asarray(array[17, 0, 0])
    if not np.array_equal(found, frame):
        raise ValueError(f"{target} does not hold the frames that it was made of")


def installed() -> list[str]:
    """Of the peers those that are here: `pip install parfocal[peers]` brings all."""
    names = {name: name.replace("-", "_") for name in CONVERTERS} | {"zarr-python": "zarr"}
    return [name for name in CONVERTERS if importlib.util.find_spec(names[name]) is not None]


def sync_folder(folder: Path) -> None:
    """Have all of its file system on the disk."""
    if sys.platform != "linux":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        ctypes.CDLL(None).syncfs(descriptor)
    finally:
        os.close(descriptor)


CONVERTERS: dict[str, Callable[[str, Path, Path], None]] = {
    "zarr-python": with_zarr_python,
    "ome-zarr": with_ome_zarr,
    "ngff-zarr": with_ngff_zarr,
    "bioio": with_bioio,
}
