"""Every widget of the window: `open_window` starts it, `MainWindow` and `Desk` are its parts.

Nothing is imported before it is asked for: a verb that only needs one function must not pay for
the others, and Qt itself costs 0.2 s.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parfocal.ui._application import application, open_window
    from parfocal.ui._icon_cache import use_local_icons
    from parfocal.ui.desk import Desk
    from parfocal.ui.main_window import MainWindow

__all__ = ["Desk", "MainWindow", "application", "open_window", "use_local_icons"]

_HOMES = {
    "Desk": "parfocal.ui.desk",
    "MainWindow": "parfocal.ui.main_window",
    "application": "parfocal.ui._application",
    "open_window": "parfocal.ui._application",
    "use_local_icons": "parfocal.ui._icon_cache",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
