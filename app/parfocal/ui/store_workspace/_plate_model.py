"""A plate's wells as a grid: how full each is, its picture, and what its tooltip says."""

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PyQt6.QtGui import QPixmap

from parfocal.store import StoreInfo
from parfocal.ui.store_workspace._entry import Entry, Plate
from parfocal.ui.store_workspace._pixmap import pixmap_of
from parfocal.ui.store_workspace._thumbnail import Picture
from parfocal.ui.text import number, tr

WELL_ROLE = Qt.ItemDataRole.UserRole + 1
FILL_ROLE = Qt.ItemDataRole.UserRole + 2
PICTURE_ROLE = Qt.ItemDataRole.UserRole + 3


class PlateModel(QAbstractTableModel):
    """Rows are letters and columns numbers, as on the plate."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._plate = Plate((), (), {})
        self._info: StoreInfo | None = None
        self._pictures: dict[str, QPixmap] = {}

    @property
    def plate(self) -> Plate:
        """The plate that is shown."""
        return self._plate

    def show_plate(self, entry: Entry) -> None:
        """Show the plate of this store."""
        self.beginResetModel()
        self._plate = entry.plate or Plate((), (), {})
        self._info = entry.info
        self._pictures = {}
        self.endResetModel()

    def show_picture(self, well: str, picture: Picture) -> None:
        """Put a picture into a well."""
        self._pictures[well] = pixmap_of(picture)
        row, _, column = well.partition("/")
        if row in self._plate.rows and column in self._plate.columns:
            index = self.index(self._plate.rows.index(row), self._plate.columns.index(column))
            self.dataChanged.emit(index, index)

    def fields_of(self, index: QModelIndex) -> tuple[int, ...]:
        """The numbers of the fields in a well."""
        return self._plate.wells.get(self._well(index), ())

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Qt asks for the rows."""
        return 0 if parent is not None and parent.isValid() else len(self._plate.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Qt asks for the columns."""
        return 0 if parent is not None and parent.isValid() else len(self._plate.columns)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Qt asks for a letter or a number."""
        if role == Qt.ItemDataRole.DisplayRole:
            down = orientation == Qt.Orientation.Vertical
            return (self._plate.rows if down else self._plate.columns)[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Qt asks what is in a well."""
        if not index.isValid():
            return None
        well = self._well(index)
        if role == WELL_ROLE:
            return well
        if role == FILL_ROLE:
            return self._fill(well)
        if role == PICTURE_ROLE:
            return self._pictures.get(well)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._words(well)
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Qt asks what can be done with a well; one that was not imaged can be passed over."""
        if self._well(index) in self._plate.wells:
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.ItemIsEnabled

    def _well(self, index: QModelIndex) -> str:
        return f"{self._plate.rows[index.row()]}/{self._plate.columns[index.column()]}"

    def _counts(self, well: str) -> tuple[int, int]:
        found = self._info
        fields = self._plate.wells.get(well, ())
        if found is None or not found.planned_per_field:
            return len(fields), len(fields)
        inside = [n for n in fields if n < len(found.planned_per_field)]
        acquired = sum(found.acquired_per_field[n] for n in inside)
        return acquired, sum(found.planned_per_field[n] for n in inside)

    def _fill(self, well: str) -> float:
        """How much of what was planned is there, 0..1; -1 for a well that was not imaged."""
        if well not in self._plate.wells:
            return -1.0
        acquired, planned = self._counts(well)
        return acquired / planned if planned else 0.0

    def _words(self, well: str) -> str:
        name = well_name(well)
        fields = self._plate.wells.get(well)
        if fields is None or self._info is None:
            return tr("{well}: not imaged").format(well=name)
        acquired, planned = self._counts(well)
        planes = tr("{acquired} of {planned} planes").format(
            acquired=number(acquired), planned=number(planned)
        )
        names = ", ".join(self._info.fields[n] for n in fields[:6])
        more = " …" if len(fields) > 6 else ""
        count = tr("1 field") if len(fields) == 1 else tr("{n} fields").format(n=len(fields))
        return f"{name}: {count}, {planes}\n{names}{more}"


def well_name(well: str) -> str:
    """`B/3` as people say it: B03."""
    row, _, column = well.partition("/")
    return f"{row}{int(column):02}" if column.isdigit() else well
