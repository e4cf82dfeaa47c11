"""Paint over a picture what a pipeline found: outlines of cells, light by colour and hatch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QImage

from parfocal.ui.contrast import auto_contrast, sample

__all__ = ["Rgb", "as_image", "painted"]

Rgb = tuple[int, int, int]
SEEN = 600  # pixels of a picture on the screen, about
HATCH = 6  # pixels from one line of the hatch to the next
FILL, LINE = 0.25, 0.75  # how much of the colour there is between the lines, and on them


def painted(
    picture: NDArray[Any],
    labels: NDArray[np.int32] | None,
    mask: NDArray[np.bool_] | None,
    cells: Rgb,
    light: Rgb,
) -> NDArray[np.uint8]:
    """The picture in grey with outlines and light over it, as rows of RGBA."""
    black, white = auto_contrast(sample(picture))
    grey = np.clip((picture.astype(np.float32) - black) / max(white - black, 1e-9), 0, 1)
    shown = np.repeat((grey * 255)[..., None], 3, axis=2)
    if mask is not None:
        rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
        share = np.where((rows + columns) % HATCH < 2, LINE, FILL)
        share = np.where(mask, share, 0.0)[..., None].astype(np.float32)
        shown = shown * (1 - share) + np.array(light, np.float32) * share
    if labels is not None:
        shown[outlines(labels)] = cells
    rgba = np.full((*picture.shape, 4), 255, np.uint8)
    rgba[..., :3] = shown
    return rgba


def as_image(rgba: NDArray[np.uint8]) -> QImage:
    """The same as the window draws it; made by the worker, since 2048² take 70 ms."""
    rows, columns = rgba.shape[:2]
    data: Any = np.ascontiguousarray(rgba).tobytes()
    image = QImage(data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
    return image.convertToFormat(QImage.Format.Format_RGB32)  # a copy, which needs no `data`


def outlines(labels: NDArray[np.int32]) -> NDArray[np.bool_]:
    """The pixels of each cell that touch another one, or none; those at the picture's edge too."""
    from scipy.ndimage import binary_dilation

    wide = np.pad(labels, 1)
    edge = np.zeros(labels.shape, bool)
    for rows, columns in ((0, 1), (2, 1), (1, 0), (1, 2)):
        beside = wide[rows : rows + labels.shape[0], columns : columns + labels.shape[1]]
        edge |= beside != labels
    edge &= labels > 0
    if (more := max(labels.shape) // SEEN - 1) > 0:  # or the screen would leave them out
        edge = binary_dilation(edge, iterations=more)
    return edge
