"""Let pymmcore-widgets' dialogs move the stage our way: off the window's thread, within limits."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, pyqtSignal

from parfocal import ParfocalError

if TYPE_CHECKING:
    from parfocal.ui.controller import AcquisitionController


class StageByHand(QObject):
    """Stands where a widget would have told the core to move.

    Their own way blocks the window until the stage has arrived, and knows no limits.
    """

    failed = pyqtSignal(str)

    def __init__(self, controller: "AcquisitionController", parent: QObject) -> None:
        super().__init__(parent)
        self._controller = controller
        self.snap_on_finish = False
        """Set by the stage explorer after the move was asked for: take a picture there."""

    def move_absolute(self, target: tuple[float, float]) -> None:
        """Go to x, y."""
        microscope = self._controller.microscope
        if microscope is None:
            return
        x, y = float(target[0]), float(target[1])

        def go() -> None:
            microscope.stages.move_xy(x, y)
            if self.snap_on_finish:
                microscope.snap()

        self._controller.in_engine(go).add_done_callback(self._ended)

    def _ended(self, future: "Future[Any]") -> None:
        error = None if future.cancelled() else future.exception()
        if error is not None:
            known = isinstance(error, ParfocalError)
            self.failed.emit(str(error) if known else f"The stage could not be moved: {error}")


class CoreWithOurStage:
    """The core for a widget, but moves of the stage go our way."""

    def __init__(self, core: Any, move: Callable[[tuple[float, float]], None]) -> None:
        self._core, self._move = core, move

    def __getattr__(self, name: str) -> Any:
        return getattr(self._core, name)

    def getProperty(self, device: str, name: str) -> Any:  # noqa: N802 - the core's own name
        """A property; "0" for one that the camera does not have.

        The explorer asks every camera whether it mirrors, and a Python camera raised a KeyError.
        """
        if self._core.hasProperty(device, str(name)):
            return self._core.getProperty(device, str(name))
        return "0"

    def setXYPosition(self, x: float, y: float) -> None:  # noqa: N802 - the core's own name
        """Go to x, y; this does not wait for it."""
        self._move((x, y))

    def waitForSystem(self) -> None:  # noqa: N802 - the core's own name
        """Does not wait: the window would stand still."""
