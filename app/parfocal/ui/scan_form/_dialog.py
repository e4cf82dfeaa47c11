"""The window in which a scan is set up: sections at the left, the form, the file at the right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QIcon, QShowEvent
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QMessageBox,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from parfocal.jobs import Fault, ScanFile, faults_of, rewrite, write_scan_file
from parfocal.ui.newest_answer import NewestAnswer
from parfocal.ui.note import Note
from parfocal.ui.scan_form._draft import Draft, Place
from parfocal.ui.scan_form._folders import NEEDED, look_into
from parfocal.ui.scan_form._page import Page
from parfocal.ui.scan_form._preview import Preview
from parfocal.ui.scan_form._section_list import SectionList
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.ui.desk import Desk

__all__ = ["ScanDialog"]

SIZE = QSize(1180, 720)
RENAMING = ("project", "pattern", "slice_offset", "strips_per_slice")
"""What makes the names of strips."""
SHORTLY_MS = 300


class ScanDialog(QDialog):
    """Stays beside the window, which it does not hold up. `saved` tells where the file lies."""

    saved = pyqtSignal(Path)

    def __init__(
        self, desk: Desk, file: ScanFile | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._desk, self.file = desk, file
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(
            tr("New scan") if file is None else tr("Scan {name}").format(name=file.path.name)
        )
        self.resize(SIZE)
        self.draft = Draft({} if file is None else file.values)
        self._touched: set[Place] = set()
        self._asked = file is not None
        """Whether all that is wrong is shown; on an empty form that would be a scolding."""
        self._kept = self._writing = False
        self.page = Page(desk.theme, self.draft)
        self.preview = Preview(desk, "" if file is None else file.text)
        self.about = Note(desk.theme, tr("What saving does"))
        self.renamed = Note(desk.theme, tr("What other names do"))
        self.general = Note(desk.theme, tr("What is wrong"))
        self.take_out = QPushButton(tr("Take out what is &unknown"))
        self.take_out.clicked.connect(self._take_out)
        self.list = SectionList(desk.theme, self.page)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self.save_button = self._button(QDialogButtonBox.StandardButton.Save)
        self.save_button.setText(tr("&Save…") if file is None else tr("&Save"))
        self._button(QDialogButtonBox.StandardButton.Cancel).setText(tr("&Cancel"))
        self.buttons.accepted.connect(self.save)
        self.buttons.rejected.connect(self.reject)
        self._folders = NewestAnswer(desk.tasks, self, far=True)
        self._looks = QTimer(self)
        self._looks.setSingleShot(True)
        self._looks.setInterval(SHORTLY_MS)  # a share is not asked at every letter
        self._looks.timeout.connect(self._look_into_folders)
        self._lay_out()
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # Enter takes what was typed, and saves nothing
        self.page.edited.connect(self._edited)
        desk.close_guards.append(self._may_leave)
        desk.queue.told.connect(self._say_about)
        self.finished.connect(self._forget)
        self._say_about()
        self._check()
        self.page.fields["project",].first.setFocus()

    @property
    def is_watched(self) -> bool:
        """Whether the file is one of those that are watched."""
        overview = self._desk.queue.last
        scans = () if overview is None else overview.scans
        return self.file is not None and any(one.file == self.file.path for one in scans)

    def save(self) -> None:
        """Write it where it was, or ask where; what is wrong is shown first."""
        self._asked = True
        if wrong := self._check():
            self._say_wrong(wrong)
            return
        if self.file is not None:
            self._write(self.file.path)
            return
        project = self.draft.values["project"]
        start = self._desk.settings.values.data_folder / f"{project}.yaml"
        dialog = QFileDialog(self, tr("Save the scan"), str(start.parent))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([tr("Scans (*.yaml *.yml)"), tr("All files (*)")])
        dialog.setDefaultSuffix("yaml")
        dialog.selectFile(start.name)
        dialog.fileSelected.connect(lambda name: self._write(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def reject(self) -> None:
        """Cancel, Escape and the window's cross."""
        if self._writing:  # who left now would not know what the file says
            self.general.say(tr("The file is being written: wait for the end of that."), "muted")
        elif self._may_leave():
            super().reject()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Qt shows it, and has made Save what Enter does: that would save half of a change."""
        super().showEvent(event)
        self.save_button.setDefault(False)

    # -- what is said

    def _edited(self, place: Place) -> None:
        self.draft.say(place, self.page.fields[place].told())
        self._touched.add(place)
        self._check()

    def _check(self) -> list[Fault]:
        """Ask the configuration itself; every fault, also those that are not shown yet."""
        values = self.draft.values
        faults = list(faults_of(values))
        shown = [one for one in faults if self._asked or self.page.place_of(one) in self._touched]
        homeless = self.page.show_faults(shown)
        self.general.say("\n".join(fault.words for fault in homeless))
        self.take_out.setVisible(bool(self._unknown(faults)))
        self._show_what_applies()
        self.list.mark()
        self._say_renamed()
        self.preview.show_values(values)
        self._looks.start()
        troubles = [
            Fault(place, field.trouble)
            for place, field in self.page.fields.items()
            if field.trouble
        ]
        return faults + troubles

    def _say_wrong(self, wrong: list[Fault]) -> None:
        order = list(self.page.fields)
        places = [place for one in wrong if (place := self.page.place_of(one)) is not None]
        if places:
            self.page.go_to(min(places, key=order.index))
        words = tr("Not saved yet: {n} things want to be put right, where the form says so.")
        if len(wrong) == 1:
            words = tr("Not saved yet: one thing wants to be put right, where the form says so.")
        lines = [self.general.sentence, words.format(n=number(len(wrong)))]
        self.general.say("\n".join(line for line in lines if line))

    def _unknown(self, faults: list[Fault]) -> list[Fault]:
        """Keys that the configuration does not know."""
        return [one for one in faults if one.place and self.page.place_of(one) is None]

    def _take_out(self) -> None:
        """Only when somebody says so: it may be a word of a later version."""
        for fault in self._unknown(list(faults_of(self.draft.values))):
            self.draft.leave_out(fault.place)
        self._check()

    def _show_what_applies(self) -> None:
        ends, mip = self.draft.said("cleanup", "mip")
        for key, applies in (
            ("preview_window", mip),
            ("preview_parts", mip),
            ("trash_days", ends == "trash"),
            ("delete_consent", ends in {"trash", "delete"}),
        ):
            self.page.set_visible((key,), visible=bool(applies) or self.draft.is_told((key,)))
        project = self.draft.said("project")[0] or tr("PROJECT")
        consent: Any = self.page.fields["delete_consent",].first
        consent.setPlaceholderText(tr("empty, or: {words}").format(words=f"delete {project}"))

    def _say_about(self, *_: object) -> None:
        if self.file is None:
            self.about.say(
                tr(
                    "A project, and where copies or stores go: no more is needed. "
                    "What is grey counts where a field stays empty."
                ),
                "muted",
            )
        elif self.is_watched:
            self.about.say(
                tr(
                    "This scan is watched. What you save is read at once, and holds for strips "
                    "that come from then on; those in the queue keep what the file said before."
                ),
                "info",
            )
        else:
            self.about.say(tr("What is grey counts where a field stays empty."), "muted")

    def _say_renamed(self) -> None:
        """A strip is known by its project, slice and number."""
        before = tuple(map(self.draft.was_said, RENAMING))
        other = self.file is not None and before != self.draft.said(*RENAMING)
        self.renamed.say(
            tr(
                "Strips can get other names by this. A folder that has another name then is taken "
                "for a new strip, and all of it is done once more."
            )
            if other
            else "",
            "warn",
        )

    def _look_into_folders(self) -> None:
        said = dict(zip(NEEDED, self.draft.said(*NEEDED), strict=True))
        wrong = {one.place[0] for one in faults_of({"output": "/", **said}) if one.place}
        if not said["watch"] or wrong & {*NEEDED} - {"project"}:
            self._folders.forget()
            self.page.watch_note.say("")
            return
        project = str(said["project"] or "")
        self._folders.ask(
            tr("look into the folders of a scan"),
            lambda _task: look_into(project, said),
            lambda seen: self.page.watch_note.say(seen.words, seen.token),
        )

    # -- the file

    def _write(self, path: Path) -> None:
        values, file = self.draft.values, self.file
        self._hold(held=True)
        self.general.say("")

        def work(_task: object) -> Path:
            before = None if file is None else file.text
            made = rewrite(before or "", values)
            write_scan_file(path, made.text, before=before)
            return path

        self._desk.tasks.quietly(
            tr("write a scan's file"),
            work,
            on_done=self._written,
            on_failed=self._not_written,
            owner=self,
            far=True,
        )

    def _written(self, path: Path) -> None:
        self._kept = True
        self.accept()
        self.saved.emit(path)

    def _not_written(self, sentence: str) -> None:
        self._hold(held=False)
        self.general.say(sentence)

    def _hold(self, *, held: bool) -> None:
        """While it is written: what was typed meanwhile would be in no file."""
        self._writing = held
        for part in (self.page, self.take_out, self.save_button):
            part.setDisabled(held)

    def _may_leave(self) -> bool:
        if self._kept or self._writing or not self.draft.is_changed:
            return True
        button = QMessageBox.StandardButton
        name = tr("The new scan") if self.file is None else self.file.path.name
        answer = QMessageBox.question(
            self,
            tr("Unsaved changes"),
            tr("{name} has changes that are not saved.").format(name=name),
            button.Discard | button.Cancel,
            button.Cancel,
        )
        return answer == button.Discard

    def _forget(self) -> None:
        self._desk.close_guards.remove(self._may_leave)

    # -- parts

    def _button(self, which: QDialogButtonBox.StandardButton) -> QPushButton:
        button = self.buttons.button(which)
        assert button is not None
        button.setIcon(QIcon())  # the style's is dark on the dark theme
        return button

    def _lay_out(self) -> None:
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.addWidget(self.page)
        halves.addWidget(self.preview)
        halves.setChildrenCollapsible(False)
        halves.setStretchFactor(0, 3)
        halves.setStretchFactor(1, 2)
        halves.setSizes([610, 390])
        middle = QHBoxLayout()
        middle.addWidget(self.list)
        middle.addSpacing(8)
        middle.addWidget(halves, 1)
        bottom = QHBoxLayout()
        bottom.addWidget(self.general, 1)
        bottom.addWidget(self.take_out)
        column = QVBoxLayout(self)
        for note in (self.about, self.renamed):
            column.addWidget(note)
        column.addLayout(middle, 1)
        column.addLayout(bottom)
        column.addWidget(self.buttons)
