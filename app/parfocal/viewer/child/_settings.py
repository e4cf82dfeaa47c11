"""Set napari up as part of Parfocal: no questions at closing, no toasts over the picture."""

from napari.settings import get_settings

_WINDOW_SIZE = (1280, 800)


def prepare_settings() -> None:
    """Apply to every start what must not depend on what a user once clicked."""
    application = get_settings().application
    application.confirm_close_window = False  # nothing is lost: the store has it all
    application.gui_notification_level = "error"
    application.first_time = False
    if application.window_size is None:
        application.window_size = _WINDOW_SIZE
