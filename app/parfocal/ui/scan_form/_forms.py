"""Open the form for a new scan or a known one, once each, and say afterwards what holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QFileDialog, QWidget

from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.jobs import ScanFile
    from parfocal.ui.desk import Desk
    from parfocal.ui.scan_form._dialog import ScanDialog

__all__ = ["ScanForms"]


class ScanForms(QObject):
    """`offer` asks whether a scan that was saved is to be watched."""

    def __init__(self, desk: Desk, window: QWidget, offer: Callable[[Path], object]) -> None:
        super().__init__(window)
        self._desk, self._window, self._offer = desk, window, offer
        self.open: list[ScanDialog] = []

    def new(self) -> None:
        """An empty form."""
        self._begin(None)

    def choose(self) -> None:
        """Ask which scan is to be changed; one that is watched is at hand."""
        overview = self._desk.queue.last
        known = () if overview is None else overview.scans
        folder = known[-1].file.parent if known else self._desk.settings.values.data_folder
        dialog = QFileDialog(self._window, tr("Edit a scan"), str(folder))
        dialog.setNameFilters([tr("Scans (*.yaml *.yml)"), tr("All files (*)")])
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        if known:
            dialog.selectFile(known[-1].file.name)
        dialog.fileSelected.connect(lambda name: self.edit(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def edit(self, file: Path) -> None:
        """The form with what a file says."""
        self._begin(file)

    def _begin(self, path: Path | None) -> None:
        """Read it, and import what the form needs, off the window's thread: it takes a while."""
        if self._is_open(path):
            return

        def work(_task: object) -> Any:
            from parfocal.jobs import read_scan_file

            return None if path is None else read_scan_file(path)

        self._desk.tasks.quietly(
            tr("open the form of a scan"),
            work,
            on_done=self._show,
            on_failed=lambda sentence: self._desk.toasts.show(sentence, "error"),
            owner=self,
            far=True,
        )

    def _is_open(self, path: Path | None) -> bool:
        """Whether there is a form for it, which is in front then."""
        for dialog in self.open:
            if (None if dialog.file is None else dialog.file.path) == path:
                _raise(dialog)
                return True
        return False

    def _show(self, file: ScanFile | None) -> None:
        from parfocal.ui.scan_form._dialog import ScanDialog

        if self._is_open(None if file is None else file.path):
            return  # it was asked for twice while it was read
        dialog = ScanDialog(self._desk, file, self._window)
        self.open.append(dialog)
        dialog.finished.connect(lambda _: self.open.remove(dialog))
        dialog.saved.connect(lambda path: self._saved(dialog, path))
        _raise(dialog)

    def _saved(self, dialog: ScanDialog, path: Path) -> None:
        if dialog.is_watched:
            words = tr("{name} is saved and still watched: it holds for strips that come now.")
        elif dialog.draft.said("watch")[0]:
            self._offer(path)
            return
        else:
            words = tr("{name} is saved. It names no folder, so there is nothing to watch.")
        self._desk.toasts.show(words.format(name=path.name), "ok")


def _raise(dialog: QWidget) -> None:
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
