"""List the plan's phases, waits and holds: add, duplicate, delete, move, rename; all undoable."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QItemSelectionModel, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from parfocal import ParfocalError
from parfocal.plan import (
    Experiment,
    Item,
    Phase,
    add_item,
    duplicate_item,
    move_item,
    remove_item,
    replace_item,
)
from parfocal.ui.design_workspace._difference import changed_item
from parfocal.ui.design_workspace._item_model import ItemModel
from parfocal.ui.design_workspace._item_words import item_in_words, new_item
from parfocal.ui.icons import icon
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.ui.actions import Actions
    from parfocal.ui.design_workspace._document import Document

KINDS = ("phase", "wait", "hold")


class ItemList(QWidget):
    """The items in the order in which they run; one of them is being edited."""

    chosen = pyqtSignal(int)
    """Another item is edited now."""
    refused = pyqtSignal(str)

    def __init__(self, document: "Document", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._shown: Experiment = document.experiment
        self.model = ItemModel(self)
        self.view = _ItemView()
        self.view.setModel(self.model)
        self.add_button = QToolButton()
        self.buttons: dict[str, QToolButton] = {}
        self._build()
        self.model.replaced.connect(self._replace)
        self.model.moved.connect(self.move_to)
        selection = self.view.selectionModel()
        assert selection is not None  # the view has a model
        selection.currentRowChanged.connect(self._on_current)
        self._choosing = False
        self.show_experiment(document.experiment)

    @property
    def current(self) -> int:
        """The number of the item that is edited."""
        return max(0, min(self.view.currentIndex().row(), len(self._document.experiment.items) - 1))

    def choose(self, number: int) -> None:
        """Edit another item."""
        index = self.model.index(max(0, min(number, self.model.rowCount() - 1)))
        selection = self.view.selectionModel()
        if selection is not None:
            selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.view.scrollTo(index)

    def show_experiment(self, experiment: Experiment) -> None:
        """Show this one's items, and go to where it differs from the one before."""
        number = changed_item(self._shown, experiment)
        here = self.current
        self._shown = experiment
        self._choosing = True  # whoever showed the experiment shows its item too
        self.model.show(experiment.items)
        self.choose(here if number is None else number)
        self._choosing = False
        self._enable()

    def add(self, kind: str) -> None:
        """Put a new phase, wait or hold behind the one that is edited."""
        experiment, number = self._document.experiment, self.current
        item = new_item(kind, self._nearest_phase(number))
        what = {
            "phase": tr("add a phase"),
            "wait": tr("add a wait"),
            "hold": tr("add a hold"),
        }[kind]
        self._edit(lambda: add_item(experiment, item, number + 1), what)
        if kind == "phase":
            self.view.setFocus()  # a copy of the one before it wants a name first: F2

    def duplicate(self) -> None:
        """Put a copy behind the item that is edited."""
        experiment, number = self._document.experiment, self.current
        self._edit(lambda: duplicate_item(experiment, number), tr("duplicate the item"))
        self.choose(number + 1)
        self.view.setFocus()

    def remove(self) -> None:
        """Take the item that is edited out of the plan."""
        experiment, number = self._document.experiment, self.current
        self._edit(lambda: remove_item(experiment, number), tr("delete the item"))

    def move_to(self, number: int, to: int) -> None:
        """Give an item another number."""
        experiment = self._document.experiment
        if 0 <= to < len(experiment.items) and to != number:
            self._edit(lambda: move_item(experiment, number, to), tr("move the item"))
            self.choose(to)

    def move_up(self) -> None:
        """Let the edited item come earlier."""
        self.move_to(self.current, self.current - 1)

    def move_down(self) -> None:
        """Let the edited item come later."""
        self.move_to(self.current, self.current + 1)

    def rename(self) -> None:
        """Edit the row in place."""
        self.view.setFocus()
        self.view.edit(self.view.currentIndex())

    def bind(self, actions: "Actions", enabled: Callable[[], bool]) -> None:
        """Give the Edit menu's actions for items their work."""
        for kind in KINDS:
            actions.bind(f"edit.add_{kind}", partial(self.add, kind), enabled)
        actions.bind("edit.duplicate", self.duplicate, enabled)
        actions.bind("edit.delete", self.remove, enabled)
        actions.bind("edit.rename", self.rename, enabled)
        actions.bind("edit.move_up", self.move_up, enabled)
        actions.bind("edit.move_down", self.move_down, enabled)

    def _replace(self, number: int, item: Item) -> None:
        experiment = self._document.experiment
        old = experiment.items[number]
        words = tr("rename the phase") if isinstance(old, Phase) else tr("change the {item}")
        what = words.format(item=type(old).__name__.lower())
        self._edit(lambda: replace_item(experiment, number, item), what)

    def _edit(self, change: Callable[[], Experiment], what: str) -> None:
        try:
            edited = change()
        except ParfocalError as error:
            self.refused.emit(str(error))
            return
        self._document.edit(edited, what)

    def _nearest_phase(self, number: int) -> Phase:
        """The phase at or before an item, from which a new one is begun."""
        items = self._document.experiment.items
        earlier = [item for item in items[: number + 1] if isinstance(item, Phase)]
        return earlier[-1] if earlier else self._document.experiment.phases[0]

    def _on_current(self) -> None:
        self._enable()
        if not self._choosing:
            self.chosen.emit(self.current)

    def _enable(self) -> None:
        items, number = self._document.experiment.items, self.current
        item = items[number]
        last_phase = isinstance(item, Phase) and len(self._document.experiment.phases) == 1
        self.buttons["remove"].setEnabled(not last_phase)
        self.buttons["up"].setEnabled(number > 0)
        self.buttons["down"].setEnabled(number < len(items) - 1)
        self.view.setAccessibleDescription(item_in_words(item))

    # -- parts

    def _build(self) -> None:
        title = QLabel(tr("&Phases"))
        title.setBuddy(self.view)
        self.add_button.setText(tr("A&dd"))
        self.add_button.setIcon(icon("plus"))
        self.add_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add_button.setToolTip(tr("Add a phase, a wait or a hold behind the chosen one"))
        menu = QMenu(self)
        words = {"phase": tr("&Phase"), "wait": tr("&Wait"), "hold": tr("&Hold for a person")}
        drawings = {
            "phase": "layers-triple-outline",
            "wait": "timer-sand",
            "hold": "hand-back-right-outline",
        }
        for kind in KINDS:
            action = QAction(icon(drawings[kind]), words[kind], menu)
            action.triggered.connect(lambda _checked, kind=kind: self.add(kind))
            menu.addAction(action)
        self.add_button.setMenu(menu)
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.add_button)
        row.addStretch(1)
        for key, drawing, words_of, do in (
            ("duplicate", "content-copy", tr("Duplicate (Ctrl+D)"), self.duplicate),
            ("remove", "delete-outline", tr("Delete (Del)"), self.remove),
            ("up", "arrow-up", tr("Move up (Alt+Up)"), self.move_up),
            ("down", "arrow-down", tr("Move down (Alt+Down)"), self.move_down),
        ):
            row.addWidget(self._button(key, drawing, words_of, do))
        delete = QAction(tr("Delete"), self.view)
        delete.setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        delete.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        delete.triggered.connect(self.remove)
        self.view.addAction(delete)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(title)
        layout.addWidget(self.view, 1)
        layout.addLayout(row)

    def _button(self, key: str, drawing: str, words: str, do: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(drawing))
        button.setAutoRaise(True)
        button.setToolTip(words)
        button.setAccessibleName(words.partition(" (")[0])
        button.clicked.connect(lambda: do())
        self.buttons[key] = button
        return button


class _ItemView(QListView):
    """Rows that can be dragged, and renamed where they are."""

    def __init__(self) -> None:
        super().__init__()
        trigger = QAbstractItemView.EditTrigger
        self.setEditTriggers(trigger.EditKeyPressed | trigger.DoubleClicked)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        # no spacing: what was dropped between two rows, on the line that shows it, went to the end
        self.setIconSize(QSize(18, 20))
        self.setAccessibleName(tr("Phases, waits and holds"))
