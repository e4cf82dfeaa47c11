"""Try what people open in napari and Parfocal never asks for: `parfocal selftest` does.

Each exercise takes back what it did; what it says goes into the report.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from parfocal.viewer._errors import ViewerError
from parfocal.viewer.child._draw import NextDraw

__all__ = ["exercise"]

_NAME = "selftest"
_MARKS = 5

Say = Callable[[str], None]
Refuse = Callable[[str], None]


def exercise(what: str, viewer: Any, draw: NextDraw, say: Say, refuse: Refuse) -> None:
    """Do one of them, and say after the next draw what it came to."""
    known = {
        "labels": _labels,
        "points": _points,
        "3-d": _three_dimensions,
        "preferences": _preferences,
    }
    if what not in known:
        raise ViewerError(f"there is no exercise {what!r}; there are {', '.join(known)}")
    said, take_back = known[what](viewer)

    def drawn(seen: bool) -> None:
        take_back()
        if seen:
            say(said)
        else:
            refuse(f"{what}: the window drew nothing")

    draw.then(drawn)


Exercise = tuple[str, Callable[[], object]]


def _labels(viewer: Any) -> Exercise:
    first = (0,) * (viewer.dims.ndim - 2)
    spots = np.zeros((1,) * len(first) + (64, 64), dtype=np.uint8)
    spots[..., 16:48, 16:48] = 3
    layer = viewer.add_labels(spots, name=_NAME, units=_units(viewer))
    layer.paint((*first, 8, 8), 5)
    layer.fill((*first, 20, 20), 7)
    layer.undo()
    return "painted and filled", lambda: viewer.layers.remove(layer)


def _points(viewer: Any) -> Exercise:
    places = np.zeros((_MARKS, viewer.dims.ndim))
    places[:, -1] = np.arange(_MARKS) * 10
    numbered = {"features": {"n": range(_MARKS)}, "text": {"string": "{n}"}}
    layer = viewer.add_points(places, name=_NAME, units=_units(viewer), **numbered)
    return f"{len(layer.data)} points with text", lambda: viewer.layers.remove(layer)


def _three_dimensions(viewer: Any) -> Exercise:
    images = [layer for layer in viewer.layers if layer._type_string == "image"]
    before = [layer.rendering for layer in images]
    viewer.dims.ndisplay = 3
    for layer in images:
        layer.rendering = "attenuated_mip"

    def back() -> None:
        viewer.dims.ndisplay = 2
        for layer, rendering in zip(images, before, strict=True):
            layer.rendering = rendering

    return f"{len(images)} volumes", back


def _units(viewer: Any) -> Any:
    """Those of the picture: layers of unlike units are drawn without any, with a warning."""
    return viewer.layers[0].units


def _preferences(viewer: Any) -> Exercise:
    dialog = viewer.window._open_preferences_dialog()
    pages = dialog._stack.count()
    if not pages:
        dialog.reject()
        raise ViewerError("napari's preferences have no page")
    return f"{pages} pages", dialog.reject
