"""Choose parts by name: one of a kind in a box, several in a menu."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QMenu, QSizePolicy, QToolButton, QWidget

from parfocal.ui.text import tr

__all__ = ["MenuButton", "PartBox", "PartsButton"]


class PartBox(QComboBox):
    """One part, or nothing; one that is not there any more is shown all the same."""

    chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.activated.connect(lambda place: self.chosen.emit(self.itemData(place)))

    def show_names(self, names: Sequence[str], name: str, *, or_none: bool = True) -> None:
        """Offer these, and show one of them as chosen."""
        offered = [*([""] if or_none or not name else []), *names]
        if name not in offered:
            offered.append(name)
        if [self.itemData(place) for place in range(self.count())] != offered:
            self.clear()
            for one in offered:
                self.addItem(one or tr("nothing"), one)
        self.setCurrentIndex(offered.index(name))


class MenuButton(QToolButton):
    """A button that opens a menu, and can be reached with Tab."""

    about_to_show = pyqtSignal()

    def __init__(self, words: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(words)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.drop = QMenu(self)
        self.setMenu(self.drop)
        self.drop.aboutToShow.connect(self.about_to_show)


class PartsButton(MenuButton):
    """Several of a kind, or anything else of which several are chosen: ticked in a menu."""

    chosen = pyqtSignal(tuple)

    def __init__(self, none_words: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._none_words = none_words or tr("nothing")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_names(self, names: Sequence[str], wanted: Sequence[str]) -> None:
        """Offer these, with a tick at those that are wanted."""
        offered = list(dict.fromkeys((*names, *wanted)))
        if [action.data() for action in self.drop.actions()] != offered:
            self.drop.clear()
            for name in offered:
                action = self.drop.addAction(name.replace("&", "&&"))
                assert action is not None  # PyQt's stubs say that it may be
                action.setData(name)
                action.setCheckable(True)
                action.triggered.connect(self._on_ticked)
        for action in self.drop.actions():
            action.setChecked(action.data() in wanted)
        self.setText(", ".join(wanted).replace("&", "&&") or self._none_words)

    def _on_ticked(self) -> None:
        self.chosen.emit(
            tuple(action.data() for action in self.drop.actions() if action.isChecked())
        )
