"""What the microscope hands on: here you may name a frame and carry its pixels, nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Frame", "FrameTag"]


class FrameTag(NamedTuple):
    """Where a frame belongs. The feed puts it in `MDAEvent.metadata["parfocal"]`."""

    # t, p, c, z
    index: tuple[int, int, int, int]  # type: ignore[assignment]  # hides tuple.index: never searched
    kind: str  # "imaging", "reference", "stimulation"
    event: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class Frame:
    """One plane as the camera gave it, with the tag it was asked for under."""

    tag: FrameTag
    pixels: NDArray[np.generic]
    metadata: Mapping[str, Any]

    @property
    def index(self) -> tuple[int, int, int, int]:
        return self.tag.index

    @property
    def kind(self) -> str:
        return self.tag.kind
