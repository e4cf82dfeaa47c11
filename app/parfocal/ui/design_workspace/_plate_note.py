"""Say which wells a phase visits, where its list of positions would be."""

import useq
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from parfocal.ui.text import number, tr

MOST_WELLS = 48


class PlateNote(QWidget):
    """The wells in words, and a way to make a list of them."""

    list_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.list_button = QPushButton(tr("Ma&ke them a list of positions"))
        self.list_button.setToolTip(
            tr("To change single fields; the wells are then positions like any other")
        )
        self.list_button.clicked.connect(self.list_wanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(10)
        layout.addWidget(self.words)
        layout.addWidget(self.list_button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addStretch(1)
        self.hide()

    def show_plate(self, plate: useq.WellPlatePlan) -> None:
        """Show this plate's wells."""
        names = [place.name or "" for place in plate.selected_well_positions]
        shown = ", ".join(names[:MOST_WELLS]) + (", …" if len(names) > MOST_WELLS else "")
        fields = plate.num_points_per_well
        self.words.setText(
            tr("{wells} wells of a {plate} plate, {fields} in each:\n{names}").format(
                wells=number(len(names)),
                plate=plate.plate.name or tr("nameless"),
                fields=tr("1 field") if fields == 1 else tr("{n} fields").format(n=number(fields)),
                names=shown,
            )
        )
