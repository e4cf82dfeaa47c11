"""Ask any source the same: what it holds, a region of it, and its chunks as they are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from parfocal.convert._description import Found, Zyx
from parfocal.store import Codec, StageAxisMap

__all__ = ["Encoded", "Open", "Region", "Source", "Wishes"]

Region = tuple[slice, ...]
"""A part of an array, in the source's own order of axes."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person says of a source, or corrects."""

    array: str | None = None
    axes: str | None = None
    voxel_um: Zyx | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    stage_axes: StageAxisMap | None = None
    """Along which axes of the stage those of the image run, when positions are the stage's."""
    codec: Codec = "lz4"
    """With which chunks are compressed that cannot be taken over as they are."""
    shard_bytes: int | None = None
    """Of pixels in a shard, at most, as far as whole chunks allow."""

    def as_json(self) -> dict[str, Any]:
        """Return them as a JSON object."""
        told = asdict(self)
        told["stage_axes"] = None if self.stage_axes is None else str(self.stage_axes)
        options = told["options"]
        if "data_folder" in options:
            options["data_folder"] = str(options["data_folder"])
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Wishes":
        """Read what `as_json` made; what is not there is not wished for."""
        options = dict(told.get("options") or {})
        if "positions" in options:
            options["positions"] = {
                name: _three(place) for name, place in options["positions"].items()
            }
        if "leave_out" in options:
            options["leave_out"] = tuple(options["leave_out"])
        voxel, axes = told.get("voxel_um"), told.get("stage_axes")
        return cls(
            told.get("array"),
            told.get("axes"),
            None if voxel is None else _three(voxel),
            options,
            None if axes is None else StageAxisMap.parse(axes),
            told.get("codec") or "lz4",
            told.get("shard_bytes"),
        )


@dataclass(frozen=True, slots=True)
class Encoded:
    """How the chunks of an array are stored, when they can be taken over without decoding them.

    `chunk` is in the order of the source's axes, `stored_order` says in which order of them a
    chunk's pixels lie (C order: as they are; F order: backwards).
    """

    chunk: tuple[int, ...]
    stored_order: tuple[int, ...]
    big_endian: bool
    codecs: tuple[Mapping[str, Any], ...]
    """From bytes to bytes, in Zarr v3's words; none when chunks are raw."""
    fill_value: Any
    checksummed: bool = False
    """Whether a chunk ends with a crc32c already."""


class Opened(Protocol):
    """As much as has to be known of an array."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> "np.dtype[Any]": ...


Open = Callable[[str], Opened]
"""The array of Zarr at a path."""


class Source(Protocol):
    """One thing that was opened for reading; it is never written to."""

    path: Path

    def describe(self) -> Found:
        """What it holds; asked once."""

    def identity(self) -> str:
        """Another text when anything that would be read has changed; cheap."""

    def encoded(self, key: str) -> Encoded | str:
        """How an array's chunks are stored, or in words why they must be decoded."""

    def chunk(self, key: str, position: tuple[int, ...]) -> bytes | None:
        """A chunk as it is stored; None for one that is not there. Raises ConvertError for one
        that cannot be a chunk of this array."""

    def read(self, key: str, region: Region) -> NDArray[Any]:
        """Decoded pixels. Raises ConvertError, naming the place, when they cannot be read."""

    def preferred_chunk(self, key: str) -> tuple[int, ...]:
        """What is decoded at once: reading whole multiples of it decodes nothing twice."""

    def close(self) -> None:
        """Let go of its files."""


def _three(value: Sequence[float]) -> Zyx:
    z, y, x = value
    return float(z), float(y), float(x)
