"""Open what belongs to a pipeline and stays beside the plan: one window of each kind."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtWidgets import QDialog

from parfocal.plan import Phase
from parfocal.ui.design_workspace._plug_ins_dialog import PlugInsDialog
from parfocal.ui.design_workspace._trial_dialog import TrialDialog

if TYPE_CHECKING:
    from parfocal.ui.design_workspace._workspace import DesignWorkspace
    from parfocal.ui.desk import Desk


class PipelineDialogs(QObject):
    """The plug-ins, and the trial of the pipeline that is edited."""

    def __init__(self, desk: "Desk", design: "DesignWorkspace") -> None:
        super().__init__(design)
        self._desk, self._design = desk, design
        self.plug_ins: PlugInsDialog | None = None
        form = design.phase_page.pipeline
        self.trial: TrialDialog | None = None
        self._phase: Phase | None = None
        form.plug_ins_wanted.connect(self.show_plug_ins)
        form.try_wanted.connect(self.show_trial)
        design.document.changed.connect(self._follow)
        design.items.chosen.connect(self._follow)
        design.known_parts.changed.connect(design.outlook.look_soon)

    def show_plug_ins(self) -> None:
        """Show the folder of plug-ins."""
        if self.plug_ins is None:
            self.plug_ins = PlugInsDialog(self._desk, self._design.known_parts, self._design)
            self.plug_ins.destroyed.connect(self._forget_plug_ins)
        _to_the_front(self.plug_ins)

    def show_trial(self) -> None:
        """Try the pipeline of the phase that is edited."""
        self._follow()
        if self.trial is None:
            self.trial = TrialDialog(self._desk, lambda: self._phase, self._design)
            self.trial.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.trial.destroyed.connect(self._forget_trial)
        _to_the_front(self.trial)

    def _follow(self, *_what: object) -> None:
        """The phase in the middle is tried; a wait or a hold leaves the last one."""
        items = self._design.document.experiment.items
        number = self._design.items.current
        item = items[number] if number < len(items) else None
        if isinstance(item, Phase):
            self._phase = item
        if self.trial is not None:
            self.trial.follow()

    def _forget_trial(self) -> None:
        self.trial = None

    def _forget_plug_ins(self) -> None:
        self.plug_ins = None


def _to_the_front(dialog: QDialog) -> None:
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
