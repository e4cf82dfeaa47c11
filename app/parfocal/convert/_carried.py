"""Plan arrays that are no images of the store: they keep their shape and are proven like pixels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from parfocal.convert._description import FoundCarried
from parfocal.convert._shards import InShards
from parfocal.convert._source import Encoded, Region, Source
from parfocal.store import array_document, chunk_codecs

__all__ = ["CarriedLayout", "CarriedPlan", "plan_carried"]

REASON = "it is no image; its values are taken over as they are"


@dataclass(frozen=True, slots=True)
class CarriedLayout:
    """A plain Zarr v3 array: each chunk is a file, so a chunk is a shard."""

    shape: tuple[int, ...]
    dtype: str
    shard: tuple[int, ...]
    codecs: tuple[Mapping[str, Any], ...]
    attributes: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """Its metadata."""
        fill = False if self.dtype == "bool" else 0
        return array_document(
            self.shape, self.dtype, self.shard, self.codecs, fill, self.attributes
        )


@dataclass(frozen=True, slots=True)
class CarriedPlan(InShards):
    """One array that is carried along; the engine treats it as it does an image's."""

    source: FoundCarried
    path: str
    layout: CarriedLayout
    action: Literal["transcode"] = "transcode"
    reason: str = REASON
    encoded: Encoded | None = None

    def region(self, block: tuple[slice, ...]) -> Region:
        """The same part of the source."""
        return block

    def ordered(self, pixels: NDArray[Any], _block: tuple[slice, ...]) -> NDArray[Any]:
        """As they are, in the target's type."""
        return np.asarray(pixels, self.layout.dtype, order="C")


def plan_carried(source: Source, found: FoundCarried) -> CarriedPlan:
    """Chunks as the source has them, encoded as those of a recording."""
    dtype = np.dtype(found.dtype)
    name = dtype.newbyteorder("<").name
    preferred = source.preferred_chunk(found.key)
    chunk = tuple(
        max(1, min(part, whole)) for part, whole in zip(preferred, found.shape, strict=True)
    )
    layout = CarriedLayout(
        found.shape, name, chunk, tuple(chunk_codecs(np.dtype(name))), found.attributes
    )
    return CarriedPlan(found, found.path, layout)
