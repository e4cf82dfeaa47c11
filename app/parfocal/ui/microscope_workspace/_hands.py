"""Ask the open microscope for something: off the window's thread, the answer back in it."""

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Any, NamedTuple

from PyQt6.QtCore import QObject, pyqtSignal

from parfocal import ParfocalError

if TYPE_CHECKING:
    from parfocal.scope import Microscope
    from parfocal.ui.controller import AcquisitionController

__all__ = ["Hands"]


class Asked(NamedTuple):
    """What was asked of which microscope, and who waits for it."""

    microscope: "Microscope"
    future: "Future[Any]"
    then: Callable[[Any], object] | None
    otherwise: Callable[[str], object] | None


class Hands(QObject):
    """Commands go through the controller's engine thread: in order, and a run that is queued behind
    them finds the hardware idle."""

    failed = pyqtSignal(str)  # a sentence that nobody waits for
    _ended = pyqtSignal(object)

    def __init__(self, controller: "AcquisitionController", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._ended.connect(self._deliver)

    @property
    def microscope(self) -> "Microscope | None":
        """The one that is open."""
        return self._controller.microscope

    def ask(
        self,
        work: Callable[["Microscope"], Any],
        then: Callable[[Any], object] | None = None,
        otherwise: Callable[[str], object] | None = None,
    ) -> "Future[Any] | None":
        """Do `work` with the microscope; then `then(answer)`, or `otherwise(sentence)`.

        Both are called in the window's thread, and only while that microscope is still the one.
        """
        microscope = self._controller.microscope
        if microscope is None:
            return None
        future = self._controller.in_engine(lambda: work(microscope))
        asked = Asked(microscope, future, then, otherwise)
        future.add_done_callback(lambda _future: self._ended.emit(asked))
        return future

    def _deliver(self, asked: Asked) -> None:
        if asked.microscope is not self._controller.microscope:
            return
        try:
            error = asked.future.exception()
        except CancelledError:
            return
        if error is None:
            if asked.then is not None:
                asked.then(asked.future.result())
            return
        said = str(error)
        sentence = said if isinstance(error, ParfocalError) else f"{type(error).__name__}: {said}"
        (asked.otherwise or self.failed.emit)(sentence)
