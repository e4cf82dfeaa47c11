"""The fields of an item as a table: which are wanted, and where each one lies."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from PyQt6.QtCore import QModelIndex, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QFont

from parfocal.convert import FoundField
from parfocal.ui.convert_wizard._rows import RowsModel
from parfocal.ui.text import number, tr
from parfocal.ui.theme import Theme

__all__ = ["PositionsModel"]

Zyx = tuple[float, float, float]
NAME, Z, Y, X, PLANES, MISSING = range(6)


class PositionsModel(RowsModel):
    """What was found, and over it what a person typed."""

    moved = pyqtSignal(str, object)  # the field and its place, or None for what the source says
    chosen = pyqtSignal(str, bool)

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        titles = (
            tr("Field"), tr("z (µm)"), tr("y (µm)"), tr("x (µm)"), tr("Planes"), tr("Missing"),
        )  # fmt: skip
        super().__init__(titles, parent, (Z, Y, X, PLANES, MISSING))
        self._theme = theme
        self._fields: tuple[FoundField, ...] = ()
        self._places: Mapping[str, Zyx] = {}
        self._left_out: frozenset[str] = frozenset()

    def show_fields(
        self,
        fields: tuple[FoundField, ...],
        places: Mapping[str, Zyx],
        left_out: frozenset[str],
    ) -> None:
        """Show these."""
        anew = [field.name for field in fields] != [field.name for field in self._fields]
        self._fields, self._places, self._left_out = fields, dict(places), left_out
        self.show_count(len(fields), anew=anew)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.column() == NAME:
            return flags | Qt.ItemFlag.ItemIsUserCheckable
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() in (Z, Y, X) else flags

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        field, column, roles = self._fields[index.row()], index.column(), Qt.ItemDataRole
        if role in (roles.DisplayRole, roles.EditRole):
            return self._text(field, column, editing=role == roles.EditRole)
        if role == roles.CheckStateRole and column == NAME:
            out = field.name in self._left_out
            return Qt.CheckState.Unchecked if out else Qt.CheckState.Checked
        if role == roles.TextAlignmentRole:
            return self.alignment(column)
        if column in (Z, Y, X):
            return self._mark(field, role)
        if role == roles.ForegroundRole and column == MISSING and field.missing:
            return self._theme.color("warn")
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        field = self._fields[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole:
            self.chosen.emit(field.name, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role != Qt.ItemDataRole.EditRole or index.column() not in (Z, Y, X):
            return False
        text = str(value).strip().replace(",", ".")
        if not text:
            self.moved.emit(field.name, None)
            return True
        try:
            typed = float(text)
        except ValueError:
            return False
        if not isfinite(typed):
            return False
        place = list(self._place(field))
        if f"{place[index.column() - Z]:.6g}" == f"{typed:.6g}":
            return False
        place[index.column() - Z] = typed
        self.moved.emit(field.name, (place[0], place[1], place[2]))
        return True

    def _place(self, field: FoundField) -> Zyx:
        return self._places.get(field.name, field.origin_um)

    def _is_guessed(self, field: FoundField) -> bool:
        """Whether nobody says where a field lies."""
        return field.name not in self._places and field.stage is None and not any(field.origin_um)

    def _text(self, field: FoundField, column: int, *, editing: bool) -> str:
        if column == NAME:
            return field.name
        if column == PLANES:
            return number(field.planes)
        if column == MISSING:
            return number(field.missing) if field.missing else "—"
        text = f"{self._place(field)[column - Z]:.6g}"
        return f"{text} ?" if self._is_guessed(field) and not editing else text

    def _mark(self, field: FoundField, role: int) -> Any:
        roles = Qt.ItemDataRole
        typed, guessed = field.name in self._places, self._is_guessed(field)
        if role == roles.FontRole and (typed or guessed):
            font = QFont()
            font.setBold(typed)
            font.setItalic(guessed)
            return font
        if role == roles.ForegroundRole and guessed:
            return self._theme.color("warn")
        if role in (roles.ToolTipRole, roles.AccessibleDescriptionRole):
            if typed:
                return tr("Typed here. Empty it to have what the source says.")
            return tr("Nobody says where it lies: 0 was taken.") if guessed else None
        return None
