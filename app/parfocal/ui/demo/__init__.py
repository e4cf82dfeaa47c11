"""Play the main job through the real window: run, store, check, look at it in napari."""

from parfocal.ui.demo._result import DemoError, DemoPictures, DemoResult
from parfocal.ui.demo._run import run_demo

__all__ = ["DemoError", "DemoPictures", "DemoResult", "run_demo"]
