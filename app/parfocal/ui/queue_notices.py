"""Tell in the window, and on the desktop, what the queue tells people; it can delay no job."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QApplication, QMenu, QSystemTrayIcon, QWidget

from parfocal.ui.icons import app_icon
from parfocal.ui.text import number, tr
from parfocal.ui.toasts import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parfocal.jobs import Told
    from parfocal.ui.desk import Desk

__all__ = ["QueueNotices"]

PER_MINUTE = 6
"""Toasts: what comes beyond is kept behind the bell, where it can be read in peace."""
MINUTE_S = 60.0


class QueueNotices(QObject):
    """What needs a person stays until it is closed; what is only good to know goes by itself."""

    def __init__(
        self, desk: Desk, window: QWidget, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(window)
        self._desk, self._window, self._clock = desk, window, clock
        self._shown: deque[float] = deque(maxlen=PER_MINUTE)
        self.tray: QSystemTrayIcon | None = None
        self._last: Told | None = None
        desk.queue.noticed.connect(self.tell)
        desk.settings.changed.connect(self._look)
        desk.actions.bind("jobs.only_needs_me", self._switch_severity)
        desk.actions.bind("jobs.tray", self._switch_tray, QSystemTrayIcon.isSystemTrayAvailable)
        self._look()

    def tell(self, told: Sequence[Told]) -> None:
        """Show what came. What needs somebody comes first, also when there is very much."""
        only = self._desk.settings.values.notices == "needs me"
        urgent = [one for one in told if one.notice.needs_me]
        rest = [] if only else [one for one in told if not one.notice.needs_me]
        for one in urgent:
            self._show(one)
        if len(rest) > PER_MINUTE:  # as after a night in which the window was closed
            for one in rest:
                self._keep(one)
            words = tr("{n} messages of the queue came; they are behind the bell.")
            self._desk.toasts.show(words.format(n=number(len(rest))))
        else:
            for one in rest:
                self._show(one)

    def close(self) -> None:
        """The window goes."""
        if self.tray is not None:
            self.tray.hide()
            self.tray.deleteLater()
            self.tray = None

    # -- parts

    def _show(self, one: Told) -> None:
        if self._is_told_by_run(one):
            self._show_on_desktop(one)
            return
        now = self._clock()
        if len(self._shown) == PER_MINUTE and now - self._shown[0] < MINUTE_S:
            self._keep(one)
            return
        self._shown.append(now)
        needs_me = one.notice.needs_me
        self._desk.toasts.show(
            one.notice.subject,
            "warn" if needs_me else "info",
            buttons=((tr("Show"), partial(self._go_to, one)),),
            sticky=needs_me,
            detail=one.notice.text,
        )
        self._show_on_desktop(one)

    def _keep(self, one: Told) -> None:
        kind: Kind = "warn" if one.notice.needs_me else "info"
        self._desk.toasts.keep(one.notice.subject, kind, detail=one.notice.text)

    def _is_told_by_run(self, one: Told) -> bool:
        """The Run workspace says itself that its run failed; two messages said the same."""
        status = self._desk.controller.status()
        if status is None or str(status.state) != "failed":
            return False
        return one.notice.key.startswith(f"run/{status.store}/failed/")

    def _show_on_desktop(self, one: Told) -> None:
        """Only when nobody looks at the window."""
        if self.tray is None or QApplication.activeWindow() is not None:
            return
        self._last = one
        kinds = QSystemTrayIcon.MessageIcon
        kind = kinds.Warning if one.notice.needs_me else kinds.Information
        self.tray.showMessage(one.notice.subject, one.notice.text, kind)

    def _go_to(self, one: Told) -> None:
        if one.is_of_run:
            self._desk.show_workspace("run")
            return
        self._desk.show_workspace("jobs")
        if one.strip:
            self._desk.strip_requested.emit(one.strip)

    def _come_up(self) -> None:
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()
        if self._last is not None:
            self._go_to(self._last)

    def _look(self, *_: object) -> None:
        values, actions = self._desk.settings.values, self._desk.actions
        actions.set_checked("jobs.only_needs_me", values.notices == "needs me")
        actions.set_checked("jobs.tray", values.notices_on_desktop)
        wanted = values.notices_on_desktop and QSystemTrayIcon.isSystemTrayAvailable()
        if wanted and self.tray is None:
            self.tray = self._made(app_icon())
        elif not wanted:
            self.close()

    def _made(self, drawing: QIcon) -> QSystemTrayIcon:
        made = QSystemTrayIcon(drawing, self)
        made.setToolTip("Parfocal")
        menu = QMenu(self._window)
        menu.addAction(tr("Show the window"), self._come_up)
        menu.addAction(self._desk.actions.action("jobs.pause"))
        made.setContextMenu(menu)
        made.messageClicked.connect(self._come_up)
        made.show()
        return made

    def _switch_severity(self) -> None:
        only = self._desk.settings.values.notices == "needs me"
        self._desk.settings.change(notices="all" if only else "needs me")

    def _switch_tray(self) -> None:
        on = self._desk.settings.values.notices_on_desktop
        self._desk.settings.change(notices_on_desktop=not on)
