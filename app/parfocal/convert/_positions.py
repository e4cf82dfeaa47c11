"""Make fields of an axis of positions (`p`), which the canonical store does not have."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from parfocal.convert._corrected import corrected
from parfocal.convert._description import Found, FoundArray, FoundImage
from parfocal.convert._errors import ConvertError
from parfocal.convert._source import Encoded, Region, Source, Wishes

__all__ = ["Positions"]

MARK = "?p="


class Positions:
    """Any source, its arrays with a `p` seen one position at a time: `data?p=3`.

    Chunks that are 1 long along p can be taken over as they are; others hold several positions
    and are decoded.
    """

    def __init__(self, inner: Source, wishes: Wishes, unused: Sequence[str] = ()) -> None:
        self.inner = inner
        self._unused = unused
        self._wishes = wishes
        self.path: Path = inner.path
        self._axes: dict[str, str] = {}

    def describe(self) -> Found:
        """The same with one image for each position, and as a person corrected it."""
        found = self._calibrated(self.inner.describe())
        images = tuple(one for image in found.images for one in self._split(image))
        warnings = (*self._unused, *found.warnings)
        return corrected(replace(found, images=images, warnings=warnings), self._wishes)

    def identity(self) -> str:
        """That of the source."""
        return self.inner.identity()

    def encoded(self, key: str) -> Encoded | str:
        """Without p, where a chunk holds no more than one."""
        whole, place = self._place(key)
        told = self.inner.encoded(whole)
        if place is None or isinstance(told, str):
            return told
        axis, _ = place
        if told.chunk[axis] != 1:
            return f"its chunks hold {told.chunk[axis]} positions"
        order = tuple(n - (n > axis) for n in told.stored_order if n != axis)
        return replace(told, chunk=_without(told.chunk, axis), stored_order=order)

    def chunk(self, key: str, position: tuple[int, ...]) -> bytes | None:
        """A chunk as it is stored."""
        whole, place = self._place(key)
        if place is not None:
            axis, number = place
            position = (*position[:axis], number, *position[axis:])
        return self.inner.chunk(whole, position)

    def read(self, key: str, region: Region) -> NDArray[Any]:
        """Decoded pixels of one position."""
        whole, place = self._place(key)
        if place is None:
            return self.inner.read(whole, region)
        axis, number = place
        wide = (*region[:axis], slice(number, number + 1), *region[axis:])
        return self.inner.read(whole, wide).squeeze(axis)

    def preferred_chunk(self, key: str) -> tuple[int, ...]:
        """What is decoded at once."""
        whole, place = self._place(key)
        chunk = self.inner.preferred_chunk(whole)
        return chunk if place is None else _without(chunk, place[0])

    def whole_axes(self, level: FoundArray) -> str:
        """The axes of a level as the source has them, with its p."""
        whole, mark, _ = level.key.rpartition(MARK)
        return self._axes.get(whole, level.axes) if mark else level.axes

    def close(self) -> None:
        """Let go of the source's files."""
        self.inner.close()

    def _calibrated(self, found: Found) -> Found:
        """Says so when a person's map of the stage has nothing to act on."""
        axes = self._wishes.stage_axes
        if axes is None or found.calibration == axes:
            return found
        moved = f"{self.path} does not say where the stage stood: {axes} moves nothing"
        return replace(found, calibration=axes, warnings=(*found.warnings, moved))

    def _place(self, key: str) -> tuple[str, tuple[int, int] | None]:
        """The source's own key; which of its axes is p, and where on it."""
        whole, mark, number = key.rpartition(MARK)
        if not mark or whole not in self._axes:
            return key, None
        return whole, (self._axes[whole].index("p"), int(number))

    def _split(self, image: FoundImage) -> Iterator[FoundImage]:
        first = image.levels[0]
        if "p" not in first.axes:
            yield image
            return
        count = first.shape[first.axes.index("p")]
        for number in range(count):
            name, origin = image.name, image.origin_um
            if count > 1:
                name = f"position {number}"
            if number < len(image.positions):
                name, origin = image.positions[number]
            levels = tuple(self._one(level, number, count) for level in image.levels)
            yield replace(
                image,
                path=f"{image.path}{MARK}{number}",
                name=name,
                origin_um=origin,
                levels=levels,
            )

    def _one(self, level: FoundArray, number: int, count: int) -> FoundArray:
        """A level at one position."""
        axis = level.axes.find("p")
        if axis < 0 or level.shape[axis] != count:
            raise ConvertError(
                f"the level {level.key} of {self.path} lacks some of {count} positions"
            )
        self._axes[level.key] = level.axes
        return replace(
            level,
            key=f"{level.key}{MARK}{number}",
            axes=level.axes.replace("p", ""),
            shape=_without(level.shape, axis),
        )


def _without(lengths: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return (*lengths[:axis], *lengths[axis + 1 :])
