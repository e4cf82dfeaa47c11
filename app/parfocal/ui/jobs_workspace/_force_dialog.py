"""Ask from which stage on a strip is to be done once more, and say what that will do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from parfocal.ui.jobs_workspace._consent import CleanupBox
from parfocal.ui.jobs_workspace._look import stage_words
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parfocal.jobs import CleanupPreview

__all__ = ["ForceDialog"]


class ForceDialog(QDialog):
    """`stage` and `consent` are what was chosen; a clean-up that deletes shows its dry run."""

    def __init__(
        self,
        name: str,
        stages: Sequence[str],
        preview: CleanupPreview | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Do it once more"))
        self.resize(640, 220 if preview is None else 520)
        self.choice = QComboBox()
        for kind in stages:
            self.choice.addItem(stage_words(kind), kind)
        asks = QLabel(tr("{name} is done once more, &from this stage on:").format(name=name))
        asks.setBuddy(self.choice)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.box = None if preview is None else CleanupBox(preview)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        yes = self.buttons.addButton(tr("Do it once more"), QDialogButtonBox.ButtonRole.AcceptRole)
        assert yes is not None
        self.yes = yes
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (asks, self.choice, self.words):
            column.addWidget(widget)
        if self.box is not None:
            column.addWidget(self.box, 1)
            self.box.changed.connect(self._look)
        else:
            column.addStretch()
        column.addWidget(self.buttons)
        self.choice.currentIndexChanged.connect(lambda _: self._look())
        self._look()

    @property
    def stage(self) -> str:
        """From which stage on."""
        return str(self.choice.currentData())

    @property
    def consent(self) -> str | None:
        """What was typed for the clean-up."""
        return None if self.box is None else self.box.consent

    def _look(self) -> None:
        box = self.box
        words = _said(self.stage)
        if box is not None and self.stage != "cleanup":
            words += " " + tr("The clean-up at its end asks for its words, unless they stand here.")
        self.words.setText(words)
        # the clean-up itself wants its words now; at the end of a chain they may be left for later
        missing = box is not None and (
            box.is_half_said or (self.stage == "cleanup" and not box.is_said)
        )
        self.yes.setEnabled(not missing)


def _said(stage: str) -> str:
    if stage == "settle":
        return tr("All of it, as a new generation. What was made of other data is kept aside.")
    if stage in {"archive", "compress"}:
        return tr(
            "What it made is kept aside under a name with “previous”, and is made anew. What other "
            "stages made stays."
        )
    return tr("What was made stays; it is looked at again.")
