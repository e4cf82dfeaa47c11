"""Show one store: its name and state, and tabs of what is known of it."""

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from parfocal.ui.store_workspace._edits import Edits
from parfocal.ui.store_workspace._entry import Entry
from parfocal.ui.store_workspace._line import line
from parfocal.ui.store_workspace._metadata_tab import MetadataTab
from parfocal.ui.store_workspace._overview import Overview
from parfocal.ui.store_workspace._provenance_tab import ProvenanceTab
from parfocal.ui.store_workspace._run_tab import RunTab
from parfocal.ui.store_workspace._tables_tab import TablesTab
from parfocal.ui.store_workspace._words import ended_words, size_words, state_token
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.ui.desk import Desk


class Details(QWidget):
    """The tabs read what they show when they are looked at."""

    def __init__(self, desk: "Desk", edits: Edits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = desk.theme
        self._entry: Entry | None = None
        self.headline = line(1.35)
        self.state = line()
        self.overview = Overview(desk.tasks, desk.theme)
        self.provenance = ProvenanceTab(desk.tasks, desk.theme)
        self.run = RunTab(desk.tasks, desk.theme)
        self.tables = TablesTab(desk.tasks, desk.theme)
        self.metadata = MetadataTab(edits, desk.theme)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for name, tab in (
            (tr("Overview"), self.overview),
            (tr("Provenance"), self.provenance),
            (tr("Run report"), self.run),
            (tr("Tables"), self.tables),
            (tr("Metadata"), self.metadata),
        ):
            self.tabs.addTab(tab, name)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.headline)
        layout.addWidget(self.state)
        layout.addWidget(self.tabs, 1)
        desk.theme.changed.connect(self._redraw)

    @property
    def entry(self) -> Entry | None:
        """The store that is shown."""
        return self._entry

    def show_entry(self, entry: Entry) -> None:
        """Show this store from now on."""
        self._entry = entry
        self._redraw()
        for tab in (self.overview, self.provenance, self.run, self.tables, self.metadata):
            tab.show_entry(entry)

    def fact(self, name: str) -> str:
        """What is written beside a label of the overview."""
        return self.overview.fact(name)

    def _redraw(self) -> None:
        entry = self._entry
        if entry is None:
            return
        self.headline.setText(entry.path.name)
        color = self._theme.color(state_token(entry.shown_state)).name()
        told = ended_words(entry.shown_state, entry.planes)
        self.state.setText(
            f'<span style="color:{color}; font-weight:600">{told}</span>'
            f" &nbsp;·&nbsp; {entry.modified:%Y-%m-%d %H:%M}"
            f" &nbsp;·&nbsp; {size_words(entry.size, whole=entry.size_is_whole)}"
        )
