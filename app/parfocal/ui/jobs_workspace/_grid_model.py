"""Lay strips out as a grid: a band a camera, in it a row a slice and a column a strip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from parfocal.ui.jobs_workspace._look import strip_words
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.jobs import StripCell

CELL_ROLE = Qt.ItemDataRole.UserRole + 1
BAND_ROLE = Qt.ItemDataRole.UserRole + 2

Band = tuple[str, str]  # project, channel
Row = tuple[Band, int | None]  # None: the band's heading


class StripGridModel(QAbstractTableModel):
    """Holds what the overview told last; only cells that changed are drawn anew."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._columns: list[int] = []
        self._cells: dict[tuple[int, int], StripCell] = {}
        self._places: dict[str, tuple[int, int]] = {}
        self._many_projects = False

    def show(self, strips: Sequence[StripCell]) -> bool:
        """Show these; True when rows or columns are others now."""
        rows, columns = _layout(strips)
        if rows != self._rows or columns != self._columns:
            self.beginResetModel()
            self._rows, self._columns = rows, columns
            self._many_projects = len({band[0] for band, _ in rows}) > 1
            self._place(strips)
            self.endResetModel()
            return True
        before = self._cells
        self._place(strips)
        for place, cell in self._cells.items():
            if cell is not before.get(place):
                index = self.index(*place)
                self.dataChanged.emit(index, index)
        for place in before.keys() - self._cells.keys():
            index = self.index(*place)
            self.dataChanged.emit(index, index)
        return False

    def cell(self, index: QModelIndex) -> StripCell | None:
        """The strip of a place, if there is one."""
        return self._cells.get((index.row(), index.column())) if index.isValid() else None

    def place_of(self, strip: str) -> QModelIndex:
        """Where a strip is; an invalid index when it is not there."""
        place = self._places.get(strip)
        return QModelIndex() if place is None else self.index(*place)

    def first_of(self, standings: frozenset[str]) -> QModelIndex:
        """The first strip that stands so."""
        for place, cell in sorted(self._cells.items()):
            if cell.standing in standings:
                return self.index(*place)
        return QModelIndex()

    def bands(self) -> list[int]:
        """The rows that are headings."""
        return [row for row, (_, slice_) in enumerate(self._rows) if slice_ is None]

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Qt asks how many rows there are."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Qt asks how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Qt asks for the number of a strip or a slice."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Horizontal:
            return str(self._columns[section])
        slice_ = self._rows[section][1]
        return "" if slice_ is None else tr("slice {n}").format(n=slice_)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Only strips can be chosen."""
        if self.cell(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt asks what a place shows."""
        if role == BAND_ROLE or (role == Qt.ItemDataRole.DisplayRole and self._is_band(index)):
            return self._band_words(index.row()) if self._is_band(index) else None
        cell = self.cell(index)
        if cell is None:
            return None
        if role == CELL_ROLE:
            return cell
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.letters
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return strip_words(cell)
        return None

    def _is_band(self, index: QModelIndex) -> bool:
        return self._rows[index.row()][1] is None

    def _band_words(self, row: int) -> str:
        project, channel = self._rows[row][0]
        return tr("{project} — {channel}").format(project=project, channel=channel)

    def _place(self, strips: Sequence[StripCell]) -> None:
        rows = {row: number for number, row in enumerate(self._rows)}
        columns = {strip: number for number, strip in enumerate(self._columns)}
        self._cells = {
            (rows[(one.project, one.channel), one.slice], columns[one.strip]): one for one in strips
        }
        self._places = {cell.id: place for place, cell in self._cells.items()}


def _layout(strips: Sequence[StripCell]) -> tuple[list[Row], list[int]]:
    """Only the slices and strips that are there: ten of slice 4711 are no 4711 rows."""
    bands: dict[Band, set[int]] = {}
    columns: set[int] = set()
    for one in strips:
        bands.setdefault((one.project, one.channel), set()).add(one.slice)
        columns.add(one.strip)
    rows: list[Row] = []
    for band in sorted(bands):
        rows.append((band, None))
        rows += [(band, slice_) for slice_ in sorted(bands[band])]
    return rows, sorted(columns)
