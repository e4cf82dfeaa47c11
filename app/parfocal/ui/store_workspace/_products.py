"""Make a pyramid or an export of a store in the background, and say what came of it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from parfocal.store import ExportReport, PyramidReport, StoreInfo
from parfocal.ui.product_work import ExportWish
from parfocal.ui.store_workspace._export_dialog import ExportDialog
from parfocal.ui.store_workspace._reveal import reveal
from parfocal.ui.tasks import Task
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.ui.desk import Desk


class Products(QObject):
    """What can be made of a store; `changed(path)` is called when one is new or has new levels."""

    def __init__(self, desk: "Desk", changed: Callable[[Path], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._changed = changed
        self._window = parent
        self.dialog: ExportDialog | None = None

    def ask_for_export(self, path: Path, found: StoreInfo) -> None:
        """Open the dialog; the window goes on behind it."""
        lengths = dict(zip(found.axes, found.shape, strict=False))
        self.dialog = ExportDialog(path, lengths.get("z", 1), lengths.get("t", 1), self._window)
        self.dialog.wished.connect(lambda wish: self.export(path, wish))
        self.dialog.finished.connect(self._forget)
        self.dialog.open()

    def export(self, path: Path, wish: ExportWish) -> Task:
        """Export the store at `path`."""
        from parfocal.ui.product_work import export_work

        return self._desk.tasks.start(
            tr("Export {name} to {file}").format(name=path.name, file=wish.file.name),
            export_work(path, wish),
            on_done=self._exported,
            on_failed=self._failed,
            owner=self,
            about=path,
        )

    def make_pyramid(self, path: Path) -> Task:
        """Make the levels that the store has not got."""
        from parfocal.ui.product_work import pyramid_work

        return self._desk.tasks.start(
            tr("Pyramid of {name}").format(name=path.name),
            pyramid_work(path, lambda: self._desk.controller.busy),
            on_done=self._made,
            on_failed=self._failed,
            owner=self,
            about=path,
        )

    def _forget(self) -> None:
        self.dialog = None

    def _exported(self, report: ExportReport) -> None:
        said = tr("{file} holds {n} planes.").format(file=report.file.name, n=number(report.planes))
        if report.missing:
            said += " " + tr("{n} that are missing were left out.").format(n=number(report.missing))
        show = (tr("Show in folder"), lambda: reveal(report.file))
        self._desk.toasts.show(said, "warn" if report.missing else "ok", buttons=[show])
        self._changed(report.file)

    def _made(self, report: PyramidReport) -> None:
        name, levels = report.store.name, max(report.levels, default=1)
        if report.made:
            said = tr("{name} has {n} resolution levels now.").format(name=name, n=levels)
        else:
            said = tr("{name} has all its resolution levels already.").format(name=name)
        self._desk.toasts.show(said, "ok")
        self._changed(report.store)

    def _failed(self, sentence: str) -> None:
        self._desk.toasts.show(sentence, "error")
