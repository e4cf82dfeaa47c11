"""Make a table a list of rows: one is chosen as a whole, one column takes what room there is."""

from collections.abc import Sequence

from PyQt6.QtCore import QAbstractItemModel, QItemSelectionModel, Qt
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

__all__ = ["make_rows"]


def make_rows(
    table: QTableView,
    model: QAbstractItemModel,
    name: str,
    *,
    stretch: int,
    widths: Sequence[int],
    height: int | None = None,
) -> QItemSelectionModel:
    """Set it up for a model; its selection is given back."""
    table.setModel(model)
    table.setAccessibleName(name)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.setTabKeyNavigation(False)
    table.setWordWrap(False)
    vertical, header = table.verticalHeader(), table.horizontalHeader()
    assert vertical is not None
    assert header is not None
    vertical.hide()
    if height is not None:
        vertical.setDefaultSectionSize(height)
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
    for column, width in enumerate(widths):
        table.setColumnWidth(column, width)
    selection = table.selectionModel()
    assert selection is not None
    return selection
