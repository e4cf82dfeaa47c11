"""Change what may be changed in a store: names, colours, contrast, voxel size, stage map."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from parfocal.store import StageMapEdit, StoreEdit
from parfocal.ui.icons import icon
from parfocal.ui.store_workspace._channel_table import ChannelTable
from parfocal.ui.store_workspace._edits import Edits
from parfocal.ui.store_workspace._entry import Entry
from parfocal.ui.store_workspace._field_table import FieldTable
from parfocal.ui.store_workspace._stage_form import StageForm
from parfocal.ui.store_workspace._voxel_form import VoxelForm
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme


class MetadataTab(QWidget):
    """Everything is written when it is entered, and can be taken back."""

    def __init__(self, edits: Edits, theme: Theme) -> None:
        super().__init__()
        self._edits = edits
        self._theme = theme
        self._entry: Entry | None = None
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.undo_button = QPushButton(tr("&Undo"))
        self.redo_button = QPushButton(tr("Re&do"))
        self.channels = ChannelTable()
        self.fields = FieldTable()
        self.voxel = VoxelForm()
        self.stage = StageForm()
        self._forms = (self.channels, self.fields, self.voxel, self.stage)
        self._lay_out()
        self.undo_button.clicked.connect(edits.undo)
        self.redo_button.clicked.connect(edits.redo)
        self.channels.edited.connect(self._apply)
        self.fields.edited.connect(self._apply)
        self.voxel.edited.connect(self._apply)
        self.stage.edited.connect(
            lambda axes: self._apply(StoreEdit(stage_map=StageMapEdit(axes)), tr("stage map"))
        )
        edits.changed.connect(self._follow)
        edits.refused.connect(self._again)
        theme.changed.connect(self._dress)
        self._dress()

    def show_entry(self, entry: Entry) -> None:
        """Be about this store from now on."""
        self._entry = entry
        self._again()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.note, 1)
        head.addWidget(self.undo_button)
        head.addWidget(self.redo_button)
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addWidget(_boxed(tr("Channels"), self.channels), 3)
        left.addWidget(_boxed(tr("Fields"), self.fields), 4)
        right.addWidget(_boxed(tr("Voxel size"), self.voxel))
        right.addWidget(_boxed(tr("Stage map"), self.stage))
        right.addStretch(1)
        inside = QWidget()
        columns = QHBoxLayout(inside)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.addLayout(left, 5)
        columns.addLayout(right, 4)
        scroll = QScrollArea()
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        layout = QVBoxLayout(self)
        layout.addLayout(head)
        layout.addWidget(scroll, 1)

    def _again(self) -> None:
        """Show what the store says, whatever was typed."""
        entry = self._entry
        if entry is None:
            return
        for form in self._forms:
            form.show_entry(entry)
        self._follow()

    def _apply(self, edit: StoreEdit, what: str) -> None:
        if self._entry is not None:
            self._edits.apply(self._entry.path, edit, what)

    def _follow(self) -> None:
        entry = self._entry
        why = entry.why_not_edited if entry is not None else ""
        able = entry is not None and not why and not self._edits.busy
        for form in self._forms:
            form.setEnabled(able)
        self.undo_button.setEnabled(self._edits.can_undo())
        self.redo_button.setEnabled(self._edits.can_redo())
        stack = self._edits.stack
        undo, redo = ("", "") if stack is None else (stack.undoText(), stack.redoText())
        self.undo_button.setToolTip(tr("Undo: {what}").format(what=undo) if undo else "")
        self.redo_button.setToolTip(tr("Redo: {what}").format(what=redo) if redo else "")
        told = tr("What you change is written at once; every value before it stays in Provenance.")
        if why:
            told = tr("Nothing can be changed here: {why}.").format(why=why)
        self.note.setText(told)

    def _dress(self) -> None:
        self.undo_button.setIcon(icon("undo"))
        self.redo_button.setIcon(icon("redo"))


def _boxed(title: str, inside: QWidget) -> QGroupBox:
    box = QGroupBox(title)
    layout = QVBoxLayout(box)
    layout.addWidget(inside)
    return box
