"""Show what the experiment comes to: how long, how much, when, where, and whether it can start."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from parfocal.ui.design_workspace._fold import Fold, one_open
from parfocal.ui.design_workspace._options import OptionsForm, options_in_words
from parfocal.ui.design_workspace._preflight_list import PreflightList
from parfocal.ui.design_workspace._preview import Preview
from parfocal.ui.design_workspace._target import Target
from parfocal.ui.design_workspace._views_form import ViewsForm
from parfocal.ui.design_workspace._views_text import entries_in_words
from parfocal.ui.field_map import FieldMap
from parfocal.ui.icons import icon
from parfocal.ui.strip_legend import StripWithLegend
from parfocal.ui.text import figure, number, size_in_words, time_in_words, tr

if TYPE_CHECKING:
    from parfocal.plan import Experiment, Schedule
    from parfocal.ui.theme import Theme


class Summary(QWidget):
    """The right column; everything in it follows every edit."""

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.duration = QLabel()
        self.bytes = QLabel()
        self.strip = StripWithLegend(theme)
        self.events = QLabel()
        self.map = FieldMap(theme)
        self.map.setMinimumHeight(90)  # a panel below leaves little, and Preflight lay over it
        self.preflight = PreflightList(theme)
        self.options = OptionsForm()
        self.options_fold = Fold(tr("Storing"), self.options)
        self.views = ViewsForm(theme, of_a_phase=False, columns=2)
        self.views_fold = Fold(tr("Viewers"), self.views, optional=True)
        one_open(self.options_fold, self.views_fold)
        self.target = Target()
        self.run_button = QPushButton(tr("R&un"))
        self.run_button.setDefault(True)
        self.run_button.setMinimumHeight(36)
        for label in (self.duration, self.bytes, self.events):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lay_out()
        self.dress()

    def show_preview(self, preview: Preview) -> None:
        """Show what an experiment comes to."""
        schedule, estimate = preview.schedule, preview.estimate
        if schedule is None or estimate is None:
            self.duration.setText(tr("This plan cannot be run"))
            self.bytes.setText(preview.problem)
            self.events.setText("")
            self.strip.strip.set_kinds(())
            self.strip.legend.set_kinds(())
            return
        self.duration.setText(
            tr("{time} · {frames}").format(
                time=time_in_words(estimate.duration_s), frames=_frames(estimate.frames)
            )
        )
        self.bytes.setText(
            tr("{raw} raw, about {stored} on the disk").format(
                raw=size_in_words(estimate.bytes), stored=size_in_words(estimate.expected_bytes)
            )
            if estimate.bytes
            else tr("Open a microscope to know how many bytes that is.")
        )
        self.strip.set_schedule(schedule)
        self.strip.set_progress(self.strip.strip.cells.count, None)
        self.events.setText(_rhythm(schedule))
        self.map.bind(schedule, preview.field_um, preview.here_um)
        self.map.counter.setText(_fields(schedule))

    def show_options(self, experiment: "Experiment") -> None:
        """Show how it is stored, what it does on trouble and on a pause, and who shows it."""
        self.options.show_experiment(experiment)
        self.options_fold.say(options_in_words(experiment))
        entries = [("", view) for view in experiment.view]
        self.views.show_entries(entries)
        words = entries_in_words(entries) or tr("one for everything")
        self.views_fold.say(words, used=bool(entries))

    def dress(self) -> None:
        """Draw the icons in the theme's colours."""
        self.run_button.setIcon(icon("play"))
        self.target.dress()

    def _lay_out(self) -> None:
        bold = self.duration.font()
        bold.setBold(True)
        bold.setPointSizeF(bold.pointSizeF() * 1.15)
        self.duration.setFont(bold)
        self.events.setEnabled(False)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._preflight_page())
        for part in (scroll.viewport(), scroll.widget()):
            if part is not None:
                part.setAutoFillBackground(False)  # else a patch of another grey in the column
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for widget in (self.duration, self.bytes, self.strip, self.events):
            layout.addWidget(widget)
        layout.addSpacing(4)
        layout.addWidget(self.map, 4)
        layout.addWidget(_heading(tr("Preflight")))
        layout.addWidget(scroll, 3)
        layout.addWidget(self.options_fold)
        layout.addWidget(self.views_fold)
        layout.addWidget(self.target)
        layout.addWidget(self.run_button)

    def _preflight_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.preflight)
        layout.addStretch(1)
        return page


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def _rhythm(schedule: "Schedule") -> str:
    """How the events come about, in words."""
    parts = []
    if schedule.sizes.t > 1:
        parts.append(tr("{n} timepoints").format(n=number(schedule.sizes.t)))
    if len(schedule.fields) > 1:
        parts.append(tr("{n} fields").format(n=number(len(schedule.fields))))
    words = tr("{n} events").format(n=number(schedule.events))
    if schedule.events == 1:
        words = tr("1 event")
    if parts:
        words += ": " + " × ".join(parts)
    if schedule.time_step_s:
        words += tr(", every {step}").format(step=_step(schedule.time_step_s))
    return words


def _frames(count: int) -> str:
    return tr("1 frame") if count == 1 else tr("{n} frames").format(n=number(count))


def _step(seconds: float) -> str:
    if seconds < 60:
        return tr("{n} s").format(n=figure(seconds))
    return time_in_words(seconds)


def _fields(schedule: "Schedule") -> str:
    count = len(schedule.fields)
    return tr("1 field") if count == 1 else tr("{n}, in order of visit").format(n=number(count))
