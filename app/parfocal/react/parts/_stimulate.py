"""Say where light falls: on whole cells, halves, fronts, some of them, a line, what is bright."""

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from parfocal.react._errors import ReactError
from parfocal.react._protocols import Needs
from parfocal.react._seen import Cells, Seen
from parfocal.react.parts._measure import channel
from parfocal.react.parts._part import DEGREES, PIXELS, Part

__all__ = ["Bright", "Front", "HalfCell", "Line", "RandomShare", "Spot", "WholeCell"]

Mask = NDArray[np.bool_]
Share = Annotated[float, Field(gt=0, le=1)]
# degrees counter-clockwise from the right, as one looks at the picture (y points down)
Degrees = Annotated[float, Field(ge=-360, le=360), DEGREES]


class WholeCell(Part):
    """Every cell, or a little more or less of each."""

    needs: ClassVar[Needs] = "cells"
    grow: Annotated[int, Field(ge=0, le=100), PIXELS] = 0
    """Pixels around each cell that get light too."""

    def mask(self, seen: Seen, cells: Cells) -> Mask:
        if not self.grow:
            return cells.labels > 0
        from skimage.segmentation import expand_labels

        return np.asarray(expand_labels(cells.labels, self.grow) > 0)


class HalfCell(Part):
    """The half of each cell that lies towards `angle`, or that end of its own long axis."""

    needs: ClassVar[Needs] = "cells"
    axis: Literal["picture", "cell"] = "picture"
    """Whether the angle is counted in the picture, or along each cell's own long axis."""
    angle: Degrees = 0.0
    """0 is the right half, 90 the upper one; along the cell's axis it is the end nearer to it."""

    def mask(self, seen: Seen, cells: Cells) -> Mask:
        along = _toward(cells, self.axis, self.angle)
        return (cells.labels > 0) & (along > 0)


class Front(Part):
    """The part of each cell that lies farthest towards `angle`: `share` of its length."""

    needs: ClassVar[Needs] = "cells"
    axis: Literal["picture", "cell"] = "picture"
    """Whether the angle is counted in the picture, or along each cell's own long axis."""
    angle: Degrees = 0.0
    """0 is right, 90 is up."""
    share: Share = 0.25
    """How much of a cell's length gets light."""

    def mask(self, seen: Seen, cells: Cells) -> Mask:
        from scipy import ndimage

        if not len(cells):
            return np.zeros(seen.shape, bool)
        along = _toward(cells, self.axis, self.angle)
        numbers = np.asarray(cells.table["label"])
        first = np.zeros(int(numbers.max()) + 1)
        last = np.asarray(ndimage.maximum(along, cells.labels, numbers))
        least = np.asarray(ndimage.minimum(along, cells.labels, numbers))
        first[numbers] = last - self.share * (last - least)
        return (cells.labels > 0) & (along >= first[cells.labels])


class RandomShare(Part):
    """Some of the cells, drawn once for each track: who is chosen stays chosen."""

    needs: ClassVar[Needs] = "tracks"
    share: Share = 0.5
    """Of a hundred cells so many hundredths."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Another number draws other cells."""

    def mask(self, seen: Seen, cells: Cells) -> Mask:
        numbers = np.asarray(cells.table["label"])
        drawn = cells.table.get("track", numbers)
        chosen = np.zeros(int(numbers.max(initial=0)) + 1, bool)
        for number, name in zip(numbers.tolist(), np.asarray(drawn).tolist(), strict=True):
            lot = np.random.default_rng((self.seed, seen.p, int(name))).random()
            chosen[number] = lot < self.share
        return np.asarray(chosen[cells.labels])


class Line(Part):
    """A straight stripe across the field; no picture is needed."""

    needs: ClassVar[Needs] = "metadata"
    axis: Literal["x", "y"] = "x"
    """Along which axis it runs."""
    at: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Where it lies across the other axis, as a share of the picture."""
    width: Annotated[int, Field(ge=1), PIXELS] = 20
    """How broad it is, in pixels."""

    def mask(self, seen: Seen, cells: Cells | None) -> Mask:
        mask = np.zeros(seen.shape, bool)
        across = 0 if self.axis == "x" else 1
        first = max(0, round(self.at * seen.shape[across] - self.width / 2))
        stripe = slice(first, first + self.width)
        mask[(stripe, slice(None)) if across == 0 else (slice(None), stripe)] = True
        return mask


class Spot(Part):
    """A disc where the metadata of the phase say: `spot: {y: 100, x: 80, radius: 20}`."""

    needs: ClassVar[Needs] = "metadata"
    requires: ClassVar[tuple[str, ...]] = ("spot",)

    def mask(self, seen: Seen, cells: Cells | None) -> Mask:
        spot: Any = seen.metadata["spot"]
        try:
            y, x, radius = (float(spot[key]) for key in ("y", "x", "radius"))
        except (KeyError, TypeError, ValueError):
            raise ReactError(
                f"the metadata `spot` = {spot!r} do not say y, x and radius in pixels"
            ) from None
        rows, columns = np.ogrid[: seen.shape[0], : seen.shape[1]]
        return np.asarray((rows - y) ** 2 + (columns - x) ** 2 <= radius**2)


class Bright(Part):
    """Whatever is brighter than this share of the picture; no cell has to be found."""

    needs: ClassVar[Needs] = "image"
    channel: str | None = None
    """The first one, unless another is named."""
    share: Annotated[float, Field(gt=0, lt=1)] = 0.9
    """How much of the picture stays dark."""

    def mask(self, seen: Seen, cells: Cells | None) -> Mask:
        picture = channel(seen, self.channel or next(iter(seen.channels), ""))
        return np.asarray(picture > np.quantile(picture, self.share))


def _toward(cells: Cells, axis: str, angle: float) -> NDArray[np.float32]:
    """How far each pixel of a cell lies towards the angle from the cell's middle."""
    numbers = np.asarray(cells.table["label"])
    size = int(numbers.max(initial=0)) + 1
    up, right = np.zeros(size, np.float32), np.zeros(size, np.float32)
    dy, dx = -np.sin(np.deg2rad(angle)), np.cos(np.deg2rad(angle))
    if axis == "cell":
        angles = _orientations(cells)
        along_y, along_x = np.cos(angles), np.sin(angles)
        sign = np.where(along_y * dy + along_x * dx < 0, -1, 1)
        up[numbers], right[numbers] = along_y * sign, along_x * sign
    else:
        up[numbers], right[numbers] = dy, dx
    middle_y, middle_x = np.zeros(size, np.float32), np.zeros(size, np.float32)
    middle_y[numbers], middle_x[numbers] = cells.table["y"], cells.table["x"]
    rows, columns = np.ogrid[: cells.labels.shape[0], : cells.labels.shape[1]]
    labels = cells.labels
    along = (rows - middle_y[labels]) * up[labels] + (columns - middle_x[labels]) * right[labels]
    return np.asarray(along, dtype=np.float32)


def _orientations(cells: Cells) -> NDArray[np.float64]:
    """Of each cell's long axis from the rows' axis, as scikit-image tells it."""
    if "orientation" in cells.table:
        return np.asarray(cells.table["orientation"], dtype=float)
    from skimage.measure import regionprops_table

    found = regionprops_table(cells.labels, properties=("orientation",))
    return np.asarray(found["orientation"], dtype=float)
