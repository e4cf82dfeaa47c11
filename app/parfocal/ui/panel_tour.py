"""Open everything that the window has, one after the other, and say what was opened.

It is part of `parfocal selftest`: what a package lacks is seen when a panel is opened.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from functools import partial
from pathlib import Path

from PyQt6.QtWidgets import QApplication, QDockWidget, QWidget

from parfocal.ui.desk import Desk
from parfocal.ui.main_window import MainWindow
from parfocal.ui.play import Play, StoryError, until
from parfocal.ui.settings import Settings

__all__ = ["tour_panels"]

WINDOW_SIZE = (1280, 800)
OPEN_S = 30.0
STANDS_S = 5.0  # for a panel that comes a moment after it was asked for
LOOKED_AT = 3  # ticks that a panel stays: it is painted, and asks for what it shows
DOCKS = ("view.messages", "view.viewers", "microscope.properties")
# The system's own dialogs, which stand until a person answers.
NOT_OURS = ("file.open", "file.save_as", "store.open_folder")
ALSO = ("help.about",)
LAST = "microscope.wizard"  # it closes the microscope
Steps = Generator[None, None, tuple[str, ...]]


def tour_panels(store: Path | None) -> tuple[str, ...]:
    """Open every workspace, dock, dialog and wizard on the demo microscope; their keys.

    Raises a sentence for the first that cannot be opened, or that told of an error. With a
    `store` what is there for a chosen store is opened too.
    """
    from parfocal.ui import application

    app = application()
    # Settings of its own: what a person chose stays as it is.
    with tempfile.TemporaryDirectory(prefix="parfocal-tour-") as place:
        desk = Desk(Settings(Path(place) / "settings.json"))
        desk.settings.change(data_folder=Path(place))
        window = MainWindow(desk)
        window.resize(*WINDOW_SIZE)
        window.show()
        play = Play(desk, window, PanelTour(desk, window, store).told(), "the tour of the panels")
        play.begin()
        app.exec()
        return play.result()


class PanelTour:
    """Goes through the window as a curious person would."""

    def __init__(self, desk: Desk, window: MainWindow, store: Path | None) -> None:
        self._desk = desk
        self._window = window
        self._store = store
        self._opened: list[str] = []

    def told(self) -> Steps:
        """Workspaces, docks, then every action that opens something; no error was told."""
        yield from until(lambda: self._window.populated, "the window to be complete", OPEN_S)
        controller = self._desk.controller
        controller.open_microscope()
        yield from until(lambda: not controller.opening, "the microscope to open", OPEN_S)
        if controller.microscope is None:
            raise StoryError(controller.microscope_problem)
        yield from self._visit_workspaces()
        yield from self._visit_docks()
        yield from self._visit_what_opens()
        for toast in self._desk.toasts.history:
            if toast.kind == "error":
                raise StoryError(f"the window told of an error: {toast.text} {toast.detail}")
        return tuple(self._opened)

    def _visit_workspaces(self) -> Generator[None]:
        for name in self._window.workspace_names:
            if self._window.show_workspace(name) is None:
                raise StoryError(f"the workspace {name} could not be opened")
            yield from self._look_at(f"view.{name}")
        if self._store is not None:
            self._window.open_path(self._store)
            chosen = self._desk.chosen_store
            yield from until(lambda: chosen() is not None, "Store to choose the store", OPEN_S)

    def _visit_docks(self) -> Generator[None]:
        for key in DOCKS:
            self._desk.actions.trigger(key)
            yield from until(lambda: bool(self._docks()), f"{key} to open", STANDS_S)
            yield from self._look_at(key)
            for dock in self._docks():
                dock.hide()

    def _visit_what_opens(self) -> Generator[None]:
        """By convention what opens something says so with an ellipsis."""
        for key in self._what_opens():
            before = _windows()
            if not self._desk.actions.trigger(key):
                continue  # there is nothing that it could be done to
            yield from until(partial(self._came, before), f"{key} to open", STANDS_S)
            yield from self._look_at(key)
            self._window.palette_panel.dismiss()
            for came in _windows() - before:
                came.close()
            yield from until(partial(_none_but, before), f"{key} to close", STANDS_S)

    def _what_opens(self) -> list[str]:
        keys = [
            one.key
            for one in self._desk.actions
            if one.text.endswith("…") and one.key not in (*DOCKS, *NOT_OURS, LAST)
        ]
        return [*keys, *ALSO, LAST]

    def _came(self, before: set[QWidget]) -> bool:
        return bool(_windows() - before) or self._window.palette_panel.isVisible()

    def _look_at(self, key: str) -> Generator[None]:
        for _ in range(LOOKED_AT):
            yield
        self._opened.append(key)

    def _docks(self) -> list[QDockWidget]:
        return [one for one in self._window.findChildren(QDockWidget) if one.isVisible()]


def _none_but(before: set[QWidget]) -> bool:
    return _windows() <= before


def _windows() -> set[QWidget]:
    """What stands on the screen as a window of its own."""
    return {one for one in QApplication.topLevelWidgets() if one.isVisible() and one.isWindow()}
