"""Give the shell's own actions their work: workspaces, theme, palette, help, leaving."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, get_args

from PyQt6.QtCore import QUrl
from PyQt6.QtGui import QActionGroup, QDesktopServices
from PyQt6.QtWidgets import QDockWidget

from parfocal.ui import logs
from parfocal.ui.first_steps import FirstSteps
from parfocal.ui.icons import icon
from parfocal.ui.palette import Entry
from parfocal.ui.safety_keys import SafetyKeys
from parfocal.ui.settings import Appearance
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.ui.main_window import MainWindow


def bind_shell_actions(window: MainWindow) -> None:
    """Bind what belongs to the window itself; the workspaces bind the rest."""
    desk = window.desk
    bind = desk.actions.bind
    SafetyKeys(desk.actions, window)
    bind("file.quit", window.close)
    bind("file.recent", partial(_offer_recent, window), lambda: _has_recent(window))
    spaces = QActionGroup(window)
    for name in window.workspace_names:
        spaces.addAction(desk.actions.action(f"view.{name}"))
        bind(f"view.{name}", partial(window.show_workspace, name))
    looks = QActionGroup(window)
    for appearance in get_args(Appearance):
        looks.addAction(desk.actions.action(f"view.theme.{appearance}"))
        bind(f"view.theme.{appearance}", partial(_wear, window, appearance))
    desk.actions.set_checked(f"view.theme.{desk.theme.appearance}", checked=True)
    for key, dock in (("view.messages", window.messages), ("view.viewers", window.viewers)):
        bind(key, partial(_toggle, window, dock))
        dock.visibilityChanged.connect(partial(_tick, window, key, dock))
    bind("microscope.properties", window.properties.toggle)
    window.properties.visibilityChanged.connect(
        partial(_tick, window, "microscope.properties", window.properties)
    )
    desk.viewers.kept.found.connect(partial(_tell_of_open_viewers, window))
    bind("run.viewer", partial(_open_at_start, window))
    desk.actions.set_checked("run.viewer", desk.settings.values.viewer_at_start)
    bind("view.reset_layout", window.reset_layout)
    bind("view.palette", window.palette_panel.open_actions)
    bind("edit.settings", partial(_settings, window))
    bind("help.shortcuts", partial(_settings, window, "shortcuts"))
    bind("help.report", partial(_report, window))
    window.first_steps = FirstSteps(desk, window)
    bind("help.tour", window.first_steps.show)
    bind("help.about", partial(_about, window))
    bind("help.doctor", partial(_doctor, window))
    bind("help.logs", lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(logs.folder()))))


# The dialogs are imported when one is opened: the window is painted before.


def _settings(window: MainWindow, *page: str) -> None:
    from parfocal.ui.settings_dialog import open_settings

    open_settings(window.desk, window, *page)


def _report(window: MainWindow) -> None:
    from parfocal.ui.report_dialog import ReportDialog, facts_of

    ReportDialog(window.desk, facts_of(window.desk, window), window).show()


def _about(window: MainWindow) -> None:
    from parfocal.ui.help_dialogs import AboutBox

    AboutBox(window).open()


def _doctor(window: MainWindow) -> None:
    from parfocal.ui.help_dialogs import DoctorDialog

    DoctorDialog(window).open()


def _wear(window: MainWindow, appearance: Appearance) -> None:
    window.desk.actions.set_checked(f"view.theme.{appearance}", checked=True)  # also if it was so
    window.desk.settings.change(theme=appearance)


def _toggle(window: MainWindow, dock: QDockWidget) -> None:
    """Show it in front of the docks that it shares its place with, or hide it."""
    hidden = dock.isHidden() or dock.visibleRegion().isEmpty()
    dock.setVisible(hidden)
    if hidden:
        dock.raise_()
    if hidden and dock is window.viewers:
        window.desk.viewers.kept.look()


def _tick(window: MainWindow, key: str, dock: QDockWidget, _visible: bool) -> None:
    window.desk.actions.set_checked(key, not dock.isHidden())


def _tell_of_open_viewers(window: MainWindow, count: int) -> None:
    if window.viewers.isVisible():
        return
    words = tr("{n} viewers are still open from before.").format(n=count)
    if count == 1:
        words = tr("A viewer is still open from before.")
    shows = (tr("Show"), lambda: window.desk.actions.trigger("view.viewers"))
    window.desk.toasts.show(words, buttons=(shows,))


def _open_at_start(window: MainWindow) -> None:
    settings = window.desk.settings
    settings.change(viewer_at_start=not settings.values.viewer_at_start)


def _has_recent(window: MainWindow) -> bool:
    return bool(window.desk.settings.values.recent_files)


def _offer_recent(window: MainWindow) -> None:
    entries = [
        Entry(
            path.name,
            partial(window.desk.open_path, path),
            str(path.parent),
            drawing=icon("database-outline" if path.suffix == ".zarr" else "file-document-outline"),
        )
        for path in window.desk.settings.values.recent_files
    ]
    window.palette_panel.offer(entries, tr("Open again"))
