"""What stands at the right while no store is selected, or the selected one is not read yet."""

from pathlib import Path

from PyQt6.QtWidgets import QPushButton

from parfocal.ui.empty_state import EmptyState
from parfocal.ui.text import tr


class NoStore(EmptyState):
    """Says what to do, and offers to add a folder."""

    def __init__(self) -> None:
        super().__init__("", "")
        self.add_button = QPushButton(tr("&Add a folder…"))
        self.offer(self.add_button)

    def explain(self, selected: Path | None, has_stores: bool, data_folder: Path) -> None:
        """Why there is nothing to see, and what to do about it."""
        if selected is not None:
            self.say(tr("Looking…"), str(selected))
        elif has_stores:
            self.say(
                tr("Select a store"),
                tr("Double-click one to open it in the viewer, or drop a folder of stores here."),
            )
        else:
            self.say(
                tr("No stores yet"),
                tr(
                    "A run makes one in {folder}. To see others, add the folder that they are in, "
                    "or drop it here."
                ).format(folder=data_folder),
            )
