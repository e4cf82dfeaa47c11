"""List the phases of the experiment and rename them; one phase at this stage."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from parfocal.plan import Phase
from parfocal.ui.icons import icon
from parfocal.ui.text import tr


class PhaseList(QWidget):
    """The phases in the order in which they run."""

    renamed = pyqtSignal(int, str)
    """Which phase, and its new name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._showing = False
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Phases"))
        self.list.itemChanged.connect(self._on_item_changed)
        title = QLabel(tr("&Phases"))
        title.setBuddy(self.list)
        hint = QLabel(tr("F2 or a double click renames."))
        hint.setWordWrap(True)
        hint.setEnabled(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(title)
        layout.addWidget(self.list, 1)
        layout.addWidget(hint)

    def show_phases(self, phases: tuple[Phase, ...]) -> None:
        """Show these phases."""
        self._showing = True
        while self.list.count() > len(phases):
            self.list.takeItem(self.list.count() - 1)
        for row, phase in enumerate(phases):
            item = self.list.item(row)
            if item is None:
                item = QListWidgetItem(self.list)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setText(phase.name)
        if self.list.currentRow() < 0:
            self.list.setCurrentRow(0)
        self.dress()
        self._showing = False

    def dress(self) -> None:
        """Draw the icons in the theme's colours."""
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item is not None:
                item.setIcon(icon("layers-triple-outline"))

    def _on_item_changed(self, item: QListWidgetItem) -> None:
        if self._showing:
            return
        name = item.text().strip()
        self.renamed.emit(self.list.row(item), name)
