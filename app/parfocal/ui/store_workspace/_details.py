"""Show what one store holds: its state, pictures, axes, channels, voxel size and where from."""

from html import escape

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from parfocal.store import StoreInfo
from parfocal.ui.store_workspace._entry import Entry
from parfocal.ui.store_workspace._pictures import Pictures
from parfocal.ui.store_workspace._thumbnail import rgb
from parfocal.ui.store_workspace._words import (
    GUESSED,
    planes_words,
    size_words,
    state_token,
    state_words,
    voxel_source_words,
    voxel_words,
)
from parfocal.ui.text import number, tr
from parfocal.ui.theme import Theme

WRAPPED_FROM = 48  # characters


class Details(QWidget):
    """One store's facts beside its pictures."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._entry: Entry | None = None
        self.headline = _line(1.35)
        self.state = _line()
        self.facts = QFormLayout()
        self.facts.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.facts.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.facts.setHorizontalSpacing(12)
        self.facts.setVerticalSpacing(6)
        self._pictures = Pictures(theme)
        columns = QHBoxLayout()
        columns.setSpacing(18)
        columns.addWidget(self._pictures, 2)
        right = QVBoxLayout()
        right.addLayout(self.facts)
        right.addStretch(1)
        columns.addLayout(right, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.headline)
        layout.addWidget(self.state)
        layout.addSpacing(6)
        layout.addLayout(columns, 1)
        theme.changed.connect(self._redraw)

    def show_entry(self, entry: Entry) -> None:
        """Show this store from now on."""
        self._entry = entry
        self._redraw()

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
        self.headline.setText(entry.path.name)
        date = f"{entry.modified:%Y-%m-%d %H:%M}"
        color = self._theme.color(state_token(entry.state)).name()
        self.state.setText(
            f'<span style="color:{color}; font-weight:600">{state_words(entry.state)}</span>'
            f" &nbsp;·&nbsp; {date} &nbsp;·&nbsp; {size_words(entry)}"
        )
        self._pictures.show_pictures(entry.pictures)
        while self.facts.rowCount():
            self.facts.removeRow(0)
        if entry.info is None:
            self._add(tr("Problem"), entry.problem)
        else:
            self._add_facts(entry.info, entry.colors)
        self._add(tr("Folder"), str(entry.path.parent))

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
            self._add(tr("Time step"), tr("{n} s").format(n=f"{found.time_step_s:g}"))
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
        value = _line()
        value.setText(text)
        # a label that may wrap asks for the height of a narrow one: uneven rows
        value.setWordWrap(len(text) > WRAPPED_FROM)
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


def _line(scale: float = 1.0) -> QLabel:
    label = QLabel()
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * scale)
    font.setBold(scale > 1)
    label.setFont(font)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label
