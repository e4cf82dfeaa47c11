"""Set napari up as part of Parfocal: no questions at closing, no toasts over the picture."""

import logging
from importlib.util import find_spec
from typing import Any

from napari.settings import get_settings

_WINDOW_SIZE = (1280, 800)


def prepare_settings() -> None:
    """Apply to every start what must not depend on what a user once clicked."""
    save_settings(at_each_change=False)  # until the window is up
    application = get_settings().application
    application.confirm_close_window = False  # nothing is lost: the store has it all
    application.gui_notification_level = "error"
    application.first_time = False
    if application.window_size is None:
        application.window_size = _WINDOW_SIZE
    logging.getLogger("vispy").addFilter(_tells_of_a_fault)


def save_settings(*, at_each_change: bool) -> None:
    """Let napari write its settings at each change, or not.

    The start wrote the whole file seven times, for the docks that it is made of, and two viewers
    that started together wrote into one another's.
    """
    settings = get_settings()
    if hasattr(settings, "_save_on_change"):
        settings._save_on_change = at_each_change


def hide_what_is_not_shipped(viewer: Any) -> None:
    """Offer no IPython console in a package, which comes without one."""
    if find_spec("napari_console") is None:
        viewer.window._qt_viewer.viewerButtons.consoleButton.hide()


def _tells_of_a_fault(record: logging.LogRecord) -> bool:
    # vispy asks xdpyinfo and xrandr for the screen's resolution; an acquisition PC often has
    # neither, 96 is then taken, and the warning would stand in the panel as the viewer's problem.
    return "could not determine DPI" not in record.getMessage()
