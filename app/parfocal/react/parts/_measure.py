"""Measure cells: their shape, their brightness, and the ratio of a ring around a nucleus to it."""

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from parfocal.react._errors import ReactError
from parfocal.react._seen import Cells, Seen, Table
from parfocal.react.parts._part import PIXELS, Part

__all__ = ["Intensity", "RingRatio", "Shape"]


ONE_CELL = Cells(
    np.pad(np.ones((6, 8), np.int32), 8),
    {"label": np.array([1]), "y": np.array([10.5]), "x": np.array([11.5]), "area": np.array([48])},
)
"""What parts are tried on before a run, so that the first picture finds them warm."""


class Shape(Part):
    """Eccentricity, solidity, and the axes of the ellipse that fits best."""

    def prewarm(self) -> None:
        """Import scikit-image's measures, and take them once."""
        self.measure(ONE_CELL, Seen(0, 0, (22, 24)))

    def measure(self, cells: Cells, seen: Seen) -> Table:
        from skimage.measure import regionprops_table

        wanted = ("eccentricity", "solidity", "axis_major_length", "axis_minor_length")
        found = regionprops_table(cells.labels, properties=(*wanted, "orientation"))
        return {name: np.asarray(column, dtype=float) for name, column in found.items()}


class Intensity(Part):
    """The mean brightness of each cell in each channel, or in those that are named."""

    channels: tuple[str, ...] = ()
    """Those that are measured; none named is every one that is imaged."""

    def measure(self, cells: Cells, seen: Seen) -> Table:
        return {
            f"mean_{name}": means(channel(seen, name), cells)
            for name in self.channels or tuple(seen.channels)
        }


class RingRatio(Part):
    """Brightness of a ring around each nucleus over that of the nucleus, for reporters that move
    between the two."""

    channel: str
    """The channel of the reporter."""
    gap: Annotated[int, Field(ge=0, le=100), PIXELS] = 1
    """Pixels between nucleus and ring."""
    width: Annotated[int, Field(ge=1, le=100), PIXELS] = 4
    """Pixels of the ring."""

    def prewarm(self) -> None:
        """Import scikit-image's way to make rings, and use it once."""
        picture = ONE_CELL.labels.astype(np.uint16)
        self.measure(ONE_CELL, Seen(0, 0, picture.shape, {self.channel: picture}))

    def measure(self, cells: Cells, seen: Seen) -> Table:
        from skimage.segmentation import expand_labels

        picture = channel(seen, self.channel)
        near = expand_labels(cells.labels, self.gap) if self.gap else cells.labels
        far = expand_labels(cells.labels, self.gap + self.width)
        ring = np.where(near == 0, far, 0).astype(np.int32)
        dark = float(np.median(picture[far == 0])) if (far == 0).any() else 0.0
        inside = means(picture, cells) - dark
        around = means(picture, Cells(ring, cells.table)) - dark
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(inside > 0, around / inside, np.nan)
        return {f"ring_{self.channel}": around + dark, f"ratio_{self.channel}": ratio}


def channel(seen: Seen, name: str) -> NDArray[Any]:
    if name not in seen.channels:
        raise ReactError(
            f"the channel {name!r} is to be measured, and was not imaged; "
            f"there are {', '.join(seen.channels) or 'none'}"
        )
    return seen.channels[name]


def means(picture: NDArray[Any], cells: Cells) -> NDArray[np.float64]:
    """The mean of each cell, by one pass over the picture; NaN for one without pixels."""
    numbers = np.asarray(cells.table["label"])
    longest = int(numbers.max(initial=0)) + 1
    flat = cells.labels.ravel()
    pixels = np.bincount(flat, minlength=longest)
    sums = np.bincount(flat, weights=picture.ravel(), minlength=longest)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean: NDArray[np.float64] = (sums / pixels)[numbers]
    return mean
