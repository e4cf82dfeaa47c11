"""Correct what one source says of itself: axes, voxel size, stage, places of its fields."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from parfocal.convert import Inspection
from parfocal.store import StageAxisMap
from parfocal.ui.convert_wizard._draft import DraftItem
from parfocal.ui.convert_wizard._history import DraftHistory
from parfocal.ui.convert_wizard._options_form import OptionsForm
from parfocal.ui.convert_wizard._page import muted
from parfocal.ui.convert_wizard._positions_model import PositionsModel
from parfocal.ui.convert_wizard._rows import table_of
from parfocal.ui.convert_wizard._stage_form import StageForm
from parfocal.ui.convert_wizard._voxel_form import VoxelForm
from parfocal.ui.convert_wizard._words import contents_words, plain_problem, what_words
from parfocal.ui.note import Note
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme

__all__ = ["ItemForm"]


class ItemForm(QWidget):
    """Every edit is one change of the draft, which can be taken back."""

    def __init__(self, theme: Theme, history: DraftHistory, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._history = theme, history
        self._number = 0
        self.wanted = QCheckBox()
        self.what = muted("")
        self.note = Note(theme, tr("What is wrong with it"))
        self.axes = QLineEdit()
        self.axes.setMaxLength(6)
        self.axes.setFixedWidth(110)
        self.axes_mark = QLabel()
        self.voxel = VoxelForm(theme)
        self.stage = StageForm()
        self.options = OptionsForm()
        self.data_folder = QLineEdit()
        self.browse = QPushButton(tr("Bro&wse…"))
        self.browse.setAutoDefault(False)
        self.positions = PositionsModel(theme, self)
        self.table = table_of(self.positions, tr("Fields and where they lie"))
        self._lay_out()
        self._connect()

    def show_item(self, number: int, found: Inspection | None, *, pending: bool) -> None:
        """Show an item of the draft; `found` is what was last found of it."""
        self._number = number
        item = self._item
        self.wanted.blockSignals(True)
        self.wanted.setText(tr("Bring in {name}").format(name=item.source.name.replace("&", "&&")))
        self.wanted.setChecked(item.wanted)
        self.wanted.blockSignals(False)
        self._say(found, pending=pending)
        self._show_data_folder(item, found)
        self.options.show_wishes(item.wishes, found)
        known = found is not None and bool(found.fields)
        self._calibration.setVisible(known)
        self._nothing.setVisible(not known)
        if found is not None and known:
            self._show_found(item, found)

    def focus(self) -> None:
        """On what is asked for first."""
        if self.data_folder.isVisible():
            self.data_folder.setFocus()
        elif self.axes.isEnabled():
            self.axes.setFocus()
        else:
            self.voxel.cells[0].setFocus()

    # -- parts

    @property
    def _item(self) -> DraftItem:
        return self._history.draft.items[self._number]

    def _lay_out(self) -> None:
        self._calibration = QWidget()
        form = QFormLayout(self._calibration)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(10)
        axes = QHBoxLayout()
        axes.addWidget(self.axes)
        axes.addSpacing(8)
        axes.addWidget(self.axes_mark)
        axes.addStretch()
        axes_label = QLabel(tr("&Axes"))
        axes_label.setBuddy(self.axes)
        form.addRow(axes_label, axes)
        form.addRow(tr("Voxel size"), self.voxel)
        form.addRow(tr("Stage map"), self.stage)
        form.addRow(self.table)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._folder_row = QWidget()
        row = QHBoxLayout(self._folder_row)
        row.setContentsMargins(0, 0, 0, 0)
        folder = QLabel(tr("&Data are in"))
        folder.setBuddy(self.data_folder)
        row.addWidget(folder)
        row.addWidget(self.data_folder, 1)
        row.addWidget(self.browse)
        self._nothing = QWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 0, 0, 0)
        for widget in (self.wanted, self.what, self.note, self._folder_row, self.options):
            column.addWidget(widget)
        column.addWidget(self._calibration, 1)
        column.addWidget(self._nothing, 1)
        self.axes.setAccessibleName(tr("Axes"))
        self.data_folder.setAccessibleName(tr("The folder that holds the data"))

    def _connect(self) -> None:
        self.wanted.toggled.connect(lambda wanted: self._change(replace(self._item, wanted=wanted)))
        self.axes.editingFinished.connect(self._on_axes)
        self.voxel.typed.connect(lambda size: self._change(self._item.wish(voxel_um=size)))
        self.stage.typed.connect(lambda axes: self._change(self._item.wish(stage_axes=axes)))
        self.stage.refused.connect(self.note.say)
        self.options.typed.connect(self._on_option)
        self.data_folder.editingFinished.connect(self._on_folder)
        self.browse.clicked.connect(self._browse)
        self.positions.moved.connect(self._on_moved)
        self.positions.chosen.connect(self._on_chosen)

    # -- showing

    def _say(self, found: Inspection | None, *, pending: bool) -> None:
        if found is None:
            self.what.setText(tr("looking…"))
            self.note.say("")
            return
        known = bool(found.fields)
        words = f"{what_words(found)} · {contents_words(found)}" if known else ""
        self.what.setText(words)
        self.what.setVisible(bool(words))
        if pending:
            self.note.say(tr("looking…"), "info")
        elif found.problem:
            self.note.say(plain_problem(found.problem))
        else:
            self.note.say("\n".join(found.warnings[:3]), "warn")

    def _show_data_folder(self, item: DraftItem, found: Inspection | None) -> None:
        typed = item.wishes.options.get("data_folder")
        asked = typed is not None or (found is not None and bool(found.saved_in))
        self._folder_row.setVisible(asked)
        self.data_folder.setText("" if typed is None else str(typed))
        if found is not None and found.saved_in:
            self.data_folder.setPlaceholderText(
                tr("{folder} is not on this computer").format(folder=found.saved_in)
            )

    def _show_found(self, item: DraftItem, found: Inspection) -> None:
        typed = item.wishes.axes
        can_be_typed = typed is not None or found.axes_guessed
        self.axes.setText(typed or found.axes)
        self.axes.setEnabled(can_be_typed)
        guessed = found.axes_guessed and typed is None
        words = tr("⚠ guessed from their number: change them where they are wrong")
        if not guessed:
            words = tr("typed here") if typed else tr("the source says them")
        color = self._theme.color("warn" if guessed else "muted").name()
        self.axes_mark.setText(f'<span style="color:{color}">{words}</span>')
        self.voxel.show_size(found, typed=item.wishes.voxel_um)
        staged = any(field.stage is not None for field in found.fields)
        self.stage.setEnabled(staged)
        self.stage.setToolTip(
            "" if staged else tr("The source has no stage positions that could be turned")
        )
        self.stage.show_map(item.wishes.stage_axes or found.stage_axes or StageAxisMap())
        options = item.wishes.options
        self.positions.show_fields(
            found.fields, options.get("positions", {}), frozenset(options.get("leave_out", ()))
        )

    # -- edits

    def _change(self, item: DraftItem) -> None:
        self._history.change_item(self._number, item)

    def _on_axes(self) -> None:
        text = self.axes.text().strip().lower()
        item = self._item
        if text == item.wishes.axes or not self.axes.isModified():
            return
        self.axes.setModified(False)
        self._change(item.wish(axes=text or None))

    def _on_option(self, name: str, value: Any) -> None:
        if name in ("array", "axes"):
            self._change(self._item.wish(**{name: value}))
        else:
            self._change(self._item.option(name, value))

    def _on_folder(self) -> None:
        text = self.data_folder.text().strip().strip("\"'")
        if self.data_folder.isModified():
            self.data_folder.setModified(False)
            self._change(self._item.option("data_folder", text))

    def _browse(self) -> None:
        dialog = QFileDialog(self, tr("The folder that holds the data"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setDirectory(str(self._item.source.parent))
        dialog.fileSelected.connect(
            lambda folder: self._change(self._item.option("data_folder", str(Path(folder))))
        )
        dialog.open()

    def _on_moved(self, name: str, place: Any) -> None:
        places = dict(self._item.wishes.options.get("positions", {}))
        places.pop(name, None)
        if place is not None:
            places[name] = place
        self._change(self._item.option("positions", places))

    def _on_chosen(self, name: str, wanted: bool) -> None:
        out = [one for one in self._item.wishes.options.get("leave_out", ()) if one != name]
        if not wanted:
            out.append(name)
        self._change(self._item.option("leave_out", tuple(out)))
