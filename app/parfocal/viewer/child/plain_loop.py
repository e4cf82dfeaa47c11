"""Show frames with nothing but napari: the peer of `bench live`, in a process of its own."""

import os
import sys
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from parfocal.viewer._niceness import NICENESS, step_back_as_a_session
from parfocal.viewer._process import viewer_environment

_WARM_UP = 20


def displayed_per_second(frames: NDArray[np.uint16], seconds: float) -> float:
    """Set `layer.data` after each draw, for so long; how many were drawn a second.

    Everything else is as in a viewer child: settings, a session of its own, its niceness.
    """
    os.environ.update(viewer_environment())
    if sys.platform != "win32":
        os.setsid()
        os.nice(NICENESS)
    import napari
    from qtpy.QtCore import QTimer

    from parfocal.viewer.child._settings import prepare_settings

    prepare_settings()
    viewer = napari.Viewer(show=False)
    layer = viewer.add_image(frames[0], contrast_limits=(90.0, 1500.0))
    drawn, began, rate = 0, 0.0, 0.0

    def show_next() -> None:
        nonlocal drawn, began, rate
        drawn += 1
        if drawn == 1:
            step_back_as_a_session()
        if drawn == _WARM_UP:
            began = perf_counter()
        if drawn > _WARM_UP and perf_counter() - began > seconds:
            rate = (drawn - _WARM_UP) / (perf_counter() - began)
            viewer.close()
            return
        layer.data = frames[drawn % len(frames)]

    canvas = viewer.window._qt_viewer.canvas
    canvas.events.draw.connect(lambda _: QTimer.singleShot(0, show_next), position="last")
    viewer.window.show()
    napari.run()
    return rate
