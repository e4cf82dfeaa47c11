"""Show a store in napari from wherever you are: in a child process, or in this one."""

import sys
import threading
from pathlib import Path
from typing import Literal

from parfocal.viewer._address import RingAddress
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._host import Viewer
from parfocal.viewer._in_process import show_here

Launch = Literal["auto", "in-process", "child"]

_BINDINGS = ("PyQt6", "PySide6", "PyQt5", "PySide2")


def launch(
    store: Path,
    *,
    how: Launch = "auto",
    title: str | None = None,
    live: RingAddress | None = None,
    dark: bool = True,
) -> Viewer | None:
    """Open a napari window on a store: the started viewer, or None when its window was closed.

    In process this blocks until then. `auto` takes a child process where Qt runs already or in a
    thread that is not the main one, and this process in a plain script.
    """
    title = store.name if title is None else title
    if chosen_launch(how) == "in-process":
        show_here(store, title, live=live, dark=dark)
        return None
    viewer = Viewer(title, dark=dark)
    viewer.start(store, live)
    return viewer


def chosen_launch(how: Launch = "auto") -> Literal["in-process", "child"]:
    """What a choice comes to here and now; refuses a window of ours where Qt allows none."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    if how == "in-process" and not in_main_thread:
        raise ViewerError("napari opens in this process from its main thread only; take a child")
    if how != "auto":
        return how
    return "in-process" if in_main_thread and not _qt_runs() else "child"


def _qt_runs() -> bool:
    """Whether a Qt application lives here, of whatever binding; imports none to find out."""
    for binding in _BINDINGS:
        core = sys.modules.get(f"{binding}.QtCore")
        if core is not None and core.QCoreApplication.instance() is not None:
            return True
    return False
