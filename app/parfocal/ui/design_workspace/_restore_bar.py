"""Offer what a crash had left unsaved, above everything else, until somebody answers."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from parfocal.ui.design_workspace._autosave import Leftover, drop
from parfocal.ui.icons import icon
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.ui.design_workspace._document import Document


class RestoreBar(QFrame):
    """One line with two buttons for each plan, the newest first."""

    restored = pyqtSignal()

    def __init__(
        self,
        document: "Document",
        may_leave: Callable[[], bool],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._may_leave = document, may_leave
        self._left: list[Leftover] = []
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.sign = QLabel()
        self.restore_button = QPushButton(tr("Rest&ore"))
        self.restore_button.clicked.connect(self.restore)
        self.drop_button = QPushButton(tr("Let it &go"))
        self.drop_button.clicked.connect(self.let_go)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 6, 4)
        row.addWidget(self.sign)
        row.addWidget(self.words, 1)
        row.addWidget(self.restore_button)
        row.addWidget(self.drop_button)
        self.hide()

    def offer(self, left: list[Leftover]) -> None:
        """Offer these."""
        self._left = list(left)
        self.setVisible(bool(left))
        if not left:
            return
        self.sign.setPixmap(icon("restore").pixmap(18, 18))
        first = left[0]
        self.words.setText(
            tr("“{name}” was not saved when the program ended ({when}).").format(
                name=first.name, when=first.saved.strftime("%d %b, %H:%M")
            )
        )
        self.restore_button.setAccessibleName(tr("Restore {name}").format(name=first.name))
        self.drop_button.setAccessibleName(tr("Let {name} go").format(name=first.name))

    def restore(self) -> None:
        """Go on with the first one."""
        if not self._left or not self._may_leave():
            return
        first = self._left[0]
        self._document.bring_back(first.experiment, first.path)
        self.let_go()
        self.restored.emit()

    def let_go(self) -> None:
        """Drop the first one and offer the next."""
        drop(self._left[0].file)
        self.offer(self._left[1:])
