"""Write the same frames with Parfocal and with its peers, each from start to closed files."""

import importlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from parfocal import ParfocalError
from parfocal.store import ChannelInfo, FieldInfo, Recording, RecordingSpec

Frames: TypeAlias = NDArray[np.uint16]
BUDGET = 2**29
# as many as Parfocal gives to TensorStore: the cores and one more, at least two
ENCODERS = max(2, (os.cpu_count() or 2) + 1)
CHUNK = 1024
LEVEL, BITSHUFFLE = 1, 2


def recording_spec(count: int, shape: tuple[int, int]) -> RecordingSpec:
    """One field, one channel, `count` timepoints as fast as they come."""
    planned = [(t, 0, 0, 0) for t in range(count)]
    fields, channels = [FieldInfo("bench")], [ChannelInfo("bench")]
    return RecordingSpec("bench", fields, channels, planned, [0.0] * count, shape, np.uint16)


def write_parfocal(folder: Path, bank: Frames, count: int, _frames_a_shard: int) -> None:
    """The recording writer as a run uses it, but for the flush to the disk, which no peer does."""
    spec = recording_spec(count, bank.shape[1:])
    recording = Recording.create(
        folder / "ours.ome.zarr", spec, budget_bytes=BUDGET, checkpoint_s=None
    )
    for t in range(count):
        recording.put((t, 0, 0, 0), bank[t % len(bank)])
    recording.close()


def write_acquire_zarr(folder: Path, bank: Frames, count: int, frames_a_shard: int) -> None:
    """acquire-zarr's stream."""
    az = _peer("acquire_zarr")
    _, height, width = bank.shape
    sizes = (
        ("t", az.DimensionType.TIME, 0, 1, frames_a_shard),
        ("y", az.DimensionType.SPACE, height, CHUNK, -(-height // CHUNK)),
        ("x", az.DimensionType.SPACE, width, CHUNK, -(-width // CHUNK)),
    )
    dimensions = [
        az.Dimension(
            name=name, kind=kind, array_size_px=size, chunk_size_px=chunk, shard_size_chunks=shard
        )
        for name, kind, size, chunk, shard in sizes
    ]
    compression = az.CompressionSettings(
        compressor=az.Compressor.BLOSC1,
        codec=az.CompressionCodec.BLOSC_LZ4,
        level=LEVEL,
        shuffle=BITSHUFFLE,
    )
    array = az.ArraySettings(
        dimensions=dimensions, data_type=az.DataType.UINT16, compression=compression
    )
    settings = az.StreamSettings(
        arrays=[array], store_path=str(folder / "acquire.zarr"), max_threads=ENCODERS
    )
    stream = az.ZarrStream(settings)
    for t in range(count):
        stream.append(bank[t % len(bank)])
    stream.close()


def write_ome_writers(folder: Path, bank: Frames, count: int, frames_a_shard: int) -> None:
    """ome-writers over TensorStore; its codec settings and thread limits are its own."""
    ow = _peer("ome_writers")
    _, height, width = bank.shape
    sizes = (
        ("t", "time", count, 1, frames_a_shard),
        ("y", "space", height, CHUNK, -(-height // CHUNK)),
        ("x", "space", width, CHUNK, -(-width // CHUNK)),
    )
    dimensions = [
        ow.Dimension(name=name, type=kind, count=size, chunk_size=chunk, shard_size_chunks=shard)
        for name, kind, size, chunk, shard in sizes
    ]
    settings = ow.AcquisitionSettings(
        root_path=str(folder / "peer"),
        dimensions=dimensions,
        dtype="uint16",
        compression="blosc-lz4",
        format=ow.OmeZarrFormat(backend="tensorstore"),
    )
    with ow.create_stream(settings) as stream:
        for t in range(count):
            stream.append(bank[t % len(bank)])


def copy_and_encode(_folder: Path, bank: Frames, count: int, frames_a_shard: int) -> None:
    """A memory copy and the codec alone, on as many threads; nothing is written."""
    blosc = _peer("numcodecs.blosc")
    _, height, width = bank.shape
    tiles = (height // CHUNK, width // CHUNK)
    buffer = np.empty((2 * frames_a_shard, *tiles, CHUNK, CHUNK), dtype=np.uint16)
    waiting: dict[int, Sequence[Future[Any]]] = {}
    with ThreadPoolExecutor(ENCODERS) as pool:
        for t in range(count):
            slot = t % len(buffer)
            for encoded in waiting.pop(slot, ()):
                encoded.result()
            plane = bank[t % len(bank)].reshape(tiles[0], CHUNK, tiles[1], CHUNK)
            np.copyto(buffer[slot], plane.transpose(0, 2, 1, 3))
            waiting[slot] = [
                pool.submit(blosc.compress, tile, b"lz4", LEVEL, BITSHUFFLE)
                for row in buffer[slot]
                for tile in row
            ]


Writer: TypeAlias = Callable[[Path, Frames, int, int], None]
WRITERS: dict[str, Writer] = {
    "parfocal": write_parfocal,
    "acquire-zarr": write_acquire_zarr,
    "ome-writers": write_ome_writers,
    "copy-and-encode": copy_and_encode,
}


def _peer(name: str) -> Any:
    try:
        module: Any = importlib.import_module(name)
    except ImportError as absent:
        package = name.split(".")[0].replace("_", "-")
        raise ParfocalError(
            f"the peer {package} is not installed: pip install 'parfocal[bench]'"
        ) from absent
    if name == "numcodecs.blosc":
        module.use_threads = False  # one thread a call, as TensorStore does
    return module
