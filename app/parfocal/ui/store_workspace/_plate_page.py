"""A plate with its wells, and below it the fields of the well that was chosen last."""

from PyQt6.QtCore import QModelIndex, Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from parfocal.ui.store_workspace._entry import MOST_PICTURES, Entry
from parfocal.ui.store_workspace._field_picture import field_picture
from parfocal.ui.store_workspace._pictures import Pictures
from parfocal.ui.store_workspace._plate_model import WELL_ROLE, well_name
from parfocal.ui.store_workspace._plate_view import PlateView
from parfocal.ui.store_workspace._thumbnail import Picture
from parfocal.ui.streamed import Put, Streamed
from parfocal.ui.tasks import Task, Tasks
from parfocal.ui.text import number, tr
from parfocal.ui.theme import Theme

WELL_SIDE, FIELD_SIDE = 64, 240


class PlatePage(QWidget):
    """Pictures come one by one; what shows first is how full each well is."""

    opened = pyqtSignal()
    chosen = pyqtSignal()

    def __init__(self, tasks: Tasks, theme: Theme) -> None:
        super().__init__()
        self._entry: Entry | None = None
        self.view = PlateView(theme)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.fields = Pictures(theme)
        self._wells = Streamed(tasks, self, self._take_well)
        self._of_one = Streamed(tasks, self, self._take_field)
        self._shown: list[Picture] = []
        below = QWidget()
        layout = QVBoxLayout(below)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.words)
        layout.addWidget(self.fields, 1)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.view)
        splitter.addWidget(below)
        splitter.setSizes([300, 170])
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)
        self.view.opened.connect(self.opened)
        self.view.chosen.connect(self._on_chosen)
        selection = self.view.selectionModel()
        assert selection is not None
        selection.currentChanged.connect(lambda index, _before: self._show_well(index))

    def show_entry(self, entry: Entry) -> None:
        """Show the plate of this store."""
        again = self._entry is not None and self._entry.path == entry.path
        current = self.view.currentIndex()
        place = (current.row(), current.column()) if again and current.isValid() else None
        self._entry = entry
        self._of_one.forget()
        self._show_fields([])
        self.view.plate.show_plate(entry)
        self.view.fit()
        if place is not None:
            self.view.setCurrentIndex(self.view.plate.index(*place))
        self._tell()
        plate = entry.plate
        if plate is None or entry.info is None:
            return
        paths = [(well, entry.info.field_paths[n[0]]) for well, n in plate.wells.items()]

        def read(task: Task, put: Put) -> None:
            for well, path in paths:
                task.report()
                if (picture := field_picture(entry.path, path, well, WELL_SIDE)) is not None:
                    put(picture)

        self._wells.ask(f"pictures of the wells of {entry.path}", read)

    def forget(self) -> None:
        """Another store is shown, which is no plate."""
        self._entry = None
        self._wells.forget()
        self._of_one.forget()

    def _take_well(self, picture: Picture) -> None:
        self.view.plate.show_picture(picture.name, picture)

    def _take_field(self, picture: Picture) -> None:
        self._show_fields([*self._shown, picture])

    def _show_fields(self, pictures: list[Picture]) -> None:
        self._shown = pictures
        self.fields.show_pictures(tuple(pictures), self._waiting())

    def _waiting(self) -> str:
        index = self.view.currentIndex()
        if not index.isValid():
            return tr("Choose a well to see its fields")
        return "" if self.view.plate.fields_of(index) else tr("This well was not imaged")

    def _on_chosen(self) -> None:
        self._tell()
        self.chosen.emit()

    def _tell(self) -> None:
        wells, fields = len(self.view.selectedIndexes()), len(self.view.fields())
        plate = self.view.plate.plate
        if wells:
            some = tr("1 well") if wells == 1 else tr("{n} wells").format(n=number(wells))
            inside = tr("1 field") if fields == 1 else tr("{n} fields").format(n=number(fields))
            words = tr("{wells} with {fields} chosen: Enter asks for a viewer.")
            self.words.setText(words.format(wells=some, fields=inside))
            return
        size = len(plate.rows) * len(plate.columns)
        words = tr("{imaged} of {size} wells were imaged.")
        if self._entry is not None and self._entry.info is not None and self._entry.info.missing:
            words += tr(" A mark in the corner: planes are missing.")
        self.words.setText(words.format(imaged=number(len(plate.wells)), size=number(size)))

    def _show_well(self, index: QModelIndex) -> None:
        entry = self._entry
        self._of_one.forget()
        self._show_fields([])
        if entry is None or entry.info is None or not index.isValid():
            return
        found, well = entry.info, well_name(str(index.data(WELL_ROLE)))
        fields = self.view.plate.fields_of(index)[:MOST_PICTURES]
        wanted = [(found.field_paths[n], f"{well} · {found.fields[n]}") for n in fields]

        def read(task: Task, put: Put) -> None:
            for path, name in wanted:
                task.report()
                if (picture := field_picture(entry.path, path, name, FIELD_SIDE)) is not None:
                    put(picture)

        self._of_one.ask(f"pictures of {well} of {entry.path}", read)
