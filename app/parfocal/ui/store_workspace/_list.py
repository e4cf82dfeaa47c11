"""Choose a store: folders with their stores, a filter, and what to do with the folders."""

from pathlib import Path

from PyQt6.QtCore import QModelIndex, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QTreeView, QVBoxLayout, QWidget

from parfocal.ui.icons import icon
from parfocal.ui.store_workspace._delegate import StoreDelegate
from parfocal.ui.store_workspace._model import PATH_ROLE, StoresModel, make_filter
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme


class StoreList(QWidget):
    """The tree of folders and stores."""

    chosen = pyqtSignal()
    """Another row is current; ask `selected` and `folder`."""
    opened = pyqtSignal()
    """The selected store was double-clicked."""

    def __init__(self, model: StoresModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.proxy = make_filter(model, self)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(tr("Filter by name"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName(tr("Filter the stores by name"))
        self.filter.textChanged.connect(self._filter)
        self.add_button = _tool_button(tr("Add a folder of stores"))
        self.remove_button = _tool_button(tr("Take this folder off the list"))
        self.rescan_button = _tool_button(tr("Look again"))
        self.tree = QTreeView()
        self._set_up_tree(theme)
        row = QHBoxLayout()
        row.addWidget(self.filter, 1)
        for button in (self.rescan_button, self.add_button, self.remove_button):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.tree, 1)
        theme.changed.connect(self._dress)
        self._dress()

    def selected(self) -> Path | None:
        """The selected store."""
        index = self.tree.currentIndex()
        path: Path | None = index.data(PATH_ROLE) if index.parent().isValid() else None
        return path

    def folder(self) -> Path | None:
        """The selected folder, or the one of the selected store."""
        index = self.tree.currentIndex()
        row = index.parent() if index.parent().isValid() else index
        path: Path | None = row.data(PATH_ROLE)
        return path

    def select(self, path: Path) -> bool:
        """Make a store current; False while it is not listed."""
        item = self._model.item_of(path)
        if item is None:
            return False
        self.tree.setCurrentIndex(self.proxy.mapFromSource(item.index()))
        return True

    def _set_up_tree(self, theme: Theme) -> None:
        self.tree.setModel(self.proxy)
        self.tree.setItemDelegate(StoreDelegate(theme, self.tree))
        self.tree.setHeaderHidden(True)
        self.tree.setIndentation(10)
        self.tree.setAccessibleName(tr("Stores"))
        self.tree.setExpandsOnDoubleClick(False)
        self.tree.doubleClicked.connect(self._on_double_click)
        selection = self.tree.selectionModel()
        assert selection is not None
        selection.currentChanged.connect(self.chosen)

    def _filter(self, text: str) -> None:
        self.proxy.setFilterFixedString(text)
        self.tree.expandAll()

    def _on_double_click(self, index: QModelIndex) -> None:
        if index.parent().isValid():
            self.opened.emit()
        else:
            self.tree.setExpanded(index, not self.tree.isExpanded(index))

    def _dress(self) -> None:
        self.add_button.setIcon(icon("folder-plus-outline"))
        self.remove_button.setIcon(icon("minus"))
        self.rescan_button.setIcon(icon("refresh"))
        viewport = self.tree.viewport()
        if viewport is not None:
            viewport.update()


def _tool_button(name: str) -> QToolButton:
    button = QToolButton()
    button.setAccessibleName(name)
    button.setToolTip(name)
    button.setAutoRaise(True)
    return button
