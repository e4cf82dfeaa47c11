"""The dock of the viewers: how each napari window is, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QPoint, QSize, Qt, QTimer
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QShowEvent
from PyQt6.QtWidgets import (
    QDockWidget,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui._viewer_list import ViewerList
from parfocal.ui._viewer_row import ViewerRow
from parfocal.ui._viewer_said import ViewerSaid
from parfocal.ui.desk import Desk
from parfocal.ui.empty_state import EmptyState
from parfocal.ui.text import tr

LOOK_EVERY_MS = 500
PLANS = (".yaml", ".yml", ".json")
ALWAYS = ("viewer.new", "viewer.show_store")
# what can be done to a viewer that goes, to one that has ended, to one that goes on by itself
OFFERED = {
    "going": ("viewer.restart", "viewer.keep_open", "viewer.close", "viewer.end", "viewer.said"),
    "ended": ("viewer.restart", "viewer.said", "viewer.remove"),
    "before": ("viewer.attach", "viewer.leave"),
    "": (),
}


class ViewersPanel(QDockWidget):
    """A list of viewers, drawn twice a second from their statuses alone; it never waits."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(tr("Viewers"), parent)
        self.setObjectName("dock.viewers")
        self.setAcceptDrops(True)
        self._desk = desk
        self.list = ViewerList(desk.theme)
        self.reason = QLabel()
        self.reason.setWordWrap(True)
        self.reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.reason.setAccessibleName(tr("Why the viewer ended"))
        self.buttons: dict[str, QToolButton] = {}
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self.list.currentItemChanged.connect(self._on_chosen_another)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.list.itemActivated.connect(self._on_activated)
        desk.viewers.changed.connect(self.look)
        desk.theme.changed.connect(self.look)
        self._bind()
        self.look()

    @property
    def kind(self) -> str:
        """What is chosen: a viewer that is `going`, that `ended`, one kept open `before`, or ""."""
        if self.list.chosen_before() is not None:
            return "before"
        row = self._row()
        return "" if row is None else ("ended" if row.exited else "going")

    def look(self) -> None:
        """Draw the list anew from the viewers' statuses."""
        viewers = self._desk.viewers
        self.list.show_viewers(viewers.rows(), viewers.kept.records)
        self._pages.setCurrentIndex(int(self.list.topLevelItemCount() > 0))
        self._show_chosen()

    # -- Qt's own

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self.look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and _stores(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        if event is None:
            return
        for path in _stores(event):
            self._desk.viewers.open_store(path)
        event.acceptProposedAction()

    # -- parts

    def _lay_out(self) -> None:
        self._empty = EmptyState(
            tr("No viewer is open"),
            tr("New shows the run or the chosen store; or drop a store here."),
        )
        filled = QWidget()
        column = QVBoxLayout(filled)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.list, 1)
        column.addWidget(self.reason)
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(filled)
        row = QHBoxLayout()
        row.setSpacing(4)
        keys = dict.fromkeys(key for offered in OFFERED.values() for key in offered)
        for key in (*ALWAYS, "", *keys):
            if key:
                row.addWidget(self._button(key))
            else:
                row.addStretch(1)
        inside = QWidget()
        around = QVBoxLayout(inside)
        around.setContentsMargins(6, 4, 6, 6)
        around.addWidget(pages, 1)
        around.addLayout(row)
        self.setWidget(inside)

    def _button(self, key: str) -> QToolButton:
        action = self._desk.actions.action(key)
        button = QToolButton()
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(16, 16))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        button.setAccessibleName(action.text().replace("&", ""))
        self.buttons[key] = button
        return button

    def _bind(self) -> None:
        viewers, bind = self._desk.viewers, self._desk.actions.bind
        bind("viewer.new", self._open_new, self._can_open_new)
        bind("viewer.show_store", self._ask_for_store)
        for name, work, able in (
            ("restart", viewers.restart, lambda row: not row.leaving),
            ("keep_open", viewers.keep_open, _can_be_kept),
            ("close", viewers.close, lambda row: not row.exited and not row.leaving),
            ("end", viewers.end, lambda row: row.viewer.status().state == "not responding"),
            ("said", self._show_said, lambda _row: True),
            ("remove", viewers.remove, lambda row: row.exited),
        ):
            bind(f"viewer.{name}", self._on_chosen(work), self._whether_chosen(able))
        kept, chosen = viewers.kept, self.list.chosen_before
        bind("viewer.attach", lambda: kept.attach(chosen() or 0), lambda: chosen() is not None)
        bind("viewer.leave", lambda: kept.leave(chosen() or 0), lambda: chosen() is not None)

    def _on_chosen(self, work: Callable[[int], object]) -> Callable[[], None]:
        def do() -> None:
            if (number := self.list.chosen_number()) is not None:
                work(number)

        return do

    def _whether_chosen(self, able: Callable[[ViewerRow], bool]) -> Callable[[], bool]:
        def can() -> bool:
            row = self._row()
            return row is not None and able(row)

        return can

    def _row(self) -> ViewerRow | None:
        number = self.list.chosen_number()
        rows = self._desk.viewers.rows()
        return next((row for row in rows if row.number == number), None)

    # -- what the buttons do

    def _open_new(self) -> None:
        """On the store that is looked at, else on the run, else on the store of the last run."""
        controller, viewers = self._desk.controller, self._desk.viewers
        chosen = self._desk.chosen_store()
        if chosen is not None:
            viewers.open_another(chosen)
        elif controller.busy and controller.session is not None:
            viewers.open_another(controller.session.run.store, controller.session)
        elif (last := self._desk.run_store) is not None:
            viewers.open_another(last)

    def _can_open_new(self) -> bool:
        return self._desk.chosen_store() is not None or self._desk.controller.run is not None

    def _ask_for_store(self) -> None:
        dialog = QFileDialog(self, tr("Show a store"), str(self._desk.settings.values.data_folder))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda name: self._desk.viewers.open_store(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _show_said(self, _number: int) -> None:
        if (row := self._row()) is not None:
            ViewerSaid(row.viewer, self.window()).show()

    def _on_activated(self) -> None:
        key = {"before": "viewer.attach", "ended": "viewer.said"}.get(self.kind, "")
        if key:
            self._desk.actions.trigger(key)

    def _on_chosen_another(self) -> None:
        self._show_chosen()
        self._desk.actions.refresh()  # whoever tabs on at once finds the buttons as they are

    def _open_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for key in OFFERED[self.kind]:
            menu.addAction(self._desk.actions.action(key))
        menu.addSeparator()
        for key in ALWAYS:
            menu.addAction(self._desk.actions.action(key))
        viewport = self.list.viewport()
        if viewport is not None:
            menu.popup(viewport.mapToGlobal(at))

    def _show_chosen(self) -> None:
        row, kind = self._row(), self.kind
        problem = "" if row is None else row.viewer.status().problem
        self.reason.setText(problem[:1].upper() + problem[1:])
        self.reason.setVisible(bool(problem))
        for key, button in self.buttons.items():
            button.setVisible(key in ALWAYS or key in OFFERED[kind])


def _can_be_kept(row: ViewerRow) -> bool:
    status = row.viewer.status()
    return str(status.state) in ("ready", "busy") and not (status.kept or row.leaving)


def _stores(event: QDropEvent) -> list[Path]:
    """What was dropped and may be a store; whether it is one the viewer says, off this thread."""
    data = event.mimeData()
    urls = [] if data is None else data.urls()
    paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() not in PLANS]
