"""Open what belongs to a pipeline and stays beside the plan: one window of each kind."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QDialog

from parfocal.ui.design_workspace._plug_ins_dialog import PlugInsDialog

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
        form.plug_ins_wanted.connect(self.show_plug_ins)
        design.known_parts.changed.connect(design.outlook.look_soon)

    def show_plug_ins(self) -> None:
        """Show the folder of plug-ins."""
        if self.plug_ins is None:
            self.plug_ins = PlugInsDialog(self._desk, self._design.known_parts, self._design)
            self.plug_ins.destroyed.connect(self._forget_plug_ins)
        _to_the_front(self.plug_ins)

    def _forget_plug_ins(self) -> None:
        self.plug_ins = None


def _to_the_front(dialog: QDialog) -> None:
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
