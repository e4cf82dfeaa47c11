"""Find a store, see what it holds, open it in the viewer, check it."""

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PyQt6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from parfocal.store import CheckReport, RecoveryReport
from parfocal.ui.icons import icon
from parfocal.ui.recovery_work import start_recovery
from parfocal.ui.store_workspace._details import Details
from parfocal.ui.store_workspace._entry import Entry
from parfocal.ui.store_workspace._fields_choice import ask_for_fields
from parfocal.ui.store_workspace._findings import Findings, verdict
from parfocal.ui.store_workspace._list import StoreList
from parfocal.ui.store_workspace._no_store import NoStore
from parfocal.ui.store_workspace._products import Products
from parfocal.ui.store_workspace._reveal import reveal
from parfocal.ui.store_workspace._stores import Stores
from parfocal.ui.tasks import Task
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.run import RunStatus
    from parfocal.ui.desk import Desk


class StoreWorkspace(QWidget):
    """The projects' stores at the left, what the selected one holds at the right."""

    def __init__(self, desk: "Desk", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._reports: dict[Path, CheckReport] = {}
        self._wanted: Path | None = None
        self.stores = Stores(desk.tasks, self)
        self.list = StoreList(self.stores.model, desk.theme)
        self.details = Details(desk.theme)
        self.findings = Findings(desk.theme)
        self.products = Products(desk, self._rescan, self)
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
        self._dress()
        self._show_selected()
        self.stores.show_folders(self.folders())

    # -- public

    def folders(self) -> tuple[Path, ...]:
        """The folder that new experiments go to, and the projects that were opened."""
        values = self._desk.settings.values
        return tuple(dict.fromkeys((values.data_folder, *values.store_folders)))

    def open_path(self, path: Path) -> bool:
        """Select a store, or add a folder of them to the projects; True, it always can be."""
        path = path.absolute()
        is_store = path.name.endswith(".zarr")
        folder = path.parent if is_store else path
        if not any(known == folder or known in folder.parents for known in self.folders()):
            known = self._desk.settings.values.store_folders
            self._desk.settings.change(store_folders=(*known, folder))
        if is_store:
            self._wanted = path
        self.stores.show_folders(self.folders())
        return True

    def refresh(self, status: "RunStatus | None") -> None:
        """Look again at what a run is writing once the run is over; called while visible."""
        if status is None or not status.state.is_terminal:
            return
        entry = self.stores.entries.get(status.store)
        if entry is not None and entry.state == "recording":
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

    # -- parts

    def _make_page(self) -> QWidget:
        self.view_button = QPushButton(tr("&Open in viewer"))
        self.fields_button = QPushButton(tr("&Fields…"))
        self.fields_button.setToolTip(tr("Look at some fields, in a viewer that you choose"))
        self.check_button = QPushButton(tr("&Check"))
        self.reveal_button = QPushButton(tr("&Show in folder"))
        self.recover_button = QPushButton(tr("&Recover"))
        self.pyramid_button = QPushButton(tr("&Build pyramid"))
        self.export_button = QPushButton(tr("&Export…"))
        self.copy_button = QPushButton(tr("Copy &path"))
        row = QHBoxLayout()
        row.addStretch()  # a toast comes up at the left, and would lie on them
        for button in (
            self.view_button,
            self.fields_button,
            self.check_button,
            self.recover_button,
            self.pyramid_button,
            self.export_button,
            self.reveal_button,
            self.copy_button,
        ):
            row.addWidget(button)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 0, 0, 0)
        layout.addWidget(self.details, 3)
        layout.addWidget(self.findings, 2)
        layout.addLayout(row)
        return page

    def _bind(self) -> None:
        actions = self._desk.actions
        self._desk.chosen_store = lambda: self.list.selected() if self.isVisible() else None
        actions.bind("store.open_folder", self._ask_for_folder)
        actions.bind("store.view", self.view, enabled=self._can_read)
        actions.bind("store.view_fields", self.choose_fields, enabled=self._can_read)
        actions.bind("store.export", self.export, enabled=self._can_read)
        actions.bind("store.recover", self.recover, enabled=self._can_recover)
        actions.bind("store.pyramid", self.make_pyramid, enabled=self._can_refine)
        for key, work in (("store.check", self.check), ("store.reveal", self.reveal)):
            actions.bind(key, work, enabled=lambda: self.list.selected() is not None)
        self.view_button.clicked.connect(self.view)
        self.fields_button.clicked.connect(self.choose_fields)
        self.check_button.clicked.connect(self.check)
        self.recover_button.clicked.connect(self.recover)
        self.pyramid_button.clicked.connect(self.make_pyramid)
        self.export_button.clicked.connect(self.export)
        self.reveal_button.clicked.connect(self.reveal)
        self.copy_button.clicked.connect(self.copy_path)
        self.list.add_button.clicked.connect(self._ask_for_folder)
        self._empty.add_button.clicked.connect(self._ask_for_folder)
        self.list.remove_button.clicked.connect(self._remove_folder)
        self.list.rescan_button.clicked.connect(lambda: self.stores.show_folders(self.folders()))
        self.list.chosen.connect(self._show_selected)
        self.list.opened.connect(self.view)
        self.stores.scanned.connect(self._on_scanned)
        self.stores.looked.connect(self._on_looked)
        self._desk.theme.changed.connect(self._dress)
        self._desk.settings.changed.connect(self._on_settings)
        self._desk.stores_changed.connect(self._rescan)
        self._desk.controller.run_started.connect(self._on_run)
        self._desk.controller.run_finished.connect(self._on_run)

    # -- actions

    def view(self) -> None:
        """Open the selected store in a viewer of its own."""
        if (path := self.list.selected()) is not None:
            self._desk.viewers.open_store(path)

    def choose_fields(self) -> None:
        """Ask for fields of the selected store and for a viewer to see them in."""
        entry = self.stores.entries.get(self.list.selected() or Path())
        if entry is not None and entry.info is not None:
            ask_for_fields(self._desk.viewers, entry.path, entry.info, self)

    def check(self) -> Task | None:
        """Check the selected store in the background."""
        path = self.list.selected()
        return None if path is None else self._start_check(path)

    def recover(self) -> Task | None:
        """Repair the selected store in the background."""
        path = self.list.selected()
        return None if path is None else start_recovery(self._desk, path, self._recovered, self)

    def make_pyramid(self) -> Task | None:
        """Make the selected store's coarser levels in the background."""
        path = self.list.selected()
        return None if path is None else self.products.make_pyramid(path)

    def export(self) -> None:
        """Ask what to export of the selected store, and do it in the background."""
        entry = self.stores.entries.get(self.list.selected() or Path())
        if entry is not None and entry.info is not None:
            self.products.ask_for_export(entry.path, entry.info)

    def reveal(self) -> None:
        """Show the selected store in the system's file manager."""
        if (path := self.list.selected()) is not None and not reveal(path):
            self._desk.toasts.show(
                tr("No file manager could be started to show {path}.").format(path=path), "warn"
            )

    def copy_path(self) -> None:
        """Put the selected store's path on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if (path := self.list.selected()) is not None and clipboard is not None:
            clipboard.setText(str(path))
            self._desk.say(tr("Copied {path}").format(path=path))

    # -- what happens

    def _start_check(self, path: Path) -> Task:
        from parfocal.ui.store_workspace._check_work import check_work

        return self._desk.tasks.start(
            tr("Check {name}").format(name=path.name),
            check_work(path),
            on_done=lambda report: self._checked(path, report),
            on_failed=lambda sentence: self._desk.toasts.show(sentence, "error"),
            owner=self,
        )

    def _checked(self, path: Path, report: CheckReport) -> None:
        self._reports[path] = report
        token, sentence = verdict(report)
        kind = {"ok": "ok", "warn": "warn"}.get(token, "error")
        self._desk.toasts.show(f"{path.name}: {sentence}", kind)  # type: ignore[arg-type] # a Kind
        if path == self.list.selected():
            self.findings.show_report(report)

    def _recovered(self, report: RecoveryReport) -> None:
        self._reports.pop(report.store, None)
        self.stores.look(report.store)

    def _on_looked(self, entry: Entry) -> None:
        if entry.path == self.list.selected():
            self._show_selected()

    def _on_scanned(self) -> None:
        self.list.tree.expandAll()
        if self._wanted is not None and self.list.select(self._wanted):
            self._wanted = None
        self._show_selected()

    def _on_run(self, _what: object) -> None:
        status = self._desk.controller.status()
        self._rescan()
        if status is not None:
            self._reports.pop(status.store, None)

    def _rescan(self) -> None:
        for folder in self.folders():
            self.stores.scan(folder)

    def _on_settings(self, fields: frozenset[str]) -> None:
        if fields & {"data_folder", "store_folders"}:
            self.stores.show_folders(self.folders())

    def _can_read(self) -> bool:
        entry = self.stores.entries.get(self.list.selected() or Path())
        return entry is not None and entry.info is not None

    def _can_refine(self) -> bool:
        """A store of Parfocal's that is closed: nothing is ever written into others."""
        entry = self.stores.entries.get(self.list.selected() or Path())
        return entry is not None and entry.state in ("completed", "interrupted", "recovered")

    def _can_recover(self) -> bool:
        entry = self.stores.entries.get(self.list.selected() or Path())
        return entry is not None and entry.state in ("interrupted", "damaged")

    def _show_selected(self) -> None:
        path = self.list.selected()
        entry = self.stores.entries.get(path) if path is not None else None
        self.list.remove_button.setEnabled(
            self.list.folder() in self._desk.settings.values.store_folders
        )
        self._places.setCurrentWidget(self._page if entry is not None else self._empty)
        self.view_button.setEnabled(self._can_read())
        self.fields_button.setEnabled(self._can_read())
        self.export_button.setEnabled(self._can_read())
        self.recover_button.setVisible(self._can_recover())
        self.pyramid_button.setEnabled(self._can_refine())
        if entry is None or path is None:
            has_stores = any(self.stores.model.stores_of(folder) for folder in self.folders())
            self._empty.explain(path, has_stores, self._desk.settings.values.data_folder)
            return
        self.details.show_entry(entry)
        self.findings.show_report(self._reports.get(path))

    def _ask_for_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(
            self,
            tr("A folder of stores, or a store"),
            str(self._desk.settings.values.data_folder),
        )
        if folder:
            self.open_path(Path(folder))

    def _remove_folder(self) -> None:
        folder = self.list.folder()
        known = self._desk.settings.values.store_folders
        self._desk.settings.change(store_folders=tuple(other for other in known if other != folder))

    def _dress(self) -> None:
        self.view_button.setIcon(icon("monitor-eye"))
        self.fields_button.setIcon(icon("view-grid-outline"))
        self.check_button.setIcon(icon("check-decagram-outline"))
        self.recover_button.setIcon(icon("wrench-outline"))
        self.pyramid_button.setIcon(icon("layers-triple-outline"))
        self.export_button.setIcon(icon("export"))
        self.reveal_button.setIcon(icon("folder-open-outline"))
        self.copy_button.setIcon(icon("content-copy"))


def _folders_in(event: QDropEvent) -> list[Path]:
    mime = event.mimeData()
    urls = mime.urls() if mime is not None else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
