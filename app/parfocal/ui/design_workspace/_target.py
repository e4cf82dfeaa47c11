"""Choose where the run goes: a store name and the folder; a name that is free is proposed."""

from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from parfocal.ui.icons import icon
from parfocal.ui.store_names import SUFFIX
from parfocal.ui.text import tr

FORBIDDEN = '<>:"/\\|?*'


class Target(QWidget):
    """The store's name follows the experiment's until a person types another one."""

    changed = pyqtSignal()
    folder_chosen = pyqtSignal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = Path()
        self.chosen_by_hand = False
        self.name = QLineEdit()
        self.name.textEdited.connect(self._on_edited)
        self.folder_label = QLabel()
        self.folder_label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.browse = QToolButton()
        self.browse.setAccessibleName(tr("Choose the folder for new stores"))
        self.browse.setToolTip(tr("Choose the folder for new stores"))
        self.browse.clicked.connect(self.ask)
        name_label = QLabel(tr("Save &as"))
        name_label.setBuddy(self.name)
        folder_word = QLabel(tr("&in"))
        folder_word.setBuddy(self.browse)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(8)
        layout.addWidget(name_label, 0, 0)
        layout.addWidget(self.name, 0, 1)
        layout.addWidget(QLabel(SUFFIX), 0, 2)
        layout.addWidget(folder_word, 1, 0)
        layout.addWidget(self.folder_label, 1, 1)
        layout.addWidget(self.browse, 1, 2)
        self.dress()

    @property
    def path(self) -> Path:
        """Where the run goes."""
        return self._folder / f"{self.name.text().strip()}{SUFFIX}"

    @property
    def folder(self) -> Path:
        """The folder for new stores."""
        return self._folder

    def problem(self) -> str:
        """What is wrong with the name as it is typed, in a sentence, or nothing."""
        name = self.name.text().strip()
        if not name:
            return tr("Type a name for the store.")
        wrong = sorted(set(name) & set(FORBIDDEN))
        if wrong:
            return tr("A store's name cannot have {characters} in it.").format(
                characters=" ".join(wrong)
            )
        return ""

    def set_folder(self, folder: Path) -> None:
        """New stores go here."""
        self._folder = folder
        self._elide()
        self.folder_label.setToolTip(str(folder))

    def propose(self, name: str, *, instead_of: str) -> None:
        """Put a free name in the place of another, unless a person typed meanwhile."""
        if self.name.text() != instead_of:
            return
        self.chosen_by_hand = False
        if name != instead_of:
            self.name.setText(name)
            self.name.setCursorPosition(0)
            self.changed.emit()

    def dress(self) -> None:
        """Draw the icon in the theme's colours."""
        self.browse.setIcon(icon("folder-open-outline"))

    def resizeEvent(self, event: object) -> None:
        """Qt tells the new size."""
        super().resizeEvent(event)  # type: ignore[arg-type] # passed on as it came
        self._elide()

    def _elide(self) -> None:
        self.folder_label.setText(
            self.folder_label.fontMetrics().elidedText(
                str(self._folder), Qt.TextElideMode.ElideMiddle, max(60, self.folder_label.width())
            )
        )

    def _on_edited(self) -> None:
        self.chosen_by_hand = True
        self.changed.emit()

    def ask(self) -> None:
        """Let a person choose the folder."""
        folder = QFileDialog.getExistingDirectory(
            self, tr("Folder for new stores"), str(self._folder)
        )
        if folder:
            self.folder_chosen.emit(Path(folder))
