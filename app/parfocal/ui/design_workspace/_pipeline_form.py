"""Edit the pipeline of a phase: which parts it is made of, and what each of them is set to."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from parfocal import ParfocalError
from parfocal.plan import Phase
from parfocal.ui.design_workspace._fields import Complaint, add_row
from parfocal.ui.design_workspace._known_parts import KnownParts
from parfocal.ui.design_workspace._parameter_form import ParameterForm
from parfocal.ui.design_workspace._part_boxes import MenuButton, PartBox, PartsButton
from parfocal.ui.design_workspace._pipeline_edit import (
    BEGIN,
    DEFAULT_STIMULATOR,
    Slot,
    channels_imaged,
    chosen,
    pipeline_of,
    stimulator_of,
    with_part,
    with_parts,
)
from parfocal.ui.design_workspace._pipeline_files import PipelineFiles
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.react import Pipeline
    from parfocal.ui.desk import Desk

__all__ = ["PipelineForm"]

KIND_WORDS = {
    "segment": tr("segmenter"),
    "measure": tr("measure"),
    "track": tr("tracker"),
    "stimulate": tr("light"),
}
ONE_OF_A_KIND = ("segment", "track", "stimulate")


class PipelineForm(QWidget):
    """The parts above, under them the parameters of the one that is chosen for it."""

    edited = pyqtSignal(object, str)
    """The `Pipeline` after an edit, and what was done."""
    told = pyqtSignal(str, object)
    """A word of the phase's metadata that a part requires, and what it says now."""
    try_wanted = pyqtSignal()
    plug_ins_wanted = pyqtSignal()

    def __init__(self, desk: "Desk", known: KnownParts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known = known
        self._phase: Phase | None = None
        self._pipeline: Pipeline | None = None
        self._slot: Slot = ("segment", 0)
        self.files = PipelineFiles(desk, self)
        self.file_button = MenuButton(tr("Pipeli&ne file"))
        self.try_button = QPushButton(tr("Tr&y it…"))
        self.try_button.setToolTip(tr("Run it on a picture, and see what it finds"))
        self.plug_ins_button = QPushButton(tr("P&lug-ins…"))
        self.plug_ins_button.setToolTip(tr("Parts of your own: which there are, and where"))
        self.boxes = {kind: PartBox() for kind in ONE_OF_A_KIND}
        self.measures = PartsButton()
        self.channel = QComboBox()
        self.give_up = QDoubleSpinBox()
        self.give_up.setRange(0.1, 3600)
        self.give_up.setDecimals(1)
        self.give_up.setSuffix(tr(" s"))
        self.which = QComboBox()
        self.parameters = ParameterForm(desk.theme, self.which)
        self.complaint = Complaint(desk.theme)
        self._tell()
        self._lay_out()
        self._connect()

    def show_phase(self, phase: Phase) -> None:
        """Show this phase's pipeline; one that cannot be read is told, and files can replace it."""
        self._phase = phase
        self._pipeline = None
        self.complaint.say("")
        try:
            self._pipeline = pipeline_of(phase)
        except ParfocalError as error:
            self.complaint.say(str(error))
        if phase.pipeline is not None or phase.stimulate is not None:
            self._known.want()
        self._refresh()

    def _refresh(self) -> None:
        phase, pipeline = self._phase, self._pipeline
        for widget in (*self.boxes.values(), self.measures, self.channel, self.give_up, self.which):
            widget.setEnabled(pipeline is not None)
        self.try_button.setEnabled(pipeline is not None)
        self.parameters.setEnabled(pipeline is not None)
        if phase is None or pipeline is None:
            return
        lit = phase.stimulate is not None
        self.boxes["segment"].show_names(self._known.names("segment"), _name(pipeline.segment))
        self.boxes["track"].show_names(self._known.names("track"), _name(pipeline.track))
        stimulator = stimulator_of(phase) or DEFAULT_STIMULATOR
        self.boxes["stimulate"].show_names(
            self._known.names("stimulate"), stimulator if lit else "", or_none=not lit
        )
        self.boxes["stimulate"].setEnabled(lit)
        self.measures.show_names(
            self._known.names("measure"), tuple(one.name for one in pipeline.measure)
        )
        finds = pipeline.segment is not None
        self.boxes["track"].setEnabled(finds)
        self.measures.setEnabled(finds)
        self._show_channels(channels_imaged(phase), pipeline.channel)
        before = self.give_up.blockSignals(True)
        self.give_up.setValue(pipeline.give_up)
        self.give_up.blockSignals(before)
        self._show_which()

    def _show_channels(self, names: tuple[str, ...], channel: str | None) -> None:
        offered = [("", tr("the first channel")), *((name, name) for name in names)]
        if channel is not None and channel not in names:
            offered.append((channel, channel))
        self.channel.clear()
        for name, words in offered:
            self.channel.addItem(words, name)
        self.channel.setCurrentIndex(self.channel.findData(channel or ""))

    def _show_which(self) -> None:
        """Offer the parts that there are, and show the parameters of the one that is chosen."""
        parts = self._parts()
        if self._slot not in parts:
            self._slot = next(iter(parts), ("segment", 0))
        self.which.clear()
        for (kind, place), choice in parts.items():
            self.which.addItem(f"{KIND_WORDS[kind]}: {choice.name}", (kind, place))
        self.which.setCurrentIndex(list(parts).index(self._slot) if parts else -1)
        self._show_parameters()

    def _show_parameters(self) -> None:
        choice = self._parts().get(self._slot)
        if choice is None or self._phase is None:
            self.parameters.say_none()
            return
        facts = self._known.facts(self._slot[0], choice.name)
        channels, metadata = channels_imaged(self._phase), self._phase.metadata
        self.parameters.show_part(facts, choice.parameters, channels, metadata)

    def _parts(self) -> dict[Slot, Any]:
        """The parts that are used; light that names its stimulator elsewhere has one too."""
        phase, pipeline = self._phase, self._pipeline
        if phase is None or pipeline is None:
            return {}
        parts: dict[Slot, Any] = dict(chosen(pipeline))
        if phase.stimulate is None:
            parts.pop(("stimulate", 0), None)
        elif pipeline.stimulate is None:
            from parfocal.react import PartChoice

            name = stimulator_of(phase) or DEFAULT_STIMULATOR
            parts["stimulate", 0] = PartChoice(name=name)
        return parts

    # -- edits

    def _on_part(self, kind: str, name: str) -> None:
        from parfocal.react import PartChoice

        before = self._parts().get((kind, 0))
        if self._pipeline is None or name == _name(before):
            return  # the same one keeps its parameters
        self._slot = kind, 0
        choice = PartChoice(name=name) if name else None
        self._change(tr("choose a part"), with_part(self._pipeline, (kind, 0), choice))

    def _on_measures(self, names: tuple[str, ...]) -> None:
        if self._pipeline is not None:
            self._change(tr("choose what is measured"), with_parts(self._pipeline, names))

    def _on_which(self, place: int) -> None:
        kind, number = self.which.itemData(place)
        self._slot = kind, number
        self._show_parameters()

    def _on_parameters(self, values: dict[str, Any]) -> None:
        choice = self._parts().get(self._slot)
        if choice is not None and self._pipeline is not None:
            changed = choice.model_copy(update={"parameters": values})
            self._change(tr("change a parameter"), with_part(self._pipeline, self._slot, changed))

    def _on_figures(self) -> None:
        if self._pipeline is not None:
            update = {"channel": self.channel.currentData() or None}
            figures = self._pipeline.model_copy(update={**update, "give_up": self.give_up.value()})
            self._change(tr("change the pipeline"), figures)

    def _change(self, what: str, pipeline: "Pipeline") -> None:
        if pipeline != self._pipeline:
            self._pipeline = pipeline
            self.edited.emit(pipeline, what)

    def _begin_anew(self) -> None:
        from parfocal.react import Pipeline

        self.edited.emit(Pipeline.model_validate(BEGIN), tr("begin a new pipeline"))

    # -- lay-out

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.file_button)
        head.addStretch(1)
        head.addWidget(self.plug_ins_button)
        head.addWidget(self.try_button)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        add_row(grid, 0, 0, tr("Cells found by"), self.boxes["segment"])
        add_row(grid, 0, 2, tr("in"), self.channel)
        add_row(grid, 1, 0, tr("Measured by"), self.measures)
        add_row(grid, 1, 2, tr("followed by"), self.boxes["track"])
        add_row(grid, 2, 0, tr("Light falls by"), self.boxes["stimulate"])
        add_row(grid, 2, 2, tr("gives up after"), self.give_up)
        grid.setRowMinimumHeight(3, 4)
        add_row(grid, 4, 0, tr("Set"), self.which, span=3)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 0, 0, 4)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.complaint)
        layout.addLayout(grid)
        layout.addWidget(self.parameters)
        for box in (self.channel, self.which, *self.boxes.values()):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(8)
        boxes = self.boxes
        order = (
            *(self.file_button, self.plug_ins_button, self.try_button, boxes["segment"]),
            *(self.channel, self.measures, boxes["track"], boxes["stimulate"], self.give_up),
            self.which,
        )
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def _tell(self) -> None:
        """What each field is for."""
        self.boxes["segment"].setToolTip(tr("What finds the cells in a picture"))
        self.boxes["track"].setToolTip(tr("What follows the cells from picture to picture"))
        self.boxes["stimulate"].setToolTip(tr("Where light falls; used while Stimulate is ticked"))
        self.measures.setToolTip(tr("What is measured of each cell"))
        self.channel.setToolTip(tr("The channel in which cells are found"))
        self.give_up.setToolTip(
            tr("A picture whose analysis has not come back by then is left behind")
        )
        self.which.setToolTip(tr("The part whose parameters are shown below"))
        self.which.setAccessibleName(tr("The part that is set"))

    def _connect(self) -> None:
        for kind, box in self.boxes.items():
            box.chosen.connect(lambda name, kind=kind: self._on_part(kind, name))
        self.measures.chosen.connect(self._on_measures)
        self.channel.activated.connect(self._on_figures)
        self.give_up.valueChanged.connect(self._on_figures)
        self.which.activated.connect(self._on_which)
        self.parameters.edited.connect(self._on_parameters)
        self.parameters.told.connect(self.told)
        self.files.opened.connect(
            lambda pipeline, path: self.edited.emit(
                pipeline, tr("use the pipeline {name}").format(name=path.name)
            )
        )
        self.file_button.about_to_show.connect(
            lambda: self.files.fill(self.file_button.drop, self._pipeline, self._begin_anew)
        )
        self.try_button.clicked.connect(self.try_wanted)
        self.plug_ins_button.clicked.connect(self.plug_ins_wanted)
        self._known.changed.connect(self._refresh)


def _name(choice: Any) -> str:
    return "" if choice is None else str(choice.name)
