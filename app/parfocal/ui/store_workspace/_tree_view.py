"""The view of the tree: keeps what is current and open, and says which rows are visible."""

from pathlib import Path

from PyQt6.QtCore import QModelIndex, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import QAbstractItemView, QTreeView, QWidget

from parfocal.ui.store_workspace._delegate import StoreDelegate
from parfocal.ui.store_workspace._model import StoresModel
from parfocal.ui.store_workspace._node import Node
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme

# A person who scrolls past is not looking
GLANCE_MS = 90
MARGIN_ROWS = 2
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
# Beyond so many rows folders are left to be opened by hand: Qt lays all of them out each time
OPENED_BY_ITSELF = 1000


class TreeView(QTreeView):
    """Projects are open until somebody closes them."""

    visible_changed = pyqtSignal(object)
    """The paths of the stores that can be seen."""
    chosen = pyqtSignal()
    opened = pyqtSignal()

    def __init__(self, model: StoresModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._current: Path | None = None
        self._closed: set[Path] = set()
        self._restoring = False
        self.setModel(model)
        self.setItemDelegate(StoreDelegate(theme, self))
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setAccessibleName(tr("Stores"))
        self.setExpandsOnDoubleClick(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._glance = QTimer(self)
        self._glance.setSingleShot(True)
        self._glance.setInterval(GLANCE_MS)
        self._glance.timeout.connect(lambda: self.visible_changed.emit(self.visible_stores()))
        # and not `activated`: where the desktop opens with one click, choosing would open viewers
        self.doubleClicked.connect(self._open_or_fold)
        self.collapsed.connect(self._on_collapsed)
        self.expanded.connect(self._on_expanded)
        model.rearranged.connect(self._restore)
        model.rowsRemoved.connect(lambda *_rows: self._glance.start())
        self._glance.timeout.connect(self._forget_gone)
        bar = self.verticalScrollBar()
        assert bar is not None
        bar.valueChanged.connect(lambda _value: self._glance.start())

    def node(self) -> Node | None:
        """The node that was chosen last, also while the filter hides it."""
        return None if self._current is None else self._model.find(self._current)

    def choose(self, node: Node) -> bool:
        """Make a row current and visible; False while the filter keeps it away."""
        index = self._model.index_of(node)
        if not index.isValid():
            return False
        self.setCurrentIndex(index)
        self.scrollTo(index)
        return True

    def visible_stores(self) -> tuple[Path, ...]:
        """The stores in sight, from the top, and a few below."""
        viewport = self.viewport()
        if viewport is None or not self.isVisible():
            return ()
        found = []
        index = self.indexAt(viewport.rect().topLeft())
        bottom, beyond = viewport.rect().bottom(), 0
        while index.isValid() and beyond <= MARGIN_ROWS:
            node = self._model.node(index)
            if node.is_store:
                found.append(node.path)
            index = self.indexBelow(index)
            beyond += self.visualRect(index).top() > bottom
        return tuple(found)

    def look_again(self) -> None:
        """Say soon what is visible."""
        self._glance.start()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Qt has another size for it."""
        super().resizeEvent(event)
        self._glance.start()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Qt has a key: Enter opens."""
        index = self.currentIndex()
        if event is not None and event.key() in ENTER and index.isValid():
            self._open_or_fold(index)
            return
        super().keyPressEvent(event)

    def currentChanged(  # noqa: N802 - Qt's own name
        self, current: QModelIndex, previous: QModelIndex
    ) -> None:
        """Qt says that another row is current."""
        super().currentChanged(current, previous)
        if self._restoring or not current.isValid():
            return  # what was hidden or moved is still what a person chose
        path = self._model.node(current).path
        if path != self._current:
            self._current = path
            self.chosen.emit()

    def _open_or_fold(self, index: QModelIndex) -> None:
        if self._model.node(index).is_store:
            self.opened.emit()
        else:
            self.setExpanded(index, not self.isExpanded(index))

    def _on_collapsed(self, index: QModelIndex) -> None:
        if not self._restoring:
            self._closed.add(self._model.node(index).path)
            self._glance.start()

    def _on_expanded(self, index: QModelIndex) -> None:
        self._closed.discard(self._model.node(index).path)
        self._glance.start()

    def settle(self) -> None:
        """Open what came, and lay it out now.

        Python's lock is held here: later, each of 10,000 rows would wait for it once more.
        """
        self._open_projects()
        self.executeDelayedItemsLayout()
        self._glance.start()

    def _open_projects(self) -> None:
        for project in self._model.projects():
            if project.path in self._closed or not project.shown:
                continue
            index = self._model.index_of(project)
            if not self.isExpanded(index):
                self.setExpanded(index, True)
            if len(project.shown) <= OPENED_BY_ITSELF:
                self._open_folders(project, OPENED_BY_ITSELF - len(project.shown))

    def _open_folders(self, node: Node, room: int) -> int:
        """Open the folders of a folder from the top, as long as there is room for their rows."""
        for child in node.shown:
            if child.is_store:
                break  # folders come first
            if child.path in self._closed or len(child.shown) > room:
                continue
            index = self._model.index_of(child)
            if not self.isExpanded(index):
                self.setExpanded(index, True)
            room = self._open_folders(child, room - len(child.shown))
        return room

    def _restore(self) -> None:
        self._restoring = True
        self.settle()
        node = self.node()
        if node is not None:
            self.choose(node)
        self._restoring = False
        self._forget_gone()

    def _forget_gone(self) -> None:
        """What was chosen is not there any more."""
        if self._current is not None and self.node() is None:
            self._current = None
            self.chosen.emit()
