"""The window around the workspaces: bar, menus, docks, status bar, all from the desk's actions."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
)
from PyQt6.QtWidgets import (
    QMainWindow,
    QSizePolicy,
    QStackedWidget,
    QToolBar,
    QToolButton,
    QWidget,
)

from parfocal.ui import layout
from parfocal.ui._closing import Closing
from parfocal.ui._find_button import FindButton
from parfocal.ui._shell_actions import bind_shell_actions
from parfocal.ui._workspace_page import WorkspacePage
from parfocal.ui.convert_wizard import ConvertDoor
from parfocal.ui.desk import Desk
from parfocal.ui.first_steps import FirstSteps
from parfocal.ui.icons import app_icon
from parfocal.ui.message_log import MessageLog
from parfocal.ui.palette import Palette
from parfocal.ui.property_dock import PropertyDock
from parfocal.ui.queue_notices import QueueNotices
from parfocal.ui.status_bar import StatusBar
from parfocal.ui.text import tr
from parfocal.ui.toast_stack import MARGIN, ToastStack
from parfocal.ui.viewers_panel import ViewersPanel
from parfocal.ui.workspaces import Workspaces, all_workspaces, imports, in_words

log = logging.getLogger(__name__)

REFRESH_MS = 100
# With 0 Qt looks after timers and the mouse only between every other two steps
BREATH_MS = 1
BAR_ICON = QSize(26, 26)
BAR_WIDTH = 84


class MainWindow(QMainWindow):
    """Bar, stacked workspaces, docks and status bar, all made from the desk's actions.

    A workspace is a QWidget made as `make(desk)`; what it may have: `refresh(status)` called at
    10 Hz while visible, `open_path(path)`, `focus()`. The window is painted before the first one
    is imported and made; the others follow one by one while nobody waits, so that their actions
    get bound. `prepare` comes between the imports and the first workspace: what starts a thread
    that imports must not be done before (ui/workspaces.py says why), or after `settled` only.
    """

    first_steps: FirstSteps  # made with its action
    first_painted = pyqtSignal()
    settled = pyqtSignal()  # every workspace is made
    left = pyqtSignal()  # it is closed, and its desk is

    def __init__(
        self,
        desk: Desk,
        workspaces: Workspaces | None = None,
        prepare: Sequence[Callable[[], object]] = (),
    ) -> None:
        super().__init__()
        self.desk = desk
        self.setObjectName("parfocal")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(960, 600)
        self.setAcceptDrops(True)
        self.setDockOptions(
            QMainWindow.DockOption.AnimatedDocks | QMainWindow.DockOption.AllowTabbedDocks
        )
        chosen = all_workspaces() if workspaces is None else workspaces
        self._pages = {name: WorkspacePage(name, make, desk) for name, make in chosen.items()}
        self._steps: deque[Callable[[], object]] = deque((desk.actions.fill_menus,))
        self._steps.extend(imports() if workspaces is None else ())
        self._steps.append(lambda: self.status_bar.space.start())  # a thread's: after the imports
        self._steps.extend(prepare)
        self.populated = False  # whether `settled` was told
        self._painted = False
        self._closed = False
        self.left_clean = True  # False when a device did not answer at the end
        self._stack = QStackedWidget()
        for page in self._pages.values():
            self._stack.addWidget(page)
        self.setCentralWidget(self._stack)
        self._build_around()
        self._connect()
        self._first_state = self.saveState(layout.VERSION)
        self._restore()

    # -- workspaces

    @property
    def workspace_names(self) -> tuple[str, ...]:
        """The workspaces, in the order of the bar."""
        return tuple(self._pages)

    @property
    def workspace(self) -> str:
        """The name of the workspace at the front."""
        return self._shown_page().name

    def show_workspace(self, name: str) -> QWidget | None:
        """Bring a workspace to the front, making it when it is its first time."""
        page = self._pages[name]
        self._stack.setCurrentWidget(page)
        for other in self._pages:
            self.desk.actions.set_checked(f"view.{other}", other == name)
        widget = page.make()
        focus = getattr(widget, "focus", None)
        if focus is not None:
            focus()
        self.refresh()
        return widget

    def populate(self) -> None:
        """Do the next step of the start: one a turn of the event loop, the window stays alive."""
        if self._closed:
            return
        if not self._steps:
            self.populated = True
            self.settled.emit()
            return
        step = self._steps.popleft()
        # before the step: one workspace that fails must not keep the others from being made
        QTimer.singleShot(BREATH_MS, self.populate)
        started = time.perf_counter()
        step()
        took = time.perf_counter() - started
        log.info("start: %s took %.0f ms", in_words(step), 1000 * took)

    def open_path(self, path: Path) -> None:
        """Open a plan (a file) in Design, a store or a folder of stores in Store."""
        if not path.exists():
            self.desk.toasts.show(tr("{path} is not there any more.").format(path=path), "warn")
            return
        widget: Any = self.show_workspace("store" if path.is_dir() else "design")
        open_path = getattr(widget, "open_path", None)
        if open_path is not None and open_path(path):
            self.desk.settings.add_recent(path)

    def refresh(self) -> None:
        """Read one status and show it: bar, visible workspace, what can be done."""
        status = self.desk.controller.status()
        with ExitStack() as in_any_case:  # a panel that fails must not leave Stop grey
            in_any_case.callback(self.desk.actions.refresh)
            in_any_case.callback(self.properties.refresh)
            self.status_bar.refresh(status)
            if self.isVisible():
                self._shown_page().refresh(status)

    # -- Qt's own

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self._after_first_paint)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.palette_panel.place()
        self.toast_stack.place()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        super().mousePressEvent(event)
        self.palette_panel.dismiss()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        data = None if event is None else event.mimeData()
        if event is not None and data is not None and any(u.isLocalFile() for u in data.urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        self.conversions.dropped(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        if event is None:
            return
        if not self._closed and not self._closing.may_close():
            event.ignore()
            return
        event.accept()
        self._leave()

    # -- how it is made

    def _build_around(self) -> None:
        menu_bar = self.menuBar()
        if menu_bar is not None:
            self.desk.actions.fill_menu_bar(menu_bar)
            find = FindButton(self.desk.actions.action("view.palette"))
            find.setMaximumHeight(menu_bar.sizeHint().height() - 2)  # else the titles hang high
            menu_bar.setCornerWidget(find, Qt.Corner.TopRightCorner)
        self.desk.actions.give_shortcuts_to(self)
        bar = self._make_bar()
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, bar)
        self.messages = MessageLog(self.desk, self)
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.messages)
        self.viewers = ViewersPanel(self.desk, self)
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.viewers)
        self.tabifyDockWidget(self.messages, self.viewers)
        self.messages.hide()
        self.viewers.hide()
        self.properties = PropertyDock(self.desk, self)
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.properties)
        self.properties.hide()
        self.status_bar = StatusBar(self.desk, self)
        self.setStatusBar(self.status_bar)
        self.palette_panel = Palette(self.desk, self)
        self.toast_stack = ToastStack(
            self,
            self.desk.toasts,
            self.desk.theme,
            lambda: 1000 * self.desk.settings.values.message_seconds,
        )
        self.toast_stack.bottom_margin = MARGIN + self.status_bar.sizeHint().height()
        self.toast_stack.left_margin = MARGIN + bar.sizeHint().width()

    def _make_bar(self) -> QToolBar:
        bar = QToolBar(tr("Workspaces"), self)
        bar.setObjectName("bar.workspaces")
        bar.setMovable(False)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        bar.setIconSize(BAR_ICON)
        for place in ("workspaces", "safety"):
            if place == "safety":  # at the foot, where the hand finds it without looking
                filler = QWidget()
                filler.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
                bar.addWidget(filler)
            for one in self.desk.actions:
                if one.bar == place:
                    self._add_to_bar(bar, one.key, one.plain_text)
        return bar

    def _add_to_bar(self, bar: QToolBar, key: str, name: str) -> None:
        action = self.desk.actions.action(key)
        bar.addAction(action)
        button = bar.widgetForAction(action)
        if isinstance(button, QToolButton):
            button.setFixedWidth(BAR_WIDTH)
            button.setAccessibleName(name)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _connect(self) -> None:
        desk = self.desk
        bind_shell_actions(self)
        self.conversions = ConvertDoor(desk, self)
        self.notices = QueueNotices(desk, self)
        desk.document_changed.connect(self._retitle)
        desk.workspace_requested.connect(self.show_workspace)
        desk.path_requested.connect(self.open_path)
        desk.theme.changed.connect(lambda: desk.viewers.set_dark(desk.theme.dark))
        desk.viewers.set_dark(desk.theme.dark)
        self.settled.connect(desk.viewers.kept.look)
        self.settled.connect(self.conversions.look)
        self.settled.connect(desk.queue.start)
        self._closing = Closing(desk, self)
        self._closing.may_close_now.connect(self.close)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._retitle(desk.document, desk.unsaved)

    def _restore(self) -> None:
        if not layout.restore(self, self.desk.settings):
            self.desk.toasts.show(
                tr("The kept window layout could not be used; this is the first one again."), "warn"
            )
        name = self.desk.settings.values.workspace
        first = name if name in self._pages else next(iter(self._pages))
        self._stack.setCurrentWidget(self._pages[first])
        for other in self._pages:
            self.desk.actions.set_checked(f"view.{other}", other == first)

    def leave(self) -> None:
        """Stop what runs and close, without a question: nobody is there to answer a signal."""
        self._closing.leave()

    def reset_layout(self) -> None:
        """Bars, docks and the window's size as on the first day."""
        layout.reset(self, self._first_state, self.desk.settings)

    def _after_first_paint(self) -> None:
        if self._closed:
            return
        self.first_painted.emit()
        self._timer.start()
        shown = self._shown_page()
        self._steps.append(shown.make)
        self._steps.extend(page.make for page in self._pages.values() if page is not shown)
        self.populate()

    def _shown_page(self) -> WorkspacePage:
        page = self._stack.currentWidget()
        if not isinstance(page, WorkspacePage):
            raise TypeError("the stack holds workspaces only")
        return page

    def _retitle(self, name: str, unsaved: bool) -> None:
        dot = " •" if unsaved else ""
        # Qt puts the program's name behind every title that does not end with it already
        self.setWindowTitle(f"{name}{dot} — Parfocal" if name else f"Parfocal{dot}")

    def _leave(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._timer.stop()
        layout.save(self, self.desk.settings)
        self.desk.settings.change(workspace=self.workspace)
        self.conversions.close()
        self.notices.close()
        self.left_clean = self.desk.close()
        self.left.emit()
