"""Older stores as zarr-python writes them: one series for each way of encoding an array."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numcodecs
import numpy as np
import zarr

from parfocal.store import StoreReader

COMPRESSORS: dict[str, Any] = {
    "blosc-lz4": numcodecs.Blosc("lz4", 5, numcodecs.Blosc.SHUFFLE),
    "blosc-zstd": numcodecs.Blosc("zstd", 3, numcodecs.Blosc.BITSHUFFLE),
    "blosc-auto": numcodecs.Blosc("lz4", 5, numcodecs.Blosc.AUTOSHUFFLE),
    "zstd": numcodecs.Zstd(3),
    "gzip": numcodecs.GZip(3),
    "none": None,
    "zlib": numcodecs.Zlib(3),
    "lz4": numcodecs.LZ4(),
    "bz2": numcodecs.BZ2(1),
    "delta": numcodecs.Blosc("lz4", 5, numcodecs.Blosc.SHUFFLE),
}
REPACKED = ("blosc-lz4", "blosc-zstd", "blosc-auto", "zstd", "gzip", "none")
SHAPE, CHUNKS = (1, 2, 3, 20, 40), (1, 1, 2, 16, 32)
ABSENT = (slice(0, 1), slice(0, 1), slice(0, 2), slice(0, 16), slice(0, 32))


class Way(NamedTuple):
    """One way of encoding."""

    order: str
    endian: str
    compressor: str
    separator: str
    fill: float | None

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(f"{self.endian}f4" if self.fill != self.fill else f"{self.endian}u2")


def every_way() -> Iterator[Way]:
    """C and F order, both endians, each codec, both separators, each kind of fill value."""
    for order, endian, compressor, separator, fill in product(
        "CF", "<>", COMPRESSORS, "./", (0, 1, None, float("nan"))
    ):
        yield Way(order, endian, compressor, separator, fill)


def some_ways() -> list[Way]:
    """Each order, endian and codec together, with separators and fill values by turns."""
    ways = list(every_way())
    return [ways[8 * number + (number + number // 8) % 8] for number in range(len(ways) // 8)]


def axes_of(letters: str) -> list[dict[str, str]]:
    """NGFF's axes, space in µm."""
    kinds = {"t": "time", "c": "channel"}
    return [
        {"name": letter, "type": kinds[letter]}
        if letter in kinds
        else {"name": letter, "type": "space", "unit": "micrometer"}
        for letter in letters
    ]


def multiscales(letters: str, levels: int = 1, **more: Any) -> list[dict[str, Any]]:
    """NGFF 0.4 of some levels, voxels of 2 × 0.5 × 0.5 µm."""
    sizes = {"z": 2.0, "y": 0.5, "x": 0.5}
    datasets = []
    for number in range(levels):
        scale = [
            sizes.get(letter, 1.0) * (2**number if letter in "yx" else 1) for letter in letters
        ]
        start = [(2**number - 1) / 2 * 0.5 if letter in "yx" else 0.0 for letter in letters]
        transformations = [
            {"type": "scale", "scale": scale},
            {"type": "translation", "translation": start},
        ]
        datasets.append({"path": str(number), "coordinateTransformations": transformations})
    return [{"version": "0.4", "axes": axes_of(letters), "datasets": datasets, **more}]


def write_series(root: Path, ways: list[Way]) -> list[np.ndarray]:
    """A bioformats2raw store of one image a way, each with a chunk that is not there."""
    group = zarr.open_group(root, mode="w", zarr_format=2)
    group.attrs["bioformats2raw.layout"] = 3
    rng = np.random.default_rng(7)
    expected = []
    for number, way in enumerate(ways):
        data = rng.integers(0, 4000, SHAPE).astype(way.dtype)
        image = group.create_group(str(number))
        options: dict[str, Any] = {}
        if way.compressor == "delta":
            options["filters"] = [numcodecs.Delta(dtype=way.dtype)]
        array = image.create_array(
            "0",
            shape=SHAPE,
            dtype=way.dtype,
            chunks=CHUNKS,
            order=way.order,
            compressors=COMPRESSORS[way.compressor],
            fill_value=way.fill,
            chunk_key_encoding={"name": "v2", "separator": way.separator},
            **options,
        )
        array[:] = data
        (root / str(number) / "0" / way.separator.join("00000")).unlink()
        image.attrs["multiscales"] = multiscales("tczyx", name=f"series {number}")
        known = np.asarray(array[:])  # delta makes nan of all that follows a nan of the padding
        assert way.compressor == "delta" or np.array_equal(known[:, 1], data[:, 1])
        assert np.array_equal(known[ABSENT].ravel()[:1], [way.fill or 0], equal_nan=True)
        expected.append(known)
    return expected


def write_volume(root: Path, **options: Any) -> np.ndarray:
    """One image of NGFF 0.4 with enough chunks to be interrupted in."""
    data = np.random.default_rng(3).integers(0, 900, (6, 2, 8, 64, 64)).astype("<u2")
    group = zarr.open_group(root, mode="w", zarr_format=2)
    settings: dict[str, Any] = {"compressors": COMPRESSORS["blosc-lz4"], **options}
    array = group.create_array(
        "0",
        shape=data.shape,
        dtype=data.dtype,
        chunks=(1, 1, 4, 32, 32),
        chunk_key_encoding={"name": "v2", "separator": "/"},
        **settings,
    )
    array[:] = data
    group.attrs["multiscales"] = multiscales("tczyx", name="volume")
    return data


def pixels_of(store: Path, field: int = 0, level: int = 0) -> np.ndarray:
    """A field of a canonical store, as TensorStore reads it."""
    return np.asarray(StoreReader(store).array(field, level)[...].read().result())


def written(store: Path) -> dict[str, bytes]:
    """All of a store but the moments at which it was made."""
    found = {}
    for file in sorted(store.rglob("*")):
        if not file.is_file():
            continue
        name = file.relative_to(store).as_posix()
        raw = file.read_bytes()
        if name == "parfocal/run/zarr.json":
            record = json.loads(raw)["attributes"]["parfocal"]
            del record["started"], record["ended"]
            raw = json.dumps(record).encode()
        elif name.startswith("parfocal/provenance"):
            continue  # its hashes hold the time
        found[name] = raw
    return found


def write_ome_set(folder: Path, data: np.ndarray) -> list[Path]:
    """An OME-TIFF of one file a timepoint, as OME's own sets are: each names all the others."""
    import tifffile

    times, depth, height, width = data.shape
    files = [folder / f"t{t}.ome.tif" for t in range(times)]
    blocks = "".join(
        f'<TiffData FirstT="{t}" FirstZ="{z}" FirstC="0" IFD="{z}" PlaneCount="1">'
        f'<UUID FileName="{files[t].name}">urn:uuid:00000000-0000-0000-0000-00000000000{t}</UUID>'
        "</TiffData>"
        for t in range(times)
        for z in range(depth)
    )
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="{own}">'
        '<Image ID="Image:0" Name="set"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" '
        f'Type="uint16" SizeX="{width}" SizeY="{height}" SizeZ="{depth}" SizeC="1" '
        f'SizeT="{times}"><Channel ID="Channel:0:0" SamplesPerPixel="1"/>{blocks}</Pixels>'
        "</Image></OME>"
    )
    for t, file in enumerate(files):
        own = f"urn:uuid:00000000-0000-0000-0000-00000000000{t}"
        tifffile.imwrite(
            file,
            data[t],
            description=xml.replace("{own}", own),
            metadata=None,
            photometric="minisblack",
        )
    return files
