"""See whether the projector is calibrated, calibrate it, and light patterns to look at it."""

from datetime import datetime
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from parfocal.scope import MOST_SPOTS, SPOTS, Pattern
from parfocal.ui._spot_marks import SpotMarks
from parfocal.ui.icons import icon
from parfocal.ui.microscope_workspace._projection import Projection, ProjectorNow
from parfocal.ui.note import Note
from parfocal.ui.text import number, tr

if TYPE_CHECKING:
    from parfocal.scope import Calibration, SeenSpot
    from parfocal.ui.picture import Picture
    from parfocal.ui.theme import Theme

FEWEST_SPOTS = 4
LIGHTS = tr("It lights the sample.")
PATTERNS = {
    Pattern.FULL: (tr("All on"), "lightbulb-on-outline", tr("Light all that it can")),
    Pattern.TEST: (tr("Test"), "grid", tr("Light a grid with an F, to see how it is turned")),
    Pattern.DARK: (tr("All off"), "weather-night", tr("Give no light any more")),
}
LIT = {
    Pattern.FULL: tr("☀ The sample is being lit: all on."),
    Pattern.TEST: tr("☀ The sample is being lit: test pattern."),
    Pattern.DARK: "",
}


class ProjectorPanel(QGroupBox):
    """What it lights is said before and while it does."""

    def __init__(
        self,
        projection: Projection,
        picture: "Picture",
        theme: "Theme",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Projector"), parent)
        self._projection = projection
        self._picture = picture
        self.marks = SpotMarks(picture)
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        self.facts.setAccessibleName(tr("The projector"))
        self.state = Note(theme, tr("Whether the projector is calibrated"))
        self.details = Note(theme, tr("For what the projector is calibrated"))
        self.note = Note(theme, tr("How the calibration ended"))
        self.lit = Note(theme, tr("Whether the sample is being lit"))
        self.calibrate_button = QPushButton(tr("Ca&librate"))
        self.spots = QSpinBox()
        self.cancel_button = QPushButton(tr("Cancel"))
        self.progress = QProgressBar()
        self.shows_spots = QCheckBox(tr("Show the spots"))
        self.patterns = {pattern: _pattern_button(pattern) for pattern in PATTERNS}
        self._of_a_projector = QWidget()
        self._name_parts()
        self._lay_out()
        self._bind()
        self._show(None)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What commands the projector. Cancel is not one of them."""
        return (self.calibrate_button, self.spots, *self.patterns.values())

    def focus(self) -> None:
        """Put the keyboard where a calibration is begun."""
        self.calibrate_button.setFocus()

    # -- parts

    def _name_parts(self) -> None:
        self.calibrate_button.setIcon(icon("target"))
        self.calibrate_button.setToolTip(
            tr("Show spots one by one and look where the camera sees them. {lights}").format(
                lights=LIGHTS
            )
        )
        self.spots.setRange(FEWEST_SPOTS, MOST_SPOTS)
        self.spots.setValue(SPOTS)
        self.spots.setSuffix(tr(" spots"))
        self.spots.setAccessibleName(tr("How many spots to calibrate by"))
        self.spots.setToolTip(tr("9 for most projectors, 15 for a DMD; fewer than 4 say nothing"))
        self.cancel_button.setIcon(icon("close"))
        self.cancel_button.setToolTip(tr("End it now; the calibration before it stands"))
        self.cancel_button.setAccessibleName(tr("Cancel the calibration"))
        self.progress.setAccessibleName(tr("Progress of the calibration"))
        self.progress.setFormat(tr("spot %v of %m"))
        self.shows_spots.setToolTip(
            tr("Over the picture: a ring fits, a cross was left out, each with its distance")
        )

    def _lay_out(self) -> None:
        begin = QHBoxLayout()
        begin.addWidget(self.calibrate_button, 1)
        begin.addWidget(self.spots)
        going = QHBoxLayout()
        going.addWidget(self.progress, 1)
        going.addWidget(self.cancel_button)
        lights = QGridLayout()
        says = QLabel(tr("Light on the sample:"))
        lights.addWidget(says, 0, 0, 1, len(self.patterns))
        for column, button in enumerate(self.patterns.values()):
            lights.addWidget(button, 1, column)
        inner = QVBoxLayout(self._of_a_projector)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.state)
        inner.addWidget(self.details)
        inner.addWidget(self.note)
        inner.addLayout(begin)
        inner.addLayout(going)
        inner.addWidget(self.shows_spots)
        inner.addLayout(lights)
        inner.addWidget(self.lit)
        layout = QVBoxLayout(self)
        layout.addWidget(self.facts)
        layout.addWidget(self._of_a_projector)

    def _bind(self) -> None:
        projection = self._projection
        self.calibrate_button.clicked.connect(lambda: projection.calibrate(self.spots.value()))
        self.cancel_button.clicked.connect(self._cancel)
        self.shows_spots.toggled.connect(self._mark)
        for pattern, button in self.patterns.items():
            button.clicked.connect(lambda _checked, wanted=pattern: projection.light(wanted))
        projection.read.connect(self._show)
        projection.begun.connect(self._begin)
        projection.progressed.connect(self._progressed)
        projection.spotted.connect(self._spotted)
        projection.calibrated.connect(self._calibrated)
        projection.refused.connect(self._refused)
        projection.stopped.connect(self._stopped)
        projection.failed.connect(self.note.say)

    def _show(self, now: ProjectorNow | None) -> None:
        self._of_a_projector.setVisible(now is not None)
        self._show_going()
        if now is None:
            self.facts.setText(tr("none"))
            self.facts.setToolTip(tr("MMCore knows of none: “Core, SLM” in the configuration"))
            self.marks.show_spots((), 0, 0)
            return
        rows, columns = now.shape
        words = tr("{name}: {columns} × {rows} mirrors")
        self.facts.setText(words.format(name=now.device, columns=columns, rows=rows))
        self.facts.setToolTip("" if now.kept_at is None else str(now.kept_at))
        self._show_state(now)
        self.lit.say(LIT[now.lit], "stimulation")
        self.shows_spots.setEnabled(now.calibration is not None and bool(now.calibration.seen))
        if not self._projection.going and not self.note.sentence:
            self._mark()

    def _show_state(self, now: ProjectorNow) -> None:
        calibration = now.calibration
        if calibration is None:
            sentence = now.unfit[:1].upper() + now.unfit[1:]
            self.state.say(
                tr("✗ {why}; plans that give light are refused.").format(why=sentence), "warn"
            )
            self.details.say("")
            return
        if now.unfit:
            sentence = now.unfit[:1].upper() + now.unfit[1:]
            words = tr("✗ {why}; calibrate it for this one, or set the camera back.")
            self.state.say(words.format(why=sentence), "warn")
        else:
            words = tr("✓ Calibrated on {date}, {off} px off, {used} of {n} spots fit")
            self.state.say(
                words.format(
                    date=_local(calibration.date),
                    off=number(calibration.residual_px, 2),
                    used=calibration.spots_used,
                    n=calibration.spots,
                ),
                "ok",
            )
        self.details.say(_made_for(calibration, now.objective), "muted")

    def _show_going(self) -> None:
        going = self._projection.going
        self.progress.setVisible(going)
        self.cancel_button.setVisible(going)
        self.calibrate_button.setVisible(not going)
        self.spots.setVisible(not going)

    def _begin(self) -> None:
        self.note.say(tr("☀ Spots light the sample, one after the other."), "stimulation")
        self.progress.setRange(0, self.spots.value())
        self.progress.setValue(0)
        self.cancel_button.setEnabled(True)
        self.marks.show_spots((), 0, 0)
        had_the_keyboard = self.calibrate_button.hasFocus()
        self._show_going()
        if had_the_keyboard:
            self.cancel_button.setFocus()

    def _cancel(self) -> None:
        self.cancel_button.setEnabled(False)
        self._projection.cancel()

    def _progressed(self, done: int, of: int) -> None:
        self.progress.setRange(0, of)
        self.progress.setValue(done)

    def _spotted(self, spot: "SeenSpot") -> None:
        if self._projection.going:
            self._mark_seen((*self.marks.spots, spot))

    def _calibrated(self, _calibration: "Calibration") -> None:
        self._over("")
        self.shows_spots.setChecked(True)  # `read` comes next, and marks them

    def _refused(self, sentence: str, seen: "tuple[SeenSpot, ...]") -> None:
        self._over(tr("Not calibrated: {why}").format(why=sentence))
        self._mark_seen(seen)

    def _stopped(self) -> None:
        self._over("")
        self.note.say(tr("Stopped; nothing was changed."), "muted")
        self._mark()

    def _over(self, sentence: str) -> None:
        had_the_keyboard = self.cancel_button.hasFocus()
        self.note.say(sentence)
        self._show_going()
        if had_the_keyboard:
            self.calibrate_button.setFocus()

    def _mark(self) -> None:
        """The spots of the calibration that is in force, if they are wanted."""
        now = self._projection.now
        known = None if now is None else now.calibration
        if known is None or not self.shows_spots.isChecked():
            self.marks.show_spots((), 0, 0)
        else:
            self.marks.show_spots(known.seen, *known.camera)

    def _mark_seen(self, spots: "tuple[SeenSpot, ...]") -> None:
        pixels = self._picture.image.image
        if pixels is not None:
            self.marks.show_spots(spots, *pixels.shape[:2])


def _pattern_button(pattern: Pattern) -> QPushButton:
    words, drawing, does = PATTERNS[pattern]
    button = QPushButton(words)
    button.setIcon(icon(drawing))
    button.setToolTip(does if pattern is Pattern.DARK else f"{does}. {LIGHTS}")
    button.setAccessibleName(tr("Projector: {words}").format(words=words))
    return button


def _local(date: datetime) -> str:
    return f"{date.astimezone():%Y-%m-%d %H:%M}"


def _made_for(calibration: "Calibration", objective: str) -> str:
    if calibration.region is None:
        return tr("For pictures of {1} × {0} pixels").format(*calibration.camera)
    x, y, width, height = calibration.region
    words = tr("For {width} × {height} at {x}, {y}, binning {n}")
    said = words.format(width=width, height=height, x=x, y=y, n=calibration.binning)
    if not calibration.objective:
        return said
    if objective and objective != calibration.objective:
        now = tr("; made with {made}, and {now} is in now")
        return said + now.format(made=calibration.objective, now=objective)
    return f"{said}, {calibration.objective}"
