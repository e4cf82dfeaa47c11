"""Take part in a conversion: hold it between two blocks, and see its pixels as they pass by."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from parfocal.convert._blocks import Region5, chunks_of
from parfocal.convert._errors import ConvertError
from parfocal.convert._plan import ArrayPlan, ConversionPlan, Planned
from parfocal.convert._target import Target

__all__ = ["ALONE", "Beside", "Onlooker"]


class Onlooker(Protocol):
    """Sees every pixel that is decoded exactly once, in pieces and in no order; what is taken over
    without being decoded it does not see. Many threads call it at once."""

    def begin(self, plan: ConversionPlan) -> None:
        """This is what will pass by."""

    def follows(self, path: str) -> bool:
        """Whether it wants to see this array."""

    def see(self, path: str, place: Region5, pixels: NDArray[Any]) -> None:
        """A part of an array; the pixels are somebody else's afterwards."""


def _nothing() -> None:
    """Go on."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What goes on beside the shards. `between` is called before each block by the thread that does
    it: it may wait, and what it raises ends the work. Where shards are `flushed` one by one, the
    disk has little left to write when it does: a system holds gigabytes back, and a microscope that
    began just then shared its disk with them for seconds."""

    between: Callable[[], object] = _nothing
    onlooker: Onlooker | None = None
    flushed: bool = False

    def shows(self, array: Planned) -> bool:
        """Whether somebody looks at this array."""
        if not isinstance(array, ArrayPlan) or array.action != "transcode":
            return False
        return self.onlooker is not None and self.onlooker.follows(array.path)

    def show(self, array: ArrayPlan, place: Region5, tile: NDArray[Any]) -> None:
        """Let it be seen, as far as the array reaches."""
        if self.onlooker is not None:
            within = tuple(slice(part.stop - part.start) for part in place)
            self.onlooker.see(array.path, place, tile[within])

    def show_again(self, array: Planned, shard: tuple[int, ...], root: Path) -> None:
        """What an earlier call has done is read again, from the new store, for whoever looks."""
        if not isinstance(array, ArrayPlan) or not self.shows(array):
            return
        opened = Target(root).array(array.path)
        for block in array.blocks(shard):
            self.between()
            try:
                pixels = np.asarray(opened[block].read().result())
            except ValueError as problem:
                first = str(problem).splitlines()[0][:300]
                raise ConvertError(f"{root / array.path} cannot be read: {first}") from problem
            for chunk in chunks_of(array.layout, shard, block):
                self.show(array, chunk.place, pixels[chunk.within])


ALONE = Beside()
"""Nobody waits, and nobody looks."""
