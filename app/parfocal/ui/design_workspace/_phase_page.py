"""Edit one phase: its sequence, and in lines under it light, references, powers and viewers."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import useq
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from parfocal.plan import MAIN, PRODUCTS, Phase, Reference, Stimulation, View
from parfocal.ui.design_workspace._editor import SequenceEditor
from parfocal.ui.design_workspace._fold import Fold, one_open
from parfocal.ui.design_workspace._known_parts import KnownParts
from parfocal.ui.design_workspace._light_form import (
    LightForm,
    new_stimulation,
    stimulation_in_words,
)
from parfocal.ui.design_workspace._pipeline_edit import (
    BEGIN,
    pipeline_in_words,
    stimulator_of,
    with_light,
    with_pipeline,
)
from parfocal.ui.design_workspace._pipeline_form import PipelineForm
from parfocal.ui.design_workspace._power_form import (
    BatchForm,
    PowerForm,
    batches_in_words,
    power_in_words,
)
from parfocal.ui.design_workspace._reference_form import (
    ReferenceForm,
    new_reference,
    reference_in_words,
)
from parfocal.ui.design_workspace._views_form import ViewsForm
from parfocal.ui.design_workspace._views_text import Entry, entries_in_words
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.react import Pipeline
    from parfocal.ui.desk import Desk


EXPOSURE_MS = 10.0


class PhasePage(QWidget):
    """The tables above, six folded forms below; at most one of them is open."""

    edited = pyqtSignal(object, str)
    """The phase after an edit beside its sequence, and what was done."""

    def __init__(self, desk: "Desk", known: KnownParts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = desk.theme
        self._known = known
        self._phase: Phase | None = None
        self._groups: dict[str, tuple[str, ...]] = {}
        self._standing = ("", "")
        self._last: dict[str, Any] = {}
        self._fields, self._interval_s = 1, 0.0
        self.editor = SequenceEditor()
        self.light = LightForm(theme)
        self.pipeline = PipelineForm(desk, known)
        self.reference = ReferenceForm(theme)
        self.power = PowerForm()
        self.batches = BatchForm()
        self.views = ViewsForm(theme, of_a_phase=True, columns=2)
        self.folds = {
            "stimulate": Fold(tr("Stimulate"), self.light, optional=True),
            "pipeline": Fold(tr("Pipeline"), self.pipeline, optional=True),
            "reference": Fold(tr("Reference"), self.reference, optional=True),
            "power": Fold(tr("Light power"), self.power),
            "batches": Fold(tr("Batches"), self.batches, optional=True),
            "viewers": Fold(tr("Viewers"), self.views, optional=True),
        }
        one_open(*self.folds.values())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.editor, 1)
        for fold in self.folds.values():
            layout.addWidget(fold)
        self._connect()

    def show_item(self, phase: Phase) -> None:
        """Show this phase."""
        self._phase = phase
        self.editor.show_sequence(phase.sequence)
        self.light.show_value(phase.stimulate, self._groups, stimulator_of(phase))
        self.pipeline.show_phase(phase)
        self.reference.show_value(phase.reference, self._groups)
        self.power.show_phase(phase)
        self.batches.show_seconds(phase.seconds_per_field)
        self.views.show_entries(entries_of(phase))
        self._say()

    def show_channels(self, groups: Mapping[str, Sequence[str]]) -> None:
        """Offer the channels of this microscope."""
        self._groups = {name: tuple(presets) for name, presets in groups.items()}
        self.editor.show_channels(groups)
        if self._phase is not None:
            named = stimulator_of(self._phase)
            self.light.show_value(self._phase.stimulate, self._groups, named)
            self.reference.show_value(self._phase.reference, self._groups)

    def show_standing(self, group: str, preset: str) -> None:
        """At which channel the microscope stands."""
        self._standing = (group, preset)

    @property
    def first_channel(self) -> useq.Channel | None:
        """What a new plan begins with: the channel that the microscope stands at, else its first
        one."""
        known = ((group, presets[0]) for group, presets in self._groups.items() if presets)
        group, config = next(known, ("", ""))
        where, standing = self._standing
        if where == group and standing in self._groups.get(group, ()):
            config = standing
        return useq.Channel(group=group, config=config, exposure=EXPOSURE_MS) if config else None

    def show_rhythm(self, fields: int, interval_s: float) -> None:
        """Say how many fields the phase has, and how often they are taken."""
        self._fields, self._interval_s = fields, interval_s
        self._say_batches()

    def open(self, name: str) -> None:
        """Open one of the forms and go into it, by its name in `folds`."""
        fold = self.folds[name]
        fold.open()
        fold.head.setFocus()

    def focus(self) -> None:
        """Put the keyboard where it is of use."""
        self.editor.tables.tab_wdg.setFocus()

    def flush(self) -> None:
        """Take an edit that has not settled yet."""
        self.editor.flush()

    def dress(self) -> None:
        """Draw the icons in the theme's colours."""
        self.editor.dress()
        self.reference.dress()

    def _connect(self) -> None:
        change = self._change
        self.light.edited.connect(self._change_light)
        self.pipeline.edited.connect(self._change_pipeline)
        self.pipeline.told.connect(self._tell_metadata)
        self.folds["pipeline"].used.connect(lambda on: self._use("pipeline", BEGIN.copy, on=on))
        self.folds["pipeline"].opened.connect(self._known.want)
        self._known.changed.connect(
            lambda: self.light.offer_stimulators(self._known.names("stimulate"))
        )
        self.reference.edited.connect(lambda v: change(tr("change the reference"), reference=v))
        self.power.edited.connect(lambda v: change(tr("change a power"), power=v))
        self.batches.edited.connect(lambda v: change(tr("change the batches"), seconds_per_field=v))
        self.views.edited.connect(
            lambda entries: change(tr("change the viewers"), **_as_parts(entries))
        )
        self.folds["viewers"].used.connect(self._use_views)
        self.folds["stimulate"].used.connect(
            lambda on: self._use("stimulate", new_stimulation, on=on)
        )
        self.folds["reference"].used.connect(
            lambda on: self._use("reference", self._new_reference, on=on)
        )
        self.folds["batches"].used.connect(
            lambda on: self._use("seconds_per_field", self.batches.seconds.value, on=on)
        )

    def _new_reference(self) -> Reference:
        assert self._phase is not None  # a tick is shown with a phase only
        return new_reference(self._phase.sequence, self._groups)

    def _use(self, name: str, begin: Any, *, on: bool) -> None:
        """Put a part into the phase, as it was when it was last there, or leave it out."""
        if self._phase is None:
            return
        if not on:
            self._last[name] = getattr(self._phase, name)
        value = (self._last.pop(name, None) or begin()) if on else None
        what = tr("use the {part}") if on else tr("leave out the {part}")
        words = {
            "stimulate": tr("stimulation"),
            "pipeline": tr("pipeline"),
            "reference": tr("reference"),
            "seconds_per_field": tr("batches"),
        }[name]
        self._change(what.format(part=words), **{name: value})

    def _use_views(self, on: bool) -> None:
        if self._phase is None:
            return
        if not on:
            self._last["viewers"] = entries_of(self._phase)
        fresh: tuple[Entry, ...] = (("", View(viewer=MAIN)),)
        entries = (self._last.pop("viewers", ()) or fresh) if on else ()
        what = tr("use the {part}") if on else tr("leave out the {part}")
        self._change(what.format(part=tr("viewers")), **_as_parts(entries))

    def _change_light(self, light: Stimulation) -> None:
        if self._phase is not None:
            self.edited.emit(with_light(self._phase, light), tr("change the stimulation"))

    def _change_pipeline(self, pipeline: "Pipeline", what: str) -> None:
        if self._phase is not None:
            self.edited.emit(with_pipeline(self._phase, pipeline), what)

    def _tell_metadata(self, name: str, value: Any) -> None:
        if self._phase is not None:
            others = {key: kept for key, kept in self._phase.metadata.items() if key != name}
            metadata = others if value is None else {**others, name: value}
            self._change(tr("change the metadata"), metadata=metadata)

    def _change(self, what: str, **values: Any) -> None:
        if self._phase is not None:
            self.edited.emit(self._phase.model_copy(update=values), what)

    def _say(self) -> None:
        phase = self._phase
        if phase is None:
            return
        light: Stimulation | None = phase.stimulate
        self.folds["stimulate"].say(stimulation_in_words(light), used=light is not None)
        self.folds["pipeline"].say(pipeline_in_words(phase), used=phase.pipeline is not None)
        self.folds["reference"].say(
            reference_in_words(phase.reference), used=phase.reference is not None
        )
        self.folds["power"].say(power_in_words(phase))
        entries = entries_of(phase)
        words = entries_in_words(entries) or tr("as the experiment says")
        self.folds["viewers"].say(words, used=bool(entries))
        self._say_batches()

    def _say_batches(self) -> None:
        seconds = None if self._phase is None else self._phase.seconds_per_field
        words = batches_in_words(seconds, self._fields, self._interval_s)
        self.folds["batches"].say(words, used=seconds is not None)
        self.batches.show_result("" if seconds is None else words.partition(": ")[2])


def entries_of(phase: Phase) -> tuple[Entry, ...]:
    """The views of a phase, and behind them those of its products."""
    views = [("", view) for view in phase.view]
    for product in PRODUCTS:
        views += [(product, view) for view in phase.products.get(product, ())]
    return tuple(views)


def _as_parts(entries: Sequence[Entry]) -> dict[str, Any]:
    of_product = {
        product: tuple(view for name, view in entries if name == product) for product in PRODUCTS
    }
    return {
        "view": tuple(view for name, view in entries if not name),
        "products": {product: views for product, views in of_product.items() if views},
    }
