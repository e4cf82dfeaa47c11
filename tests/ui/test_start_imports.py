"""What the start imports: nothing heavy before the first picture, all before the first thread."""

from __future__ import annotations

import subprocess
import sys


def test_nothing_heavy_is_imported_before_the_first_paint() -> None:
    heavy = """pymmcore_widgets pymmcore_plus pyqtgraph napari vispy tensorstore zarr scipy numpy
        superqt qtpy app_model dask pint parfocal.store parfocal.plan"""
    code = f"""if True:
        import os, sys
        from pathlib import Path
        from parfocal.ui import Desk, MainWindow, application
        from parfocal.ui.settings import Settings
        from parfocal.viewer import display_problem
        def tell():
            print(display_problem(), [name for name in {heavy.split()} if name in sys.modules])
            sys.stdout.flush()
            os._exit(0)
        app = application()
        window = MainWindow(Desk(Settings(Path("none", "settings.json"))))
        window.first_painted.connect(tell)
        window.show()
        app.exec()"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "None []"


def test_the_imports_of_the_start_leave_none_of_them_to_a_thread() -> None:
    """Of two threads that import numpy, or a room's parts, at once one gets half of it."""
    code = """if True:
        import sys
        from parfocal.ui.workspaces import imports
        for step in imports():
            step()
        before = set(sys.modules)
        import numpy.typing, pymmcore_widgets, pymmcore_plus, parfocal.wiring
        import parfocal.viewer, parfocal.scope, parfocal.run, parfocal.store
        for room in (parfocal.viewer, parfocal.scope, parfocal.run, parfocal.store):
            for name in room.__all__:
                getattr(room, name)
        print(sorted(set(sys.modules) - before), "dask" in sys.modules)"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[] False"
