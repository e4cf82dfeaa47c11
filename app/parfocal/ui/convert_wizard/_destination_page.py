"""Choose where the stores go, see whether there is room, and read the plan before it is begun."""

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
)

from parfocal.convert import Inspection, known_batches
from parfocal.ui.convert_wizard._draft import SUFFIX, Draft, DraftItem, free_name, store_name
from parfocal.ui.convert_wizard._estimate import Rates
from parfocal.ui.convert_wizard._history import DraftHistory
from parfocal.ui.convert_wizard._inspector import Inspector
from parfocal.ui.convert_wizard._page import Page, muted
from parfocal.ui.convert_wizard._plan_model import ITEM, VOXEL, WHAT, PlanModel
from parfocal.ui.convert_wizard._rows import table_of
from parfocal.ui.convert_wizard._words import reason_words
from parfocal.ui.desk import Desk
from parfocal.ui.newest_answer import NewestAnswer
from parfocal.ui.note import Note
from parfocal.ui.text import number, size_in_words, time_in_words, tr

__all__ = ["DestinationPage"]

ROW_HEIGHT = 38  # two lines


@dataclass(frozen=True, slots=True)
class _Place:
    """What the disk says of a folder; `taken` are the stores of the draft that exist in it."""

    folder: Path
    is_there: bool
    writable: bool
    free: int
    taken: frozenset[str] = frozenset()


class DestinationPage(Page):
    """Folder, names, room, and the table of the plan."""

    def __init__(self, desk: Desk, history: DraftHistory, inspector: Inspector) -> None:
        super().__init__(
            tr("Where shall the stores go?"),
            tr("Nothing is written before Start. The name of a store can be changed in the table."),
        )
        self._desk, self._history, self._inspector = desk, history, inspector
        self._place: _Place | None = None
        self._asked: tuple[Path, tuple[str, ...]] | None = None
        self._answer = NewestAnswer(desk.tasks, self)
        self.rates = Rates()
        self.folder = QLineEdit()
        self.folder.setAccessibleName(tr("The folder for the stores"))
        self.browse = QPushButton(tr("Bro&wse…"))
        self.browse.setAutoDefault(False)
        self.space = QLabel()
        self.overwrite = QCheckBox(tr("&Replace stores of the same name"))
        self.overwrite.setToolTip(
            tr("The older store is kept beside the new one; `parfocal rollback` puts it back")
        )
        self.model = PlanModel(desk.theme, self)
        self.model.named.connect(self._rename)
        self.table = table_of(self.model, tr("The plan"), (ITEM, WHAT, VOXEL))
        rows = self.table.verticalHeader()
        assert rows is not None
        rows.setDefaultSectionSize(ROW_HEIGHT)
        self.why = muted("")
        self.why.setMinimumHeight(2 * self.why.fontMetrics().lineSpacing())
        self.note = Note(desk.theme, tr("What stands in the way"))
        self._lay_out()
        self._connect()

    def enter(self) -> None:
        self._inspector.look(self._history.draft.items)
        self._desk.tasks.quietly(
            tr("look at earlier conversions"),
            lambda _task: Rates.of(known_batches()),
            on_done=self._know_rates,
            owner=self,
        )
        self._asked = None
        self.refresh()

    def refresh(self) -> None:
        draft = self._history.draft
        if not self.folder.hasFocus() or not self.folder.isModified():
            self.folder.setText(str(draft.folder))
        self.overwrite.blockSignals(True)
        self.overwrite.setChecked(draft.overwrite)
        self.overwrite.blockSignals(False)
        found = [(item, self._inspector.of(item)) for item in draft.wanted]
        known = [(item, one) for item, one in found if one is not None]
        self.model.show_plan(known, self._taken(draft), self.rates)
        self._ask(draft)
        self._say(known)

    def obstacle(self) -> str:
        draft = self._history.draft
        wanted = draft.wanted
        if not self._inspector.ready(wanted):
            return tr("Looking into the files…")
        if not self.batch():
            return tr("Nothing of it can be brought in.")
        place = self._place
        if place is None or place.folder != draft.folder:
            return tr("Looking at the folder…")
        if not place.writable:
            return tr("Nothing can be written into {folder}.").format(folder=place.folder)
        if place.taken and not draft.overwrite:
            names = ", ".join(sorted(place.taken))
            return tr("{names} exists already: replace it, or choose another name.").format(
                names=names
            )
        return ""

    def next_words(self) -> str:
        count = len(self.batch())
        return tr("&Start") if count <= 1 else tr("&Start {n} items").format(n=number(count))

    def focus(self) -> None:
        self.folder.setFocus()

    def batch(self) -> list[tuple[DraftItem, Inspection]]:
        """What would be begun: what is wanted and can be read."""
        found = [(item, self._inspector.of(item)) for item in self._history.draft.wanted]
        return [(item, one) for item, one in found if one is not None and not one.problem]

    # -- parts

    def _lay_out(self) -> None:
        grid = QGridLayout()
        label = QLabel(tr("&Folder"))
        label.setBuddy(self.folder)
        grid.addWidget(label, 0, 0)
        grid.addWidget(self.folder, 0, 1)
        grid.addWidget(self.browse, 0, 2)
        grid.addWidget(self.space, 1, 1, 1, 2)
        grid.addWidget(self.overwrite, 2, 1, 1, 2)
        self.column.addLayout(grid)
        self.column.addWidget(self.table, 1)
        self.column.addWidget(self.why)
        self.column.addWidget(self.note)

    def _connect(self) -> None:
        self.folder.editingFinished.connect(self._on_folder)
        self.overwrite.toggled.connect(
            lambda on: self._history.change(replace(self._history.draft, overwrite=on))
        )
        self.browse.clicked.connect(self._browse)
        selection = self.table.selectionModel()
        assert selection is not None
        selection.currentRowChanged.connect(lambda now, _before: self._explain(now.row()))

    # -- what the disk says

    def _ask(self, draft: Draft) -> None:
        names = tuple(f"{item.name}{SUFFIX}" for item in draft.wanted)
        if self._asked == (draft.folder, names):
            return
        self._asked = draft.folder, names
        folder = draft.folder
        self._answer.ask(
            tr("look at a folder"),
            lambda _task: _look_at(folder, names),
            self._know_place,
            lambda _sentence: self._know_place(_Place(folder, False, False, 0)),
        )

    def _know_place(self, place: _Place) -> None:
        self._place = place
        self.refresh()
        self.changed.emit()

    def _know_rates(self, rates: Rates) -> None:
        self.rates = rates
        self.refresh()

    def _taken(self, draft: Draft) -> frozenset[str]:
        place = self._place
        return place.taken if place is not None and place.folder == draft.folder else frozenset()

    # -- words

    def _say(self, known: list[tuple[DraftItem, Inspection]]) -> None:
        ready = [found for _, found in known if not found.problem]
        most = sum(found.bytes for found in ready)
        seconds = sum(self.rates.seconds(found) for found in ready)
        how = tr("as fast as here before") if self.rates.measured else tr("a first guess")
        words = tr("At most {size} of pixels before compression.").format(size=size_in_words(most))
        if seconds >= 1:
            about = tr("About {time} ({how}).").format(time=time_in_words(seconds), how=how)
            words = f"{words} {about}"
        place = self._place
        if place is not None and place.folder == self._history.draft.folder:
            free = tr("{size} free.").format(size=size_in_words(place.free))
            words = f"{free} {words}"
        self.space.setText(words)
        tight = place is not None and most > place.free
        obstacle = self.obstacle()
        if obstacle and place is not None:
            self.note.say(obstacle)
        elif tight:
            self.note.say(tr("It fits only as far as the pixels can be compressed."), "warn")
        elif place is not None and not place.is_there:
            self.note.say(tr("The folder will be made."), "info")
        else:
            self.note.say("")
        self._explain(self.table.currentIndex().row())

    def _explain(self, row: int) -> None:
        rows = self.model.rows
        if not rows:
            self.why.setText("")
            return
        item, found = rows[min(max(0, row), len(rows) - 1)]
        name = item.source.name if found.problem else item.name
        self.why.setText(f"{name}: {reason_words(found)}")

    # -- edits

    def _on_folder(self) -> None:
        text = self.folder.text().strip().strip("\"'")
        if text and self.folder.isModified():
            self.folder.setModified(False)
            folder = Path(text).expanduser().absolute()
            self._history.change(replace(self._history.draft, folder=folder))

    def _browse(self) -> None:
        dialog = QFileDialog(self, tr("The folder for the stores"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setDirectory(str(self._history.draft.folder))
        dialog.fileSelected.connect(
            lambda chosen: self._history.change(replace(self._history.draft, folder=Path(chosen)))
        )
        dialog.open()

    def _rename(self, item: DraftItem, text: str) -> None:
        draft = self._history.draft
        taken = {other.name for other in draft.items if other.source != item.source}
        name = free_name(store_name(Path(text.strip() + SUFFIX)), taken)
        self._history.change_item(draft.items.index(item), replace(item, name=name))


def _look_at(folder: Path, names: tuple[str, ...]) -> _Place:
    """Ask the disk; a folder that is not there yet is judged by the one that it would be in."""
    around = folder
    while not around.is_dir() and around != around.parent:
        around = around.parent
    taken = frozenset(name for name in names if (folder / name).exists())
    writable = os.access(around, os.W_OK)
    return _Place(folder, folder.is_dir(), writable, shutil.disk_usage(around).free, taken)
