"""Choose a store: the tree, what to filter and sort it by, and what to do with the projects."""

from collections.abc import Iterable
from pathlib import Path

from PyQt6.QtCore import QPoint, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup, QKeyEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from parfocal.ui.icons import icon
from parfocal.ui.store_workspace._node import Kind, Node
from parfocal.ui.store_workspace._query import STATE, Query
from parfocal.ui.store_workspace._stores import Stores
from parfocal.ui.store_workspace._tree_view import TreeView
from parfocal.ui.store_workspace._words import SHAPES, state_words
from parfocal.ui.text import number, tr
from parfocal.ui.theme import Theme

# Filtering 10,000 stores takes 20 ms: not at every key of a word
TYPING_MS = 150


class StoreList(QWidget):
    """The tree of projects and stores."""

    chosen = pyqtSignal()
    """Another row is current; ask `selected` and `folder`."""
    opened = pyqtSignal()
    """The selected store was double-clicked, or Enter was pressed on it."""
    moved = pyqtSignal(int)
    """The current project is to go up (-1) or down (1)."""
    menu_wanted = pyqtSignal(QPoint)
    """What can be done with the selected store shall be offered there, on the screen."""

    def __init__(self, stores: Stores, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stores = stores
        self.filter = _Filter()
        self.filter.setPlaceholderText(tr("Filter: name, state:damaged …"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setToolTip(
            tr("Words of the name, state:interrupted,damaged, date:2026-11; all of them must fit")
        )
        self.filter.setAccessibleName(tr("Filter the stores by words, state and date"))
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self._filter)
        self.filter.textChanged.connect(lambda _text: self._typing.start())
        self.filter.left.connect(self._enter_tree)
        self.filter_button = _tool_button(tr("Filter by state"))
        self.sort_button = _tool_button(tr("Sort by name, date or size"))
        self.rescan_button = _tool_button(tr("Look again"))
        self.add_button = _tool_button(tr("Add a folder of stores"))
        self.remove_button = _tool_button(tr("Take this folder off the list"))
        self.tree = TreeView(stores.model, theme)
        self.status = QLabel()
        self.status.setForegroundRole(self.palette().ColorRole.PlaceholderText)
        self._lay_out()
        self._make_menus()
        self.tree.chosen.connect(self.chosen)
        self.tree.opened.connect(self.opened)
        self.tree.visible_changed.connect(stores.see)
        stores.found.connect(self.tree.settle)
        stores.found.connect(self._count)
        stores.looks.settled.connect(self._count)
        stores.model.rearranged.connect(self._count)
        theme.changed.connect(self._dress)
        self._dress()

    def selected(self) -> Path | None:
        """The selected store."""
        node = self.tree.node()
        return node.path if node is not None and node.kind is Kind.STORE else None

    def project(self) -> Path | None:
        """The project of the current row."""
        node = self.tree.node()
        top = None if node is None else node.project
        return None if top is None else top.path

    def on_project(self) -> bool:
        """Whether the current row is a project itself."""
        node = self.tree.node()
        return node is not None and node.kind is Kind.PROJECT

    def select(self, path: Path) -> bool:
        """Make a store current; False while it is not listed."""
        node = self._stores.model.find(path)
        if node is None:
            return False
        if not self.tree.choose(node) and self.filter.text():
            self.filter.clear()
            self._filter()
        return self.tree.choose(node)

    # -- parts

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.filter, 1)
        for button in (self.filter_button, self.sort_button):
            row.addWidget(button)
        below = QHBoxLayout()
        below.setSpacing(2)
        below.addWidget(self.status, 1)
        for button in (self.rescan_button, self.add_button, self.remove_button):
            below.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.tree, 1)
        layout.addLayout(below)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._show_menu)

    def _make_menus(self) -> None:
        states = QMenu(self)
        for state in SHAPES:
            action = QAction(state_words(state), states)
            action.triggered.connect(lambda _on, one=state: self._ask_for_state(one))
            states.addAction(action)
        states.addSeparator()
        states.addAction(tr("All states"), lambda: self._ask_for_state(""))
        orders, group = QMenu(self), QActionGroup(self)
        words = {
            "name": tr("By &name"),
            "date": tr("Newest &first"),
            "size": tr("&Largest first"),
        }
        for order, text in words.items():
            action = QAction(text, group)
            action.setCheckable(True)
            action.setChecked(order == "name")
            action.triggered.connect(lambda _on, one=order: self._stores.arrange(order=one))
            orders.addAction(action)
        for button, menu in ((self.filter_button, states), (self.sort_button, orders)):
            button.setMenu(menu)
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _show_menu(self, where: QPoint) -> None:
        viewport = self.tree.viewport()
        if viewport is None:
            return
        if self.selected() is not None:
            self.menu_wanted.emit(viewport.mapToGlobal(where))
        if not self.on_project():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(icon("arrow-up"), tr("Move &up"), lambda: self.moved.emit(-1))
        menu.addAction(icon("arrow-down"), tr("Move &down"), lambda: self.moved.emit(1))
        menu.addAction(icon("minus"), tr("&Take off the list"), self.remove_button.click)
        menu.popup(viewport.mapToGlobal(where))

    def _ask_for_state(self, state: str) -> None:
        """Write it as a person would: the filter says what it does."""
        others = [part for part in self.filter.text().split() if not part.startswith(STATE)]
        self.filter.setText(" ".join([*others, *([f"{STATE}{state}"] if state else [])]))

    def _enter_tree(self) -> None:
        """From what was typed to what it found: the first store, unless one in sight is chosen."""
        if self._typing.isActive():
            self._filter()
        self.tree.setFocus()
        found = _first_store(self._stores.model.projects())
        here = self.tree.currentIndex()  # Qt's own, on a folder once the filter hid the store
        on_store = here.isValid() and self._stores.model.node(here).is_store
        if found is not None and not on_store:
            self.tree.choose(found)

    def _filter(self) -> None:
        self._typing.stop()
        self._stores.arrange(Query.parse(self.filter.text()))

    def _count(self) -> None:
        model = self._stores.model
        whole = model.root.counted
        words = tr("1 store") if whole == 1 else tr("{n} stores").format(n=number(whole))
        if model.query:
            shown = _shown(model.projects())
            words = tr("{shown} of {words}").format(shown=number(shown), words=words)
        if self._stores.scanning:
            words = tr("{words} · looking…").format(words=words)
        elif self._stores.looks.working and model.query.states:
            words = tr("{words} · reading states…").format(words=words)
        self.status.setText(words if whole or self._stores.scanning else "")

    def _dress(self) -> None:
        self.filter_button.setIcon(icon("filter-variant"))
        self.sort_button.setIcon(icon("arrow-up-down"))
        self.add_button.setIcon(icon("folder-plus-outline"))
        self.remove_button.setIcon(icon("minus"))
        self.rescan_button.setIcon(icon("refresh"))
        viewport = self.tree.viewport()
        if viewport is not None:
            viewport.update()


def _shown(nodes: Iterable[Node]) -> int:
    return sum(1 if node.kind is Kind.STORE else _shown(node.shown) for node in nodes)


def _first_store(nodes: Iterable[Node]) -> Node | None:
    for node in nodes:
        found = node if node.kind is Kind.STORE else _first_store(node.shown)
        if found is not None:
            return found
    return None


class _Filter(QLineEdit):
    """A line that Down and Enter lead out of, as in a browser."""

    left = pyqtSignal()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        leading_out = (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event is not None and event.key() in leading_out:
            self.left.emit()
            return
        super().keyPressEvent(event)


def _tool_button(name: str) -> QToolButton:
    button = QToolButton()
    button.setAccessibleName(name)
    button.setToolTip(name)
    button.setAutoRaise(True)
    return button
