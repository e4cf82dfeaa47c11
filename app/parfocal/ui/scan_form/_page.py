"""The form itself: sections under each other, each value with its label, and a note below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from parfocal.jobs import Fault
from parfocal.ui.note import Note
from parfocal.ui.scan_form._draft import Draft, Place
from parfocal.ui.scan_form._fields import Field
from parfocal.ui.scan_form._sections import Asked, Section, sections
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme

__all__ = ["Page"]


class Page(QScrollArea):
    """Knows where everything stands; what is told goes to whoever listens to `edited`."""

    edited = pyqtSignal(tuple)  # the place

    def __init__(self, theme: Theme, draft: Draft) -> None:
        super().__init__()
        self._theme, self._draft = theme, draft
        self.fields: dict[Place, Field] = {}
        self.notes: dict[Place, Note] = {}
        self.words: dict[Place, tuple[QWidget, ...]] = {}
        """What stands around a field, and comes and goes with it."""
        self.titles: dict[str, QLabel] = {}
        self.folds: dict[str, QToolButton] = {}
        self.sections = sections(theme)
        self.watch_note = Note(theme, tr("What lies in the watched folders"))
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 0, 12, 0)
        for section in self.sections:
            self._add(section)
        self._column.addStretch(1)
        self._align()
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for section in self.sections:
            if any(draft.is_told(asked.place) for asked in section.more):
                self.folds[section.key].setChecked(True)

    def places(self, section: Section) -> Iterator[Place]:
        """Those of a section, as they stand."""
        return (asked.place for asked in (*section.asked, *section.more))

    def show_section(self, key: str) -> None:
        """Bring it to the top."""
        title, bar = self.titles[key], self.verticalScrollBar()
        if bar is not None:
            bar.setValue(title.y() - 4)

    def show_faults(self, faults: Iterable[Fault]) -> list[Fault]:
        """Each below its field; those that belong to none are given back."""
        at: dict[Place, dict[tuple[str | int, ...], str]] = {place: {} for place in self.fields}
        homeless = []
        for fault in faults:
            place = self.place_of(fault)
            if place is None:
                homeless.append(fault)
            else:
                at[place][fault.place] = fault.words
        for place, words in at.items():
            field = self.fields[place]
            told = [one for one in (field.trouble, field.show_faults(words)) if one]
            self.notes[place].say("\n".join(told))
        return homeless

    def place_of(self, fault: Fault) -> Place | None:
        """The field that a fault is about."""
        for place in self.fields:
            shared = min(len(place), len(fault.place))  # `thresholds: 5` is about all within it
            if shared and place[:shared] == fault.place[:shared]:
                return place
        return None

    def is_wrong(self, place: Place) -> bool:
        """Whether something is said to be wrong there."""
        return bool(self.notes[place].sentence) or self.fields[place].shows_fault

    def go_to(self, place: Place) -> None:
        """Give the keyboard to what is wrong there, wherever it is."""
        for section in self.sections:
            if place in {asked.place for asked in section.more}:
                self.folds[section.key].setChecked(True)
        field = self.fields[place]
        part = field.wrong_part
        part.setFocus()
        self.ensureWidgetVisible(self.notes[place])
        self.ensureWidgetVisible(part)

    def set_visible(self, place: Place, *, visible: bool) -> None:
        """Show a field only where it means something."""
        for widget in (self.fields[place], *self.words[place]):
            widget.setVisible(visible)

    def visible_section(self) -> str:
        """The one that is at the top now, and at the end the last one."""
        bar = self.verticalScrollBar()
        if bar is None or bar.value() == bar.maximum() > 0:
            return self.sections[-1].key
        passed = [key for key, title in self.titles.items() if title.y() <= bar.value() + 40]
        return (passed or list(self.titles)[:1])[-1]

    # -- parts

    def _add(self, section: Section) -> None:
        title = QLabel(section.title)
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        title.setContentsMargins(0, 10, 0, 0)
        self.titles[section.key] = title
        self._column.addWidget(title)
        self._column.addWidget(self._grid(section.asked))
        if section.more:
            more = self._grid(section.more)
            more.hide()
            self._column.addWidget(self._fold(section, more))
            self._column.addWidget(more)

    def _fold(self, section: Section, more: QWidget) -> QToolButton:
        fold = QToolButton()
        fold.setText(tr("More"))
        fold.setAccessibleName(tr("More: {section}").format(section=section.title))
        fold.setCheckable(True)
        fold.setAutoRaise(True)
        fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        fold.setArrowType(Qt.ArrowType.RightArrow)
        fold.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

        def turn(wide: bool) -> None:
            more.setVisible(wide)
            fold.setArrowType(Qt.ArrowType.DownArrow if wide else Qt.ArrowType.RightArrow)

        fold.toggled.connect(turn)
        self.folds[section.key] = fold
        return fold

    def _grid(self, asked: Iterable[Asked]) -> QWidget:
        part = QWidget()
        grid = QGridLayout(part)
        grid.setContentsMargins(12, 0, 0, 0)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        row = 0
        for one in asked:
            row = self._ask(one, grid, row)
        return part

    def _ask(self, one: Asked, grid: QGridLayout, row: int) -> int:
        field = one.make()
        place = one.place
        label = QLabel(one.label)
        label.setBuddy(field.first)
        label.setAlignment(Qt.AlignmentFlag.AlignTop)
        label.setContentsMargins(0, 5, 0, 0)
        name = one.label.replace("&", "")
        field.name_it(name)
        field.show_value(self._draft.value(place))
        field.edited.connect(lambda: self.edited.emit(place))
        note = Note(self._theme, tr("What is wrong with: {name}").format(name=name or place[0]))
        note.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.fields[place], self.notes[place] = field, note
        grid.addWidget(label, row, 0)
        grid.addWidget(field, row, 1)
        around: tuple[QWidget, ...] = (label,)
        row += 1
        if one.hint:
            hint = QLabel(one.hint)
            hint.setWordWrap(True)
            hint.setTextFormat(Qt.TextFormat.PlainText)
            hint.setForegroundRole(self.palette().ColorRole.PlaceholderText)
            grid.addWidget(hint, row, 1)
            around = (label, hint)
            row += 1
        self.words[place] = around
        if place == ("pattern",):
            grid.addWidget(self.watch_note, row, 1)
            row += 1
        grid.addWidget(note, row, 1)
        return row + 1

    def _align(self) -> None:
        """All labels as wide as the widest: the fields begin at one line."""
        labels = [around[0] for around in self.words.values()]
        width = max(label.sizeHint().width() for label in labels)
        for label in labels:
            label.setFixedWidth(width)
