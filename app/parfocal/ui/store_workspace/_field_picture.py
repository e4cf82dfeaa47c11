"""Make a small picture of a field: its middle plane, all channels in their colours. No widgets."""

from pathlib import Path
from typing import Any

import numpy as np
import tensorstore as ts
from numpy.typing import NDArray

from parfocal import ParfocalError
from parfocal.store import Image, read_image
from parfocal.ui.store_workspace._channel_colors import colors_of
from parfocal.ui.store_workspace._thumbnail import Picture, compose


def field_picture(path: Path, place: str, name: str, side: int) -> Picture | None:
    """A composite of one field; None when there is nothing to be seen."""
    try:
        image = read_image(path, place)
        planes = None if image is None else _middle_planes(path, image, side)
    except (ParfocalError, ValueError, KeyError, OSError, AttributeError, TypeError):
        return None  # `info` and Check say what is wrong with it; here is no picture
    if planes is None:
        return None
    return Picture(name, compose(planes, colors_of(path / place, len(planes))))


def _middle_planes(root: Path, image: Image, side: int) -> NDArray[np.float32] | None:
    """Channel × y × x, about `side` pixels wide; None when nothing is there but zeros."""
    levels = [level for level in image.levels if level.shape is not None]
    if not levels:
        return None
    folder = root / image.path / levels[-1].path
    driver = "zarr3" if (folder / "zarr.json").is_file() else "zarr"
    kvstore = {"driver": "file", "path": f"{folder.as_posix()}/"}
    array = ts.open({"driver": driver, "kvstore": kvstore}, open=True, read=True).result()
    sizes = dict(zip((axis.name for axis in image.axes), array.shape, strict=True))
    step = max(1, max(sizes["y"], sizes["x"]) // side)
    # the middle of the stack, all channels, and of any other axis the first
    whole = {"c": slice(None), "y": slice(None, None, step), "x": slice(None, None, step)}
    where = {**whole, "z": sizes.get("z", 1) // 2}
    wanted: Any = tuple(where.get(axis.name, 0) for axis in image.axes)
    planes = np.asarray(array[wanted].read().result())
    if "c" not in sizes:
        planes = planes[None]
    return planes.astype(np.float32) if planes.any() else None
