"""Let the user choose in the window's menu which components have layers and which a slider."""

from collections.abc import Callable
from functools import partial
from typing import Any

from qtpy.QtWidgets import QMessageBox

from parfocal.viewer._errors import ViewerError
from parfocal.viewer.child._arrangement import MOST_LAYERS
from parfocal.viewer.child._components import SLICE, STACK, Components

# The step has one value as long as a store holds only what its cameras took.
_ENTRIES = {
    "well": "&Wells",
    "field": "&Fields",
    "channel": "&Channels",
    "z": "&Z planes",
    "time": "&Timepoints",
}
_ALL_OF_THEM = 1_000_000

Arrange = Callable[[Components, int], None]
"""Arrange the layers so, with at most so many; a ViewerError says that there would be more."""


class ComponentMenu:
    """The menu "Layers each": a tick gives every value a layer of its own, none a slider."""

    def __init__(self, window: Any, now: Callable[[], Components], arrange: Arrange) -> None:
        self._window = window
        self._now = now
        self._arrange = arrange
        self._actions: dict[str, Any] = {}
        menu = window.menuBar().addMenu("L&ayer for each")
        menu.aboutToShow.connect(self.update)
        for component, words in _ENTRIES.items():
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setStatusTip(
                "with a tick each has a layer of its own in the list, without there is a slider"
            )
            action.triggered.connect(partial(self._choose, component))
            self._actions[component] = action

    def update(self) -> None:
        """Tick what has layers now."""
        components = self._now()
        for component, action in self._actions.items():
            action.setChecked(components.is_sliced(component))

    def _choose(self, component: str, sliced: bool) -> None:
        components = self._now().changed({component: SLICE if sliced else STACK})
        try:
            self._arrange(components, MOST_LAYERS)
        except ViewerError as refusal:
            asked = QMessageBox.question(
                self._window, "Many layers", f"{str(refusal).capitalize()}.\n\nMake them anyway?"
            )
            if asked == QMessageBox.StandardButton.Yes:
                self._arrange(components, _ALL_OF_THEM)
        self.update()
