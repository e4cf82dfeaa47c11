"""Assemble planes into shard-shaped buffers, from a pool that never grows past its limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.store._frame_checksum import extended_checksum
from parfocal.store._geometry import Geometry, ShardKey
from parfocal.store._shard_planning import pool_bytes
from parfocal.store._spec import Index

# Rows are summed and copied together: half of a processor's cache of the second level, or more
BAND_BYTES = 2**20
WARM_BYTES = 256 * 2**20
WARM_BUFFERS = 1024  # 256 MB of single pixels were four million arrays, which took 1.1 GB


class BufferPool:
    """Shard buffers, made when first needed and used again once their shard is on the disk.

    Cameras of different size have buffers of different size; they share the limit in bytes.
    """

    def __init__(self, geometries: Sequence[Geometry], budget_bytes: int) -> None:
        self.limit_bytes = pool_bytes(geometries, budget_bytes)
        self.used_bytes = 0
        self._free: dict[Geometry, list[NDArray[Any]]] = {each: [] for each in geometries}

    @property
    def room_bytes(self) -> int:
        """How much more can be taken now."""
        return self.limit_bytes - self.used_bytes

    def warm(self, planes: Mapping[Geometry, int]) -> None:
        """Make the first buffers and touch all their pages, before the camera is in a hurry.

        Into fresh memory a frame of 1024² took the camera's thread 0.9 ms to copy, into touched
        memory 0.3 ms.
        """
        share = min(self.limit_bytes, WARM_BYTES) // len(self._free)
        for geometry, free in self._free.items():
            each = geometry.buffer_bytes
            wanted = ceil(planes[geometry] / geometry.slots)
            for _ in range(min(share // each, wanted, WARM_BUFFERS)):
                buffer = _make(geometry)
                buffer.fill(0)
                free.append(buffer)

    def take(self, geometry: Geometry) -> NDArray[Any]:
        """A buffer; ask for room first."""
        self.used_bytes += geometry.buffer_bytes
        if self._free[geometry]:
            # the one used last is the one most likely still in the processor's cache
            return self._free[geometry].pop()
        self._forget_others()
        return _make(geometry)

    def give_back(self, geometry: Geometry, buffer: NDArray[Any]) -> None:
        """Return a buffer that nobody reads any more."""
        self.used_bytes -= geometry.buffer_bytes
        self._free[geometry].append(buffer)

    def release(self) -> None:
        """Free the memory."""
        for free in self._free.values():
            free.clear()

    def _forget_others(self) -> None:
        """Free buffers of another camera, when keeping them would take more than the limit."""
        kept = {each: len(free) * each.buffer_bytes for each, free in self._free.items()}
        for geometry, free in self._free.items():
            while free and self.used_bytes + sum(kept.values()) > self.limit_bytes:
                free.pop()
                kept[geometry] -= geometry.buffer_bytes


def _make(geometry: Geometry) -> NDArray[Any]:
    return np.empty(geometry.buffer_shape, dtype=geometry.dtype)


@dataclass(slots=True, eq=False)
class Shard:
    """One shard being assembled or written: its buffer and what lies in it."""

    key: ShardKey
    geometry: Geometry
    buffer: NDArray[Any]
    opened: float = field(default_factory=monotonic)
    touched: float = field(default_factory=monotonic)
    planes: dict[int, Index] = field(default_factory=dict)
    frames: list[Mapping[str, Any]] = field(default_factory=list)
    copying: int = 0
    readers: int = 0
    sealed: bool = False


def copy_into(buffer: NDArray[Any], slot: int, plane: NDArray[Any]) -> int:
    """Copy a plane into a slot, tile by tile; returns the checksum of the pixels that came.

    A band of rows is summed and then copied, since it is in the processor's cache by then: 8 MB
    took the camera's thread 1.9 ms, and 2.3 ms in two passes.
    """
    tiles = buffer[slot]
    _, columns, chunk_y, chunk_x = tiles.shape
    height, width = plane.shape
    rows = max(1, BAND_BYTES // (width * plane.itemsize))
    checksum = 0
    for row, top in enumerate(range(0, height, chunk_y)):
        bottom = min(top + chunk_y, height)
        for first in range(top, bottom, rows):
            band = plane[first : min(first + rows, bottom)]
            checksum = extended_checksum(checksum, band)
            into = tiles[row, :, first - top : first - top + len(band)]
            for column in range(columns):
                piece = band[:, column * chunk_x : (column + 1) * chunk_x]
                into[column, :, : piece.shape[1]] = piece
    return checksum


def copy_out(buffer: NDArray[Any], slot: int, plane_shape: tuple[int, int]) -> NDArray[Any]:
    """A plane of a buffer, as an array of its own."""
    tiles = buffer[slot]
    rows, columns, chunk_y, chunk_x = tiles.shape
    plane = np.empty(plane_shape, dtype=buffer.dtype)
    for row in range(rows):
        for column in range(columns):
            piece = _piece(plane, row, column, chunk_y, chunk_x)
            piece[...] = tiles[row, column, : piece.shape[0], : piece.shape[1]]
    return plane


def _piece(plane: NDArray[Any], row: int, column: int, chunk_y: int, chunk_x: int) -> NDArray[Any]:
    top, left = row * chunk_y, column * chunk_x
    return plane[top : top + chunk_y, left : left + chunk_x]
