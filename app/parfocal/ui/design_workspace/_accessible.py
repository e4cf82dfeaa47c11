"""Name the controls that pymmcore-widgets leaves without a name: a screen reader says those."""

from typing import Any

from PyQt6.QtWidgets import QAbstractButton, QComboBox, QLabel, QTableWidget, QTabWidget, QWidget

from parfocal.ui.text import tr

# A plan of a thousand positions has thousands of cell widgets; the first ones are what is read.
MOST_ROWS = 200


def name_controls(tables: Any) -> None:
    """Name what is there for good: the tabs' ticks, the channel group, the axis order."""
    tabs: QTabWidget = tables.tab_wdg
    bar = tabs.tabBar()
    if bar is not None:
        for tab in range(tabs.count()):
            tick = bar.tabButton(tab, bar.ButtonPosition.LeftSide)
            if tick is not None:
                tick.setAccessibleName(tr("Use {axis}").format(axis=tabs.tabText(tab)))
    tables.axis_order.setAccessibleName(tr("Axis order"))
    for label in tables.findChildren(QLabel):
        beside = label.parentWidget()
        combos = [] if beside is None else beside.findChildren(QComboBox)
        if label.text() == "Group:" and combos:
            combos[0].setAccessibleName(tr("Channel group"))
            label.setBuddy(combos[0])
        elif label.text() == "Axis Order:":
            label.setBuddy(tables.axis_order)
    for button in tables.z_plan.findChildren(QAbstractButton):
        if not button.text() and not button.accessibleName():
            button.setAccessibleName(button.toolTip() or tr("Use the suggested step"))


def name_cells(tables: Any) -> None:
    """Name the widgets in the tables' cells, by column and row; rows come and go."""
    for part in (tables.time_plan, tables.stage_positions, tables.channels):
        name_table_cells(part)


def name_table_cells(part: Any, whose: str = "") -> None:
    """Name the widgets in one table's cells; `whose` tells it from another table of its kind."""
    table: QTableWidget = part.table()
    for column in range(table.columnCount()):
        header = table.horizontalHeaderItem(column)
        title = f"{whose} {header.text() if header is not None else ''}".strip()
        for row in range(min(table.rowCount(), MOST_ROWS)):
            _name_cell(table.cellWidget(row, column), title, row)


def _name_cell(cell: QWidget | None, title: str, row: int) -> None:
    if cell is None or cell.accessibleName():
        return
    name = tr("{column}, row {row}").format(column=title, row=row + 1)
    cell.setAccessibleName(name)
    for child in cell.findChildren(QWidget):
        if isinstance(child, QAbstractButton | QComboBox):
            tick = isinstance(child, QAbstractButton) and child.isCheckable()
            child.setAccessibleName(tr("Use {cell}").format(cell=name) if tick else name)
