"""Find a store, see what it holds, correct what it says, open it, check it."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QShowEvent
from PyQt6.QtWidgets import QFileDialog, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from parfocal.ui.store_workspace._action_row import ActionRow
from parfocal.ui.store_workspace._deeds import Deeds
from parfocal.ui.store_workspace._details import Details
from parfocal.ui.store_workspace._edits import Edits
from parfocal.ui.store_workspace._entry import Entry
from parfocal.ui.store_workspace._findings import Findings
from parfocal.ui.store_workspace._list import StoreList
from parfocal.ui.store_workspace._no_store import NoStore
from parfocal.ui.store_workspace._products import Products
from parfocal.ui.store_workspace._projects import Projects
from parfocal.ui.store_workspace._stores import Stores
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.run import RunStatus
    from parfocal.ui.desk import Desk


OFFERED = (
    *("store.view", "store.view_fields", "", "store.check", "store.check_deep", "store.recover"),
    *("", "store.pyramid", "store.export", "", "store.reveal"),
)


class StoreWorkspace(QWidget):
    """The projects' stores at the left, what the selected one holds at the right."""

    def __init__(self, desk: "Desk", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._wanted: Path | None = None
        self._texts: dict[str, str] = {}  # of Undo and Redo elsewhere
        self.projects = Projects(desk.settings)
        self.stores = Stores(desk.tasks, self)
        self.edits = Edits(desk, self)
        self.list = StoreList(self.stores, desk.theme)
        self.details = Details(desk, self.edits)
        self.findings = Findings(desk.theme)
        self.products = Products(desk, self._made, self)
        self.deeds = Deeds(desk, self.details, self.products, self)
        self.row = ActionRow(self.deeds, desk.theme)
        self.list.addAction(self.row.rename_action)  # for its key: not in the tables of the details
        self._page = self._make_page()
        self._empty = NoStore()
        self._places = QStackedWidget()
        self._places.addWidget(self._empty)
        self._places.addWidget(self._page)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.list)
        splitter.addWidget(self._places)
        splitter.setSizes([330, 860])
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.addWidget(splitter)
        self.setAcceptDrops(True)
        self._bind()
        self._show_selected()
        self.stores.show_folders(self.projects.folders())

    # -- public

    def open_path(self, path: Path) -> bool:
        """Select a store, or add a folder of them to the projects; True, it always can be."""
        path = path.absolute()
        is_store = path.name.endswith(".zarr")
        folder = path.parent if is_store else path
        known = self.projects.around(folder)
        if known is None:
            self.projects.add(folder)
        elif is_store and self.stores.model.find(path) is None:
            self.stores.scan(known)  # it may be new
        if is_store:
            self._wanted = path
            self._choose_wanted()
        return True

    def refresh(self, status: "RunStatus | None") -> None:
        """Follow the actions; look again at what a run wrote once it is over."""
        self.row.refresh()
        entry = self.deeds.entry
        if status is None or not status.state.is_terminal or entry is None:
            return
        if entry.path == status.store and entry.state == "recording":
            self.stores.look(status.store)

    def focus(self) -> None:
        """Put the keyboard where it is of use."""
        self.list.filter.setFocus()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Qt asks whether what is dragged here can be dropped."""
        if event is not None and _folders_in(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Qt drops folders or stores here."""
        if event is None:
            return
        paths = _folders_in(event)
        for path in () if self._desk.take_drop(paths) else paths:
            self.open_path(path)
        event.acceptProposedAction()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Qt shows it: what changed meanwhile is looked for."""
        super().showEvent(event)
        self.stores.watch(on=True)
        self.stores.look_for_changes()
        self.list.tree.look_again()
        actions = self._desk.actions
        self._texts = {key: actions.action(key).text() for key in ("edit.undo", "edit.redo")}
        self._name_steps()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Qt shows something else."""
        super().hideEvent(event)
        self.stores.watch(on=False)
        for key, text in self._texts.items():
            self._desk.actions.action(key).setText(text)

    # -- parts

    def _make_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 0, 0, 0)
        layout.addWidget(self.details, 3)
        layout.addWidget(self.findings, 2)
        layout.addWidget(self.row)
        return page

    def _bind(self) -> None:
        desk = self._desk
        desk.chosen_store = lambda: self.list.selected() if self.isVisible() else None
        desk.actions.bind("store.open_folder", self._ask_for_folder)
        self.deeds.bind()
        desk.actions.bind_in(self, "edit.undo", self.edits.undo, self.edits.can_undo)
        desk.actions.bind_in(self, "edit.redo", self.edits.redo, self.edits.can_redo)
        for key, step in (("edit.move_up", -1), ("edit.move_down", 1)):
            move = partial(self._move_project, step)
            desk.actions.bind_in(self, key, move, self.list.on_project)
        self.list.add_button.clicked.connect(self._ask_for_folder)
        self._empty.add_button.clicked.connect(self._ask_for_folder)
        self.list.remove_button.clicked.connect(self._remove_folder)
        self.list.rescan_button.clicked.connect(self._rescan_or_cancel)
        self.list.moved.connect(self._move_project)
        self.list.chosen.connect(self._show_selected)
        self.list.opened.connect(self.deeds.view)
        self.details.overview.plate.opened.connect(self.deeds.choose_fields)
        self.stores.found.connect(self._on_found)
        self.stores.looked.connect(self._on_looked)
        self.deeds.changed.connect(self._look_again)
        self.deeds.checked.connect(self._show_report)
        self.deeds.moved.connect(self._on_moved)
        desk.store_renamed.connect(self._on_renamed)
        self.findings.deep_wanted.connect(self.deeds.check_deep)
        self.list.menu_wanted.connect(self._show_menu)
        self.edits.written.connect(self._look_again)
        self.edits.changed.connect(self._name_steps)
        desk.settings.changed.connect(self._on_settings)
        desk.controller.run_started.connect(self._on_run)
        desk.controller.run_finished.connect(self._on_run)
        desk.stores_changed.connect(self.stores.rescan)

    # -- what happens

    def _look_again(self, path: Path) -> None:
        """A store was changed from here."""
        self.deeds.reports.pop(path, None)
        self.stores.looks.forget([path])
        self.list.tree.look_again()
        if path == self.list.selected():
            self.findings.show_report(None)
            self.stores.look(path)

    def _made(self, path: Path) -> None:
        """A store has new levels, or an export is a new one."""
        self._look_again(path)
        project = self.projects.around(path.parent)
        if project is not None:
            self.stores.scan(project)

    def _on_moved(self, path: Path, is_back: bool) -> None:
        """A store is not there any more, or is there again."""
        self._wanted = path if is_back else None
        project = self.projects.around(path.parent)
        if project is not None:
            self.stores.scan(project)

    def _on_renamed(self, old: Path, new: Path) -> None:
        """The same store is at another place: its steps and the list follow."""
        self.edits.follow(old, new)
        self.deeds.reports.pop(old, None)  # its findings name files by the old path
        self.stores.looks.forget([old, new])
        self._on_moved(new, True)

    def _name_steps(self) -> None:
        """Say in the menu what Undo and Redo would do here."""
        if not self.isVisible():
            return
        stack, actions = self.edits.stack, self._desk.actions
        undo, redo = ("", "") if stack is None else (stack.undoText(), stack.redoText())
        for key, verb, what in (
            ("edit.undo", tr("&Undo"), undo),
            ("edit.redo", tr("&Redo"), redo),
        ):
            actions.action(key).setText(f"{verb}: {what}" if what else verb)
        actions.refresh()

    def _show_report(self, path: Path) -> None:
        if path == self.list.selected():
            self._show_findings(path)

    def _show_findings(self, path: Path) -> None:
        deeds = self.deeds
        self.findings.show_report(deeds.reports.get(path), deep=path in deeds.read_whole)

    def _on_looked(self, entry: Entry) -> None:
        if entry.path == self.list.selected():
            self._show_entry(entry)

    def _on_found(self) -> None:
        self._choose_wanted()
        if self.deeds.selected is None:
            self._show_selected()

    def _choose_wanted(self) -> None:
        if self._wanted is not None and self.list.select(self._wanted):
            self._wanted = None

    def _on_run(self, _what: object) -> None:
        status = self._desk.controller.status()
        if status is None:
            return
        self.deeds.reports.pop(status.store, None)
        if self.deeds.selected is None and status.state.is_terminal:
            self._wanted = status.store  # whoever comes here after a run wants to see it
        project = self.projects.around(status.store.parent)
        if project is not None:
            self.stores.scan(project)
        if status.store == self.list.selected():
            self.stores.look(status.store)

    def _on_settings(self, fields: frozenset[str]) -> None:
        if fields & {"data_folder", "store_folders"}:
            self.stores.show_folders(self.projects.folders())

    def _rescan_or_cancel(self) -> None:
        if self.stores.scanning:
            self.stores.cancel()
            return
        self.stores.rescan()
        if self.deeds.selected is not None:
            self.stores.look(self.deeds.selected)

    def _show_selected(self) -> None:
        path = self.list.selected()
        project = self.list.project()
        self.list.remove_button.setEnabled(project is not None and self.projects.can_go(project))
        if path != self.deeds.selected:
            self.deeds.selected = path
            self.edits.about(path)
            if path is not None:
                self.stores.look(path)
        entry = self.deeds.entry
        if entry is not None:
            self._show_entry(entry)
            return
        self._places.setCurrentWidget(self._empty)
        self._empty.explain(
            path, self.stores.model.root.counted > 0, self._desk.settings.values.data_folder
        )

    def _show_entry(self, entry: Entry) -> None:
        self.details.show_entry(entry)
        self._show_findings(entry.path)
        self.row.refresh()
        self._places.setCurrentWidget(self._page)
        self._desk.actions.refresh()

    def _show_menu(self, where: QPoint) -> None:
        """What can be done with the store under the pointer: what its buttons and menus offer."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk.actions.refresh()
        for key in OFFERED:
            menu.addAction(self._desk.actions.action(key)) if key else menu.addSeparator()
        menu.addAction(self.row.rename_action)
        menu.addAction(self.row.copy_action)
        menu.addSeparator()
        menu.addAction(self.row.trash_action)
        menu.setToolTipsVisible(True)
        menu.popup(where)

    def _ask_for_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(
            self,
            tr("A folder of stores, or a store"),
            str(self._desk.settings.values.data_folder),
        )
        if folder:
            self.open_path(Path(folder))
            self._desk.folder_chosen.emit(Path(folder))

    def _remove_folder(self) -> None:
        project = self.list.project()
        if project is not None:
            self.projects.remove(project)

    def _move_project(self, step: int) -> None:
        project = self.list.project()
        if project is not None:
            self.projects.move(project, step)


def _folders_in(event: QDropEvent) -> list[Path]:
    mime = event.mimeData()
    urls = mime.urls() if mime is not None else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
