"""The first tab of the details: pictures or the plate, and the facts beside them."""

from html import escape

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from parfocal.store import StoreInfo
from parfocal.ui.store_workspace._entry import Entry
from parfocal.ui.store_workspace._line import line
from parfocal.ui.store_workspace._path_line import PathLine
from parfocal.ui.store_workspace._pictures import Pictures
from parfocal.ui.store_workspace._plate_page import PlatePage
from parfocal.ui.store_workspace._thumbnail import rgb
from parfocal.ui.store_workspace._words import (
    GUESSED,
    planes_words,
    voxel_source_words,
    voxel_words,
)
from parfocal.ui.tasks import Tasks
from parfocal.ui.text import figure, number, tr
from parfocal.ui.theme import Theme

WRAPPED_FROM = 48  # characters


class Overview(QWidget):
    """One store's facts beside its pictures."""

    def __init__(self, tasks: Tasks, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._entry: Entry | None = None
        self.facts = QFormLayout()
        self.facts.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.facts.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.facts.setHorizontalSpacing(12)
        self.facts.setVerticalSpacing(6)
        self._pictures = Pictures(theme)
        self.plate = PlatePage(tasks, theme)
        self._seen = QStackedWidget()
        self._seen.addWidget(self._pictures)
        self._seen.addWidget(self.plate)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(6, 0, 0, 0)
        column.addLayout(self.facts)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(right)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._columns = QHBoxLayout(self)
        self._columns.setSpacing(12)
        self._columns.addWidget(self._seen, 1)
        self._columns.addWidget(scroll, 1)
        theme.changed.connect(self._redraw)

    def show_entry(self, entry: Entry) -> None:
        """Show this store from now on."""
        self._entry = entry
        if entry.plate is not None:
            self.plate.show_entry(entry)
        else:
            self.plate.forget()
            self._pictures.show_pictures(entry.pictures)
        self._seen.setCurrentWidget(self._pictures if entry.plate is None else self.plate)
        # a plate has 12 or 24 columns and needs the room
        self._columns.setStretch(0, 3 if entry.plate is not None else 2)
        self._columns.setStretch(1, 2 if entry.plate is not None else 3)
        self._redraw()

    @property
    def chosen_fields(self) -> tuple[int, ...]:
        """The fields of the wells that are selected."""
        on_plate = self._entry is not None and self._entry.plate is not None
        return self.plate.view.fields() if on_plate else ()

    def fact(self, name: str) -> str:
        """What is written beside a label; for tests and for reading aloud."""
        for row in range(self.facts.rowCount()):
            label = self.facts.itemAt(row, QFormLayout.ItemRole.LabelRole)
            value = self.facts.itemAt(row, QFormLayout.ItemRole.FieldRole)
            if label is None or value is None:
                continue
            key, text = label.widget(), value.widget()
            if isinstance(key, QLabel) and isinstance(text, QLabel) and key.text() == name:
                return text.text()
        return ""

    def _redraw(self) -> None:
        entry = self._entry
        if entry is None:
            return
        while self.facts.rowCount():
            self.facts.removeRow(0)
        if entry.info is None:
            ours = entry.state == "damaged"
            self._add(tr("Problem") if ours else tr("Note"), entry.problem)
        else:
            self._add_facts(entry.info, entry.colors)
        self._add_row(tr("Folder"), PathLine(entry.path.parent))

    def _add_facts(self, found: StoreInfo, colors: tuple[str, ...]) -> None:
        if found.reason:
            self._add(tr("Reason"), found.reason)
        self._add(tr("Planes"), planes_words(found))
        self._add(tr("Axes"), " ".join(found.axes))
        self._add(tr("Shape"), " × ".join(number(size) for size in found.shape))
        self._add(tr("Fields"), _fields(found))
        self._add(tr("Channels"), _swatches(found.channels, colors))
        self._add(tr("Voxel"), voxel_words(found))
        source = voxel_source_words(found.voxel_size_source)
        if found.voxel_size_source == GUESSED:
            self._add(tr("from"), self._warned(source))
        else:
            self._add(tr("from"), source)
        if found.voxel_size_conflicts:
            self._add(tr("Conflicts"), self._warned(*found.voxel_size_conflicts))
        if found.voxel_size_notes:
            self._add(tr("Note"), "\n".join(found.voxel_size_notes))
        if found.time_step_s is not None:
            self._add(tr("Time step"), tr("{n} s").format(n=figure(found.time_step_s)))
        self._add(
            tr("Pixels"),
            tr("{dtype}, {levels} resolution levels").format(dtype=found.dtype, levels=found.levels)
            if found.levels != 1
            else tr("{dtype}, full resolution only").format(dtype=found.dtype),
        )

    def _warned(self, *lines: str) -> str:
        # escaped: the words come from whoever wrote the store
        words = "<br>".join(escape(line) for line in lines)
        return f'<span style="color:{self._theme.color("warn").name()}">⚠ {words}</span>'

    def _add(self, name: str, text: str) -> None:
        value = line()
        value.setText(text)
        # a label that may wrap asks for the height of a narrow one: uneven rows
        value.setWordWrap(len(text) > WRAPPED_FROM)
        self._add_row(name, value)

    def _add_row(self, name: str, value: QLabel) -> None:
        label = QLabel(name)
        label.setBuddy(value)
        label.setForegroundRole(self.foregroundRole())
        self.facts.addRow(label, value)


def _fields(found: StoreInfo) -> str:
    shown = ", ".join(found.fields[:8])
    more = len(found.fields) - 8
    if more > 0:
        shown += tr(" and {n} more").format(n=more)
    return f"{number(len(found.fields))}: {shown}"


def _swatches(channels: tuple[str, ...], colors: tuple[str, ...]) -> str:
    words = []
    for c, name in enumerate(channels):
        red, green, blue = rgb(colors[c] if c < len(colors) else "", c)
        color = QColor.fromRgbF(red, green, blue).name()
        words.append(f'<span style="color:{color}">■</span> {name}')
    return " &nbsp; ".join(words)
