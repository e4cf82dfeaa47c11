"""The five workspaces by name; each is imported when it is made, not when the window is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module

from PyQt6.QtWidgets import QWidget

from parfocal.ui.desk import Desk
from parfocal.ui.time_units import use_time_units

Make = Callable[[Desk], QWidget]
Workspaces = Mapping[str, Make]

# What the workspaces, the engine's thread and the tasks' threads stand on. All of it is imported in
# the window's own thread before any of them works: numpy imports itself in a circle, and when two
# threads do that at once one of them gets "cannot import name … from partially initialized module"
# (seen in 2 of 3 starts while the microscope was opened beside). The names in between are what
# the others bring along: the window answers after each, and pymmcore_widgets alone took 0.6 s.
FOUNDATIONS = (
    "numpy",
    "tensorstore",
    "parfocal.store",
    "useq",
    "pymmcore_plus",
    "parfocal.plan",
    "parfocal.scope",
    "parfocal.wiring",
    "parfocal.viewer",
    "pyqtgraph",
    "qtpy.QtWidgets",
    "superqt",
    "vispy.scene",
    "pint",
    "pymmcore_plus.install",
    "pymmcore_widgets",
)

NAMES = ("microscope", "design", "run", "store", "jobs")


def all_workspaces() -> Workspaces:
    """How each workspace is made, in the order of the bar."""
    return {name: _maker(name) for name in NAMES}


def imports() -> tuple[Callable[[], object], ...]:
    """The imports that the start goes through after the first paint, one a step."""
    modules = (*FOUNDATIONS, *(f"parfocal.ui.{name}_workspace" for name in NAMES))
    return tuple(partial(import_whole, module) for module in modules)


def import_whole(name: str) -> None:
    """Import a module and, of a room, all that its face offers: then no thread has to."""
    if name == "pint":
        use_time_units()
    module = import_module(name)
    if name.startswith("parfocal."):
        for offered in getattr(module, "__all__", ()):
            getattr(module, offered)


def in_words(step: Callable[[], object]) -> str:
    """Name a step of the start for the log."""
    if isinstance(step, partial):
        return f"{step.func.__name__} {step.args[0]}"
    whose = getattr(getattr(step, "__self__", None), "name", "")
    return f"{getattr(step, '__qualname__', type(step).__name__)} {whose}".rstrip()


def _maker(name: str) -> Make:
    def make(desk: Desk) -> QWidget:
        module = import_module(f"parfocal.ui.{name}_workspace")
        desk.theme.dress_new_plots()
        widget: QWidget = getattr(module, f"{name.capitalize()}Workspace")(desk)
        return widget

    return make
