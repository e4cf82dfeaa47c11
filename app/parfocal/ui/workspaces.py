"""The five workspaces by name; each is imported when it is made, not when the window is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from PyQt6.QtWidgets import QWidget

from parfocal.ui.desk import Desk

Make = Callable[[Desk], QWidget]
Workspaces = Mapping[str, Make]

NAMES = ("microscope", "design", "run", "store", "jobs")


def all_workspaces() -> Workspaces:
    """How each workspace is made, in the order of the bar."""
    return {name: _maker(name) for name in NAMES}


def _maker(name: str) -> Make:
    def make(desk: Desk) -> QWidget:
        # pymmcore-widgets and pyqtgraph cost 1 s: the window is painted before they are imported
        module = import_module(f"parfocal.ui.{name}_workspace")
        desk.theme.dress_new_plots()
        widget: QWidget = getattr(module, f"{name.capitalize()}Workspace")(desk)
        return widget

    return make
