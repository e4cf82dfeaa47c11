"""Bring foreign data in, a page at a time: `open_convert_wizard`, or the window's `ConvertDoor`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from parfocal.ui.convert_wizard._door import ConvertDoor

if TYPE_CHECKING:
    from parfocal.ui.main_window import MainWindow

__all__ = ["ConvertDoor", "open_convert_wizard"]


def open_convert_wizard(
    window: "MainWindow", paths: Sequence[Path] = (), *, action: str = "ingest"
) -> None:
    """Open the wizard of a window with these sources: to `ingest` files or `migrate` a store."""
    window.conversions.open(paths, action=action)
