"""Take the pictures of napari in the middle of the demo run, and of the panel that lists it.

`live_viewer.py` takes them in light and dark, each in a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from workspaces import HERE, SIZE, until

SHOWN = 12  # frames, so that the picture is of a run that goes on


def take(theme: str) -> None:
    """Open the window and a viewer, run the demo, and take both pictures in its midst."""
    with tempfile.TemporaryDirectory(prefix="parfocal-") as name:
        home = Path(name)
        for variable in ("CONFIG", "CACHE", "DATA", "STATE"):
            os.environ[f"XDG_{variable}_HOME"] = str(home / variable.lower())
        from PyQt6.QtTest import QTest

        from parfocal.plan import demo_with_a_wait
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
        long = demo_with_a_wait().model_copy(update={"name": "demo"})
        controller.start(long, stores / "demo.ome.zarr")
        until(lambda: controller.session is not None and controller.run is not None)
        controller.pause()  # napari takes seconds to open, and the demo only ten
        viewer = desk.viewers.open_live(controller.session)
        until(lambda: viewer.status().state in ("ready", "busy"))
        controller.resume()
        until(lambda: viewer.status().displayed >= SHOWN)
        shot = viewer.request("shot", path=str(HERE / f"live-viewer-{theme}.png"))
        until(shot.done)
        shot.result()
        window.grab().save(str(HERE / f"viewers-{theme}.png"))
        until(lambda: not controller.busy)
        QTest.qWait(200)
        window.leave()
        app.processEvents()


if __name__ == "__main__":
    if len(sys.argv) == 2:
        take(sys.argv[1])
    else:
        from parfocal.viewer import virtual_display

        os.environ.pop("DISPLAY", None)
        with virtual_display((2 * SIZE[0], 2 * SIZE[1])):
            for theme in ("light", "dark"):
                subprocess.run([sys.executable, __file__, theme], check=True)
