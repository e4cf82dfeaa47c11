"""Take the pictures of napari in the middle of the demo run, and of the panel that lists it.

Cells, tracks and light are those that the run has found so far.

`live_viewer.py` takes them in light and dark, each in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from studio import HERE, SIZE, THEMES, large_screen, own_home, until

LIT = 6  # stimulations, so that the picture is of a run that goes on


def overlaid(viewer: Any) -> bool:
    """Whether cells, light and tracks are drawn over the plane on screen."""
    asked = viewer.request("results")
    until(asked.done)
    layers = asked.result()["layers"]
    return len(layers) == 3 and all(layer["objects"] for layer in layers)


def take(theme: str) -> None:
    """Open the window and a viewer, run the demo, and take both pictures in its midst."""
    with own_home() as home:
        from PyQt6.QtTest import QTest

        from parfocal.plan import demo_with_light
        from parfocal.ui import MainWindow, application
        from parfocal.ui.desk import Desk
        from parfocal.ui.settings import Settings

        app = application()
        stores = home / "Microscopy"
        stores.mkdir()
        settings = Settings(home / "settings.json")
        settings.change(data_folder=stores, theme=theme)
        desk = Desk(settings)
        window = MainWindow(desk, prepare=(desk.controller.open_microscope,))
        window.resize(*SIZE)
        window.show()
        until(lambda: window.populated and desk.controller.microscope is not None)
        window.show_workspace("run")
        desk.actions.trigger("view.viewers")
        controller = desk.controller
        calibrated = controller.in_engine(controller.microscope.projector.calibrate)
        until(calibrated.done)
        calibrated.result()
        controller.start(demo_with_light(), stores / "demo.ome.zarr")
        until(lambda: controller.session is not None and controller.run is not None)
        controller.pause()  # napari takes seconds to open, and the demo only ten
        viewer = desk.viewers.open_live(controller.session)
        until(lambda: viewer.status().state in ("ready", "busy"))
        controller.resume()
        until(lambda: controller.status().stimulations.fired >= LIT)
        controller.pause()  # the loop is done with this picture when it is taken
        until(lambda: overlaid(viewer))
        shot = viewer.request("shot", path=str(HERE / f"live-viewer-{theme}.png"))
        until(shot.done)
        shot.result()
        lit = controller.status().stimulations.fired
        controller.resume()
        until(lambda: controller.status().stimulations.fired > lit)
        window.grab().save(str(HERE / f"viewers-{theme}.png"))
        until(lambda: not controller.busy)
        QTest.qWait(200)
        window.leave()
        app.processEvents()


if __name__ == "__main__":
    if len(sys.argv) == 2:
        take(sys.argv[1])
    else:
        with large_screen():
            for theme in THEMES:
                subprocess.run([sys.executable, __file__, theme], check=True)
