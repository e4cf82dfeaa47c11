"""Write products as one OME-TIFF, a series each."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from parfocal import __version__
from parfocal.store._errors import StoreError
from parfocal.store._product import TILE, Product
from parfocal.store._progress import Course

# A classic TIFF counts bytes in 32 bit; what is no pixel needs some room too
LARGEST_CLASSIC = 2**32 - 2**26
# the place of each plane costs 150 bytes of XML, which every reader parses before the first pixel
MOST_PLACED_PLANES = 20_000
PIXEL_TYPES = ("int8", "int16", "int32", "uint8", "uint16", "uint32", "float32", "float64")


def write_tiff(file: Path, products: Sequence[Product], course: Course) -> None:
    """Write all of it to `file`, which does not exist yet."""
    for product in products:
        if product.source.dtype.name not in PIXEL_TYPES:
            raise StoreError(
                f"OME-TIFF knows no pixels of type {product.source.dtype.name}; "
                "export to an .ome.zarr instead"
            )
    total = sum(int(np.prod(p.shape, dtype=np.int64)) * p.source.itemsize for p in products)
    with tifffile.TiffWriter(file, bigtiff=total > LARGEST_CLASSIC, ome=True) as writer:
        for number, product in enumerate(products, 1):
            course.say(f"image {number} of {len(products)}")
            whole = product.band_rows >= product.shape[-2]
            writer.write(
                _planes(product, course) if whole else _tiles(product, course),
                shape=product.shape,
                dtype=product.source.dtype,
                photometric="minisblack",
                tile=None if whole else (TILE, TILE),
                software=f"Parfocal {__version__}",
                metadata=_metadata(product),
            )


def _planes(product: Product, course: Course) -> Iterator[NDArray[Any]]:
    for place in np.ndindex(product.shape[:3]):
        yield product.plane(place, course)


def _tiles(product: Product, course: Course) -> Iterator[NDArray[Any]]:
    """Tile by tile, left to right and down; those at an edge are filled up with zeros."""
    for place in np.ndindex(product.shape[:3]):
        for band in product.bands(place, course):
            for top in range(0, band.shape[0], TILE):
                for left in range(0, band.shape[1], TILE):
                    part = band[top : top + TILE, left : left + TILE]
                    tile = np.zeros((TILE, TILE), band.dtype)
                    tile[: part.shape[0], : part.shape[1]] = part
                    yield tile


def _metadata(product: Product) -> dict[str, Any]:
    """What OME-XML says of the image: lengths in µm, times in seconds."""
    z, y, x = product.voxel_um
    metadata: dict[str, Any] = {
        "axes": "TCZYX",
        "Name": product.source.name or product.source.place.path,
        "Description": product.description,
        "PhysicalSizeX": x,
        "PhysicalSizeXUnit": "µm",
        "PhysicalSizeY": y,
        "PhysicalSizeYUnit": "µm",
        "PhysicalSizeZ": z,
        "PhysicalSizeZUnit": "µm",
        "Channel": {
            "Name": [channel.name for channel in product.channels],
            "Color": [_color(channel.color) for channel in product.channels],
        },
    }
    if product.source.time_step_s:
        metadata["TimeIncrement"] = product.source.time_step_s
        metadata["TimeIncrementUnit"] = "s"
    times, channels, depth, height, width = product.shape
    count = times * channels * depth
    if count <= MOST_PLACED_PLANES:
        z0, y0, x0 = product.origin_um
        # OME's place of a plane is the stage's, which stands at the middle of the picture
        y0, x0 = y0 + (height - 1) / 2 * y, x0 + (width - 1) / 2 * x
        metadata["Plane"] = {
            "PositionX": [x0] * count,
            "PositionXUnit": ["µm"] * count,
            "PositionY": [y0] * count,
            "PositionYUnit": ["µm"] * count,
            "PositionZ": [z0 + layer * z for layer in range(depth)] * (times * channels),
            "PositionZUnit": ["µm"] * count,
        }
    return metadata


def _color(digits: str | None) -> int:
    """RRGGBB as the signed 32 bit RGBA of OME; white where none was chosen."""
    try:
        value = int((digits or "FFFFFF").lstrip("#"), 16)
    except ValueError:
        value = 0xFFFFFF
    rgba = value << 8 | 0xFF
    return rgba - 2**32 if rgba >= 2**31 else rgba
