"""Keep the folders and the stores under them as a tree that a view can filter."""

from pathlib import Path

from PyQt6.QtCore import QObject, QSortFilterProxyModel, Qt
from PyQt6.QtGui import QStandardItem, QStandardItemModel

from parfocal.ui.store_workspace._entry import Entry
from parfocal.ui.store_workspace._pixmap import pixmap_of
from parfocal.ui.text import tr

ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1
PATH_ROLE = Qt.ItemDataRole.UserRole + 2
NOTE_ROLE = Qt.ItemDataRole.UserRole + 3


class StoresModel(QStandardItemModel):
    """Folder rows with store rows under them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folders: dict[Path, QStandardItem] = {}
        self._stores: dict[Path, QStandardItem] = {}

    def set_folders(self, folders: tuple[Path, ...]) -> None:
        """Show these folders; the stores of those that stay are kept."""
        for folder in [known for known in self._folders if known not in folders]:
            for path in self.stores_of(folder):
                del self._stores[path]
            self.removeRow(self._folders.pop(folder).row())
        for folder in folders:
            if folder not in self._folders:
                item = QStandardItem(folder.name or str(folder))
                item.setEditable(False)
                item.setData(folder, PATH_ROLE)
                item.setToolTip(str(folder))
                self._folders[folder] = item
                self.appendRow(item)

    def set_stores(self, folder: Path, paths: list[Path]) -> None:
        """Show these stores under a folder, without what they hold as yet."""
        parent = self._folders.get(folder)
        if parent is None:
            return
        for gone in [path for path in self.stores_of(folder) if path not in paths]:
            parent.removeRow(self._stores.pop(gone).row())
        for row, path in enumerate(paths):
            if path not in self._stores:
                below = path.relative_to(folder) if path != folder else Path(path.name)
                item = QStandardItem(str(below).removesuffix(".zarr").removesuffix(".ome"))
                item.setEditable(False)
                item.setData(path, PATH_ROLE)
                item.setToolTip(str(path))
                self._stores[path] = item
                parent.insertRow(row, item)
        parent.setData(len(paths), NOTE_ROLE)

    def set_entry(self, entry: Entry) -> None:
        """Say what a store holds."""
        item = self._stores.get(entry.path)
        if item is None:
            return
        item.setData(entry, ENTRY_ROLE)
        item.setData(
            tr("{name}, {state}").format(name=entry.name, state=entry.state),
            Qt.ItemDataRole.AccessibleTextRole,
        )
        if entry.pictures:
            item.setData(pixmap_of(entry.pictures[0]), Qt.ItemDataRole.DecorationRole)

    def stores_of(self, folder: Path) -> list[Path]:
        """The stores shown under a folder."""
        parent = self._folders.get(folder)
        if parent is None:
            return []
        children = (parent.child(row) for row in range(parent.rowCount()))
        return [child.data(PATH_ROLE) for child in children if child is not None]

    def item_of(self, path: Path) -> QStandardItem | None:
        """The row of a store."""
        return self._stores.get(path)

    def folder_of(self, path: Path) -> QStandardItem | None:
        """The row of a folder."""
        return self._folders.get(path)


def make_filter(model: StoresModel, parent: QObject) -> QSortFilterProxyModel:
    """A proxy that keeps the stores with a word, and the folders above them."""
    proxy = QSortFilterProxyModel(parent)
    proxy.setSourceModel(model)
    proxy.setRecursiveFilteringEnabled(True)
    proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    return proxy
