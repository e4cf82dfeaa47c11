"""Read the images of any OME-Zarr as t, c, z, y, x, whatever axes and version they have."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorstore as ts
from numpy.typing import NDArray

from parfocal.store._errors import StoreError
from parfocal.store._held import Held, held_planes
from parfocal.store._images import ImagePlace
from parfocal.store._info import origin_um, time_step
from parfocal.store._ngff import Image, read_ome
from parfocal.store._planes import PlaneState, States
from parfocal.store._spec import ChannelInfo
from parfocal.store._voxel_size import VoxelSize, resolve_voxel_size

Zyx = tuple[float, float, float]


@dataclass(slots=True)
class SourceImage:
    """One image, its array opened lazily; `planned` tells a missing plane from one not wanted."""

    place: ImagePlace
    name: str
    shape: tuple[int, int, int, int, int]
    dtype: "np.dtype[Any]"
    voxel: VoxelSize
    origin_um: Zyx
    time_step_s: float | None
    channels: tuple[ChannelInfo, ...]
    held: Held
    planned: Held
    depth_chunk: int
    _names: tuple[str, ...]
    _array: Any

    @property
    def voxel_um(self) -> Zyx:
        """z, y, x."""
        return self.voxel.z, self.voxel.y, self.voxel.x

    @property
    def itemsize(self) -> int:
        """Bytes of one pixel."""
        return self.dtype.itemsize

    def block(self, t: int, c: int, layers: slice, rows: slice) -> "Pending":
        """Begin to read a z, y, x block."""
        wanted = {"t": t, "c": c, "z": layers, "y": rows, "x": slice(None)}
        index = tuple(wanted[name] for name in self._names)
        kept = [name for name in self._names if name in "zyx"]
        return Pending(self._array[index].read(), kept, f"t={t} c={c} of {self.place.path or '/'}")


@dataclass(slots=True)
class Pending:
    """Pixels that are being read."""

    _future: Any
    _kept: Sequence[str]
    _what: str

    def result(self) -> NDArray[Any]:
        """The pixels as z, y, x."""
        try:
            pixels = np.asarray(self._future.result())
        except ValueError as problem:
            raise StoreError(f"the plane {self._what} cannot be read: {problem}") from problem
        ordered = pixels.transpose([self._kept.index(name) for name in "zyx" if name in self._kept])
        return ordered if len(self._kept) == 3 else ordered[None]


def open_source(
    root: Path, image: Image, place: ImagePlace, states: States | None, context: Any
) -> SourceImage:
    """Open an image; a StoreError says why it cannot be exported."""
    where = root / image.path
    names = tuple(axis.name for axis in image.axes)
    level = image.levels[0] if image.levels else None
    if level is None or level.shape is None or level.dtype is None:
        raise StoreError(f"{where} has no full resolution to export")
    if not {"y", "x"} <= set(names) <= set("tczyx") or len(set(names)) != len(level.shape):
        raise StoreError(f"{where} has the axes {', '.join(names)}; only t, c, z, y, x are known")
    lengths = dict(zip(names, level.shape, strict=True))
    if 0 in level.shape:
        size = " × ".join(f"{name} {length}" for name, length in lengths.items())
        raise StoreError(f"{where} has no pixels to export: it is {size}")
    dtype = np.dtype(level.dtype)
    if dtype.kind not in "biuf":
        raise StoreError(f"{where} has pixels of type {dtype}; integers and floats can be exported")
    t, c, z, y, x = (lengths.get(name, 1) for name in "tczyx")
    held = held_planes(root, image)
    planned = np.ones_like(held)
    if states is not None:
        told = states[:, place.field][:, list(place.channels)] != PlaneState.UNPLANNED
        planned = told if told.shape == held.shape else planned
    array = _opened(where / level.path, context)
    if dtype.kind == "b":  # a mask; neither OME-TIFF nor a recording has such pixels
        dtype, array = np.dtype(np.uint8), ts.cast(array, ts.uint8)
    chunk = dict(zip(names, array.chunk_layout.read_chunk.shape, strict=True))
    return SourceImage(
        place=place,
        name=image.name,
        shape=(t, c, z, y, x),
        dtype=dtype,
        voxel=resolve_voxel_size(root, image.path or None),
        origin_um=origin_um(image),
        time_step_s=time_step(image),
        channels=channel_infos(where, c),
        held=held,
        planned=planned | held,
        depth_chunk=min(z, int(chunk.get("z") or 1)),
        _names=names,
        _array=array,
    )


def _opened(array: Path, context: Any) -> Any:
    driver = "zarr3" if (array / "zarr.json").is_file() else "zarr"
    spec = {"driver": driver, "kvstore": {"driver": "file", "path": f"{array.as_posix()}/"}}
    try:
        return ts.open(spec, open=True, read=True, context=context).result()
    except ValueError as problem:
        raise StoreError(f"{array} cannot be opened: {problem}") from problem


def channel_infos(group: Path, count: int) -> tuple[ChannelInfo, ...]:
    """What `omero` says of the channels, and a name for each of which it says none."""
    omero = read_ome(group).get("omero")
    entries = omero.get("channels", []) if isinstance(omero, dict) else []
    found = []
    for number in range(count):
        entry = entries[number] if number < len(entries) else {}
        entry = entry if isinstance(entry, dict) else {}
        color, window = entry.get("color"), entry.get("window")
        found.append(
            ChannelInfo(
                str(entry.get("label") or f"channel {number}"),
                color if isinstance(color, str) and len(color.lstrip("#")) == 6 else None,
                _window(window) if isinstance(window, dict) else None,
            )
        )
    return tuple(found)


def _window(window: dict[str, Any]) -> tuple[float, float] | None:
    start, end = window.get("start"), window.get("end")
    if not isinstance(start, int | float) or not isinstance(end, int | float):
        return None
    return (float(start), float(end)) if start < end else None
