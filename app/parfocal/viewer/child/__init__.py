"""Run inside the viewer child: the only place of this room that imports napari and Qt."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parfocal.viewer._link import Link

__all__ = ["import_napari", "run_window"]


def run_window(opening: dict[str, Any], link: Link) -> int:
    """Open the window that the parent asked for and return when it is closed."""
    # Late, so that a parent that dies during napari's two seconds of imports is noticed.
    import_napari()
    from parfocal.viewer.child._window import ViewerWindow

    return ViewerWindow(opening, link).run()


def import_napari() -> None:
    """Do what is the same for every window, and opens none."""
    from parfocal.viewer.child._spared import spare_napari
    from parfocal.viewer.child._stored_units import use_stored_units

    spare_napari()
    use_stored_units()
    import_module("parfocal.viewer.child._window")
