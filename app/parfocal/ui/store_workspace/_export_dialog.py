"""Ask what to export and where to; the file's name follows the choice until a person types one."""

from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.product_work import ExportWish
from parfocal.ui.text import tr

SUFFIXES = (".ome.tif", ".ome.zarr")
ENDINGS = (".ome.tiff", ".ome.tif", ".tiff", ".tif", ".ome.zarr", ".zarr")


class ExportDialog(QDialog):
    """Kind of picture, kind of file, and its path."""

    wished = pyqtSignal(object)  # an ExportWish

    def __init__(self, store: Path, depth: int, frames: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Export {name}").format(name=store.name))
        self._store = store
        self._named = False
        self.what = QComboBox()
        self._fill(depth, frames)
        self.kind = QComboBox()
        self.kind.addItem(tr("OME-TIFF: one file that most programs open"), SUFFIXES[0])
        self.kind.addItem(tr("OME-Zarr: a store of its own"), SUFFIXES[1])
        self.path = QLineEdit()
        self.path.setMinimumWidth(420)
        self.browse = QPushButton(tr("&Browse…"))
        self.browse.setAutoDefault(False)
        self.replace = QCheckBox(tr("&Replace what is there"))
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        go = self.buttons.addButton(tr("&Export"), QDialogButtonBox.ButtonRole.AcceptRole)
        assert go is not None
        self.go = go
        self._lay_out()
        self.go.setDefault(True)  # only once it lies in the dialog: Cancel was the default
        self.what.currentIndexChanged.connect(self._propose)
        self.kind.currentIndexChanged.connect(self._propose)
        self.path.textEdited.connect(self._on_typed)
        self.replace.toggled.connect(self._judge)
        self.browse.clicked.connect(self._browse)
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        self._propose()

    def wish(self) -> ExportWish:
        """What is chosen now."""
        file = Path(self.path.text().strip()).expanduser()
        return ExportWish(file, self.what.currentData(), self.replace.isChecked())

    def _fill(self, depth: int, frames: int) -> None:
        """The likely one first: of a stack its projection, of planes the planes."""
        every: tuple[str, str | None] = (tr("Every plane"), None)
        along_z: tuple[str, str | None] = (tr("Largest along z (seen from above)"), "z")
        choices = [along_z, every] if depth > 1 else [every]
        if frames > 1:
            choices.append((tr("Largest along time"), "t"))
        if depth > 1:
            choices.append((tr("Largest along y (seen from the front)"), "y"))
            choices.append((tr("Largest along x (seen from the side)"), "x"))
        for text, axis in choices:
            self.what.addItem(text, axis)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.path, 1)
        row.addWidget(self.browse)
        form = QFormLayout()
        form.addRow(tr("&What"), self.what)
        form.addRow(tr("&Kind of file"), self.kind)
        file = QLabel(tr("&File"))
        file.setBuddy(self.path)  # a row that is a layout has no buddy by itself
        form.addRow(file, row)
        form.addRow("", self.replace)
        for label, widget in ((tr("File"), self.path), (tr("What"), self.what)):
            widget.setAccessibleName(label)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)

    def _propose(self) -> None:
        """Name the file after the store and the choice; a typed name only gets the suffix."""
        suffix = str(self.kind.currentData())
        if self._named:
            stem = _without_ending(self.path.text().strip())
        else:
            axis = self.what.currentData()
            word = "all" if axis is None else f"max-{axis}"
            stem = str(self._store.parent / f"{_without_ending(self._store.name)}-{word}")
        self.path.setText(stem + suffix)
        self._judge()

    def _on_typed(self, text: str) -> None:
        self._named = True
        for number, suffix in enumerate(SUFFIXES):
            if text.lower().endswith(suffix) and self.kind.currentIndex() != number:
                self.kind.blockSignals(True)
                self.kind.setCurrentIndex(number)
                self.kind.blockSignals(False)
        self._judge()

    def _judge(self) -> None:
        """Say beforehand what would be refused, as far as it can be seen at once."""
        file = self.wish().file
        there = file.exists()
        self.replace.setEnabled(there)
        problem = ""
        if not file.name.lower().endswith(ENDINGS):
            problem = tr("The name must end with .ome.tif or .ome.zarr.")
        elif not file.parent.is_dir():
            problem = tr("There is no folder {folder}.").format(folder=file.parent)
        elif there and not self.replace.isChecked():
            problem = tr("{name} exists already.").format(name=file.name)
        self.problem.setText(problem)
        self.go.setEnabled(not problem)

    def _browse(self) -> None:
        filters = [tr("OME-TIFF (*.ome.tif)"), tr("OME-Zarr (*.ome.zarr)")]
        dialog = QFileDialog(self, tr("Export to"), self.path.text())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(filters)
        dialog.selectNameFilter(filters[self.kind.currentIndex()])
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # the tick box asks
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(
            lambda chosen: self._chosen(chosen, filters.index(dialog.selectedNameFilter()))
        )
        dialog.open()

    def _chosen(self, chosen: str, kind: int) -> None:
        self._named = True
        self.path.setText(_without_ending(chosen))
        self.kind.setCurrentIndex(kind)
        self._propose()

    def _accept(self) -> None:
        wish = self.wish()
        self.accept()
        self.wished.emit(wish)


def _without_ending(name: str) -> str:
    for ending in ENDINGS:
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name
