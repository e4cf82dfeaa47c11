"""One page for each kind of choice: what is chosen holds at once and is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.desk import Desk
from parfocal.ui.settings_dialog._folder_field import FolderField
from parfocal.ui.settings_dialog._ways import Ways
from parfocal.ui.text import tr

__all__ = ["appearance", "folders", "messages", "runs", "updates", "viewer"]


class Form(QWidget):
    """Labels and fields, each bound to one setting: it shows the setting and changes it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._show: dict[str, Any] = {}
        self.rows = QFormLayout(self)
        self.rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self.rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        desk.settings.changed.connect(self._follow)

    def tick(self, field: str, words: str) -> QCheckBox:
        """Yes or no."""
        box = QCheckBox(words)
        box.setChecked(getattr(self._desk.settings.values, field))
        box.toggled.connect(lambda on: self._desk.settings.change(**{field: on}))
        self._show[field] = box.setChecked
        self.rows.addRow(box)
        return box

    def choice(self, field: str, label: str, offered: dict[str, str]) -> QComboBox:
        """One of a few: the value that is kept, and its words."""
        combo = QComboBox()
        for value, words in offered.items():
            combo.addItem(words, value)

        def show(value: str) -> None:
            combo.setCurrentIndex(combo.findData(value))

        show(getattr(self._desk.settings.values, field))
        combo.currentIndexChanged.connect(
            lambda _: self._desk.settings.change(**{field: combo.currentData()})
        )
        self._show[field] = show
        self._labelled(label, combo)
        return combo

    def seconds(self, field: str, label: str, least: int, most: int) -> QSpinBox:
        """A whole number of seconds."""
        spin = QSpinBox()
        spin.setRange(least, most)
        spin.setSuffix(tr(" s"))
        spin.setValue(getattr(self._desk.settings.values, field))
        spin.valueChanged.connect(lambda value: self._desk.settings.change(**{field: value}))
        self._show[field] = spin.setValue
        self._labelled(label, spin)
        return spin

    def folder(self, field: str, label: str, *, optional: bool = False) -> FolderField:
        """A folder, or none where that means something."""
        now = getattr(self._desk.settings.values, field)
        part = FolderField(self._desk.theme, label.replace("&", ""), now, optional=optional)
        part.chosen.connect(lambda path: self._desk.settings.change(**{field: path}))
        self._show[field] = part.show_path
        self._labelled(label, part, buddy=part.path)
        return part

    def say(self, words: str) -> None:
        """A sentence under what it explains."""
        label = QLabel(words)
        label.setWordWrap(True)
        label.setForegroundRole(self.palette().ColorRole.PlaceholderText)
        self.rows.addRow(label)

    def follow(self, field: str, show: Any) -> None:
        """Have `show` told when a setting is changed anywhere."""
        self._show[field] = show

    def _labelled(self, label: str, part: QWidget, buddy: QWidget | None = None) -> None:
        words = QLabel(label)
        words.setBuddy(buddy or part)
        self.rows.addRow(words, part)

    def _follow(self, names: frozenset[str]) -> None:
        for name in names & self._show.keys():
            self._show[name](getattr(self._desk.settings.values, name))


class FolderList(QWidget):
    """The folders whose stores are listed in Store."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Folders listed in Store"))
        self.add = QPushButton(tr("&Add…"))
        self.add.clicked.connect(self._pick)
        self.remove = QPushButton(tr("&Remove"))
        self.remove.setToolTip(tr("Take it off the list; nothing on the disk is touched"))
        self.remove.clicked.connect(self._remove)
        self.list.currentRowChanged.connect(lambda row: self.remove.setEnabled(row >= 0))
        buttons = QVBoxLayout()
        buttons.addWidget(self.add)
        buttons.addWidget(self.remove)
        buttons.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.list, 1)
        row.addLayout(buttons)
        self.setMaximumHeight(140)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.show_folders(desk.settings.values.store_folders)

    def show_folders(self, folders: tuple[Path, ...]) -> None:
        """Show those that are chosen now."""
        self.list.clear()
        self.list.addItems([str(folder) for folder in folders])
        self.remove.setEnabled(False)

    def _pick(self) -> None:
        start = str(self._desk.settings.values.data_folder)
        dialog = QFileDialog(self, tr("A folder of stores"), start)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda name: self._add(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _add(self, folder: Path) -> None:
        folders = self._desk.settings.values.store_folders
        if folder not in folders:
            self._desk.settings.change(store_folders=(*folders, folder))

    def _remove(self) -> None:
        folders = self._desk.settings.values.store_folders
        row = self.list.currentRow()
        self._desk.settings.change(store_folders=(*folders[:row], *folders[row + 1 :]))


def appearance(desk: Desk) -> Form:
    """Light or dark."""
    form = Form(desk)
    looks = {"system": tr("As the system"), "light": tr("Light"), "dark": tr("Dark")}
    form.choice("theme", tr("&Theme"), looks)
    form.say(tr("Plots, pictures and open viewers follow at once."))
    return form


def folders(desk: Desk) -> Form:
    """Where data go, and where they are looked for."""
    form = Form(desk)
    form.folder("data_folder", tr("&New stores go to"))
    form.folder("convert_folder", tr("&Converted stores go to"), optional=True)
    form.say(tr("Empty: where new stores go. Every run and every conversion can name another."))
    listed = FolderList(desk)
    label = QLabel(tr("&Listed in Store"))
    label.setBuddy(listed.list)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    form.rows.addRow(label, listed)
    form.follow("store_folders", listed.show_folders)
    return form


def runs(desk: Desk) -> Form:
    """What happens at the start and after a run."""
    form = Form(desk)
    form.choice(
        "microscope_at_start",
        tr("&Microscope at the start"),
        {
            "last": tr("The one that was open last"),
            "demo": tr("The demo microscope"),
            "none": tr("None"),
        },
    )
    form.say(tr("One with real devices is opened only after a question: they may move."))
    form.tick("levels_after_run", tr("&Build the pyramid of each completed run"))
    form.say(
        tr("It waits while the next run goes on. Without it, viewers are slow when zoomed out.")
    )
    return form


def viewer(desk: Desk) -> Form:
    """napari beside a run."""
    form = Form(desk)
    form.tick("viewer_at_start", tr("&Open a viewer when a run starts"))
    form.say(tr("Where the plan names its own viewers, those are opened in any case."))
    form.tick("viewer_waits", tr("Keep one &ready, so that the next opens in half the time"))
    form.say(
        tr(
            "It waits unseen and holds 0.2 GB of memory. None is started during a run, or while "
            "less than 4 GB are free."
        )
    )
    return form


def messages(desk: Desk) -> Form:
    """How messages are shown."""
    form = Form(desk)
    form.seconds("message_seconds", tr("A &message stays"), 2, 60)
    form.say(tr("Errors stay until they are closed. All are kept behind the bell."))
    form.choice(
        "notices",
        tr("Of the &queue of jobs"),
        {"all": tr("Everything"), "needs me": tr("What needs a person")},
    )
    form.tick("notices_on_desktop", tr("Tell it on the &desktop when nobody looks at the window"))
    ways = Ways(desk)
    form.rows.addRow(ways)
    form.follow("notify", ways.show_ways)
    return form


def updates(desk: Desk) -> Form:
    """Whether a newer version is looked for; nowhere unless a folder is named."""
    form = Form(desk)
    form.folder("installers_folder", tr("&Look for installers in"), optional=True)
    form.say(
        tr(
            "Empty: nothing is looked for. A folder, often a share of the lab, is looked into "
            "once at each start, never during a run; a newer installer there is told. Nothing "
            "is asked of the internet, and nothing is installed by itself."
        )
    )
    return form
