"""Put the viewers of the whole experiment into the plan, as the fold in the summary has them."""

from collections.abc import Sequence

from PyQt6.QtCore import QObject

from parfocal.plan import MAIN, View
from parfocal.ui.design_workspace._document import Document
from parfocal.ui.design_workspace._summary import Summary
from parfocal.ui.design_workspace._views_text import Entry
from parfocal.ui.text import tr


class ExperimentViews(QObject):
    """Each edit is one step back of the document; the tick brings back what it took away."""

    def __init__(self, document: Document, summary: Summary, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._last: tuple[View, ...] = ()
        summary.views.edited.connect(self._on_edited)
        summary.views_fold.used.connect(self._on_used)

    def _on_edited(self, entries: Sequence[Entry]) -> None:
        self._put(tuple(view for _, view in entries), tr("change the viewers"))

    def _on_used(self, on: bool) -> None:
        if on:
            self._put(self._last or (View(viewer=MAIN),), tr("use the viewers"))
        else:
            self._last = self._document.experiment.view
            self._put((), tr("leave out the viewers"))

    def _put(self, views: tuple[View, ...], what: str) -> None:
        self._document.edit(self._document.experiment.model_copy(update={"view": views}), what)
