"""Say why the microscope cannot be commanded now."""

from typing import TYPE_CHECKING

from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.ui.controller import AcquisitionController

__all__ = ["why_not"]


def why_not(controller: "AcquisitionController") -> str:
    """Why the hardware cannot be commanded now, as a sentence; "" when it can."""
    if controller.opening:
        return tr("The microscope is being opened.")
    if controller.busy:
        return tr("A run is using the microscope: stop it in Run to have the microscope back.")
    microscope = controller.microscope
    if microscope is None:
        return tr("No microscope is open: open one at the right. The demo needs no hardware.")
    return {
        "no hardware": tr(
            "Safe mode: there is no hardware, so nothing can be moved or imaged. Experiments can "
            "be designed and stores looked at; open another microscope to use it."
        ),
        "not answering": tr(
            "The microscope does not answer. Look at the devices and their cables, then Reopen it."
        ),
        "closed": tr("The microscope was closed."),
    }.get(str(microscope.state), "")
