"""Show the folder of plug-ins: which parts were found in it, and why a file gave none."""

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.design_workspace._known_parts import KnownParts
from parfocal.ui.design_workspace._preflight_lines import Line
from parfocal.ui.design_workspace._preflight_list import PreflightList
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.react import PartInfo
    from parfocal.ui.desk import Desk

__all__ = ["PlugInsDialog", "lines_of"]

BUILT_IN = "built in"
KINDS = {
    "segment": tr("segmenter"),
    "measure": tr("feature extractor"),
    "track": tr("tracker"),
    "stimulate": tr("stimulator"),
}


class PlugInsDialog(QDialog):
    """Stays open beside the plan: a file is changed, *Reload* pressed, and the form has it."""

    def __init__(self, desk: "Desk", known: KnownParts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Parts of pipelines"))
        self._desk, self._known = desk, known
        words = tr(
            "Python files in this folder are parts of your own: a class with the method segment, "
            "measure, link or mask. Files that begin with _ are passed over."
        )
        self.explanation = QLabel(words)
        self.explanation.setWordWrap(True)
        self.folder = QLabel()
        self.folder.setWordWrap(True)
        self.folder.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.folder.setAccessibleName(tr("Folder of plug-ins"))
        self.list = PreflightList(desk.theme)
        self.list.setAccessibleName(tr("Parts that were found"))
        self.open_button = QPushButton(tr("&Open folder"))
        self.open_button.setToolTip(
            tr("Show it in the file manager; it is made if it is not there")
        )
        self.reload_button = QPushButton(tr("&Reload"))
        self.reload_button.setToolTip(tr("Read the files of the folder again"))
        self.close_button = QPushButton(tr("&Close"))
        self._lay_out()
        self.open_button.clicked.connect(self._open_folder)
        self.reload_button.clicked.connect(self._reload)
        self.close_button.clicked.connect(self.close)
        known.changed.connect(self._show)
        known.want()
        self._show()
        self.resize(560, 460)

    def _show(self) -> None:
        known = self._known
        self.folder.setText(str(known.folder or tr("looking…")))
        self.open_button.setEnabled(known.folder is not None)
        self.reload_button.setEnabled(True)
        self.list.show_lines(lines_of(known))

    def _reload(self) -> None:
        self.reload_button.setEnabled(False)  # until it was read
        self._known.reload()

    def _open_folder(self) -> None:
        folder = self._known.folder
        if folder is not None:
            self._desk.tasks.quietly(
                "make the folder of plug-ins",
                lambda _task: folder.mkdir(parents=True, exist_ok=True),
                on_done=lambda _nothing: self._reveal(folder),
                on_failed=lambda sentence: self._desk.toasts.show(sentence, "error"),
                owner=self,
            )

    def _reveal(self, folder: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            words = tr("There is no file manager here; the folder is {folder}.")
            self._desk.toasts.show(words.format(folder=folder), "warn")

    def _lay_out(self) -> None:
        page = QWidget()
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 6, 0)
        inner.addWidget(self.list)
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        for part in (scroll.viewport(), page):
            if part is not None:
                part.setAutoFillBackground(False)
        row = QHBoxLayout()
        row.addWidget(self.open_button)
        row.addWidget(self.reload_button)
        row.addStretch(1)
        row.addWidget(self.close_button)
        for button in (self.open_button, self.reload_button, self.close_button):
            button.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.addWidget(self.explanation)
        layout.addWidget(self.folder)
        layout.addWidget(scroll, 1)
        layout.addLayout(row)


def lines_of(known: KnownParts) -> tuple[Line, ...]:
    """What was found: first what cannot be used, then parts of your own, then the others."""
    faulty = [one for one in known.parts if one.fault and one.source != BUILT_IN]
    refused = [Line("error", fault + ".") for fault in known.faults]
    refused += [Line("error", f"{one.source}: {one.fault}.") for one in faulty]
    listed = [one for one in known.parts if one not in faulty]
    own = [one for one in listed if one.source.endswith(".py")]
    others = [one for one in listed if one not in own]
    return (*refused, *(_line_of(known, one) for one in (*own, *others)))


def _line_of(known: KnownParts, one: "PartInfo") -> Line:
    """What comes with the program and wants a package beside it is no fault of anybody."""
    if fault := known.fault(one.kind, one.name):
        return Line("warning", f"{fault[:1].upper()}{fault[1:]}.")
    words = tr("{name} · {kind} · {source}")
    where = _where(one.source)
    return Line("ok", words.format(name=one.name, kind=KINDS[one.kind], source=where))


def _where(source: str) -> str:
    return Path(source).name if source.endswith(".py") else source
