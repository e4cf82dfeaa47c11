"""Fix in place what the preflight found: each word that it knows has a label and a deed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from parfocal.plan import Phase
from parfocal.ui.design_workspace._amend import (
    give_ids,
    with_channel,
    within_limits,
    without_light,
    without_pipeline,
    without_power,
)
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.plan import Experiment
    from parfocal.ui.design_workspace._preflight_lines import Line
    from parfocal.ui.design_workspace._workspace import DesignWorkspace
    from parfocal.ui.desk import Desk

LABELS = {
    "rename": tr("Use a free name"),
    "choose-folder": tr("Choose a folder…"),
    "edit-plan": tr("Show it"),
    "edit-channel": tr("Use another channel"),
    "edit-positions": tr("Show the positions"),
    "edit-pipeline": tr("Change the pipeline"),
    "edit-power": tr("Leave this light as it is set"),
    "give-id": tr("Give it an id"),
    "keep-limits": tr("Set to the limit"),
    "leave-light": tr("Leave the light out"),
    "open-microscope": tr("Choose a microscope"),
    "reopen-microscope": tr("Open it again"),
    "calibrate-projector": tr("Calibrate…"),
    "calibrate-pixels": tr("Show the microscope"),
    "set-memory": tr("Use half the memory"),
}
LEAST_BUDGET = 2**26


def label_of(fix: str) -> str:
    """What the button of a fix says; nothing where there is none."""
    return LABELS.get(fix.partition(":")[0], "")


class Fixes:
    """Does what a line of the preflight list offers; what changes the plan can be undone."""

    def __init__(self, desk: "Desk", design: "DesignWorkspace") -> None:
        self._desk = desk
        self._design = design

    def do(self, line: "Line", choice: tuple[str, str] | None) -> None:
        """Fix one line; `choice` is what was chosen for it, where there is a choice."""
        word, _, name = line.fix.partition(":")
        if (amended := self._amended(word, name, choice)) is not None:
            done = choice[1] if word == "edit-pipeline" and choice else label_of(line.fix)
            self._design.document.edit(amended, done.lower(), alone=True)
            return
        deeds: dict[str, Callable[[], object]] = {
            "rename": self._design.use_a_free_name,
            "choose-folder": self._design.summary.target.ask,
            "edit-plan": self._design.focus,
            "edit-positions": self._show_positions,
            "edit-pipeline": lambda: self._show_pipeline(name),
            "open-microscope": lambda: self._desk.show_workspace("microscope"),
            "calibrate-projector": lambda: self._desk.actions.trigger("microscope.projector"),
            "calibrate-pixels": lambda: self._desk.show_workspace("microscope"),
            "reopen-microscope": self._desk.controller.reopen_microscope,
            "set-memory": self._design.use_less_memory,
        }
        if word in deeds:
            deeds[word]()

    def _amended(self, word: str, name: str, choice: tuple[str, str] | None) -> "Experiment | None":
        experiment = self._design.document.experiment
        if word == "edit-channel" and choice is not None:
            return with_channel(experiment, name, *choice)
        if word == "leave-light":
            return without_light(experiment, name)
        if word == "edit-pipeline" and choice is not None:
            amend = {"leave-analysis": without_pipeline, "leave-light": without_light}
            return amend[choice[0]](experiment, name) if choice[0] in amend else None
        if word == "edit-power":
            return without_power(experiment, name)
        if word == "give-id":
            return give_ids(experiment, name)
        microscope = self._desk.controller.microscope
        if word == "keep-limits" and microscope is not None:
            return within_limits(experiment, microscope.limits)
        return None

    def _show_positions(self) -> None:
        experiment = self._design.document.experiment
        if not isinstance(experiment.items[self._design.items.current], Phase):
            first = next(n for n, item in enumerate(experiment.items) if isinstance(item, Phase))
            self._design.items.choose(first)
        self._design.phase_page.editor.show_tab("stage_positions")

    def _show_pipeline(self, name: str) -> None:
        """Go to the phase, and to the form that says what is wrong with it."""
        items = self._design.document.experiment.items
        for number, item in enumerate(items):
            if isinstance(item, Phase) and item.name == name:
                self._design.items.choose(number)
                fold = "stimulate" if item.pipeline is None else "pipeline"
                self._design.phase_page.open(fold)
                return
