"""Lay out the Store workspace."""

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QWidget

if TYPE_CHECKING:
    from parfocal.ui.desk import Desk


class StoreWorkspace(QWidget):
    """The Store workspace, built from the desk."""

    def __init__(self, desk: "Desk", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
