"""Move the stage by hand, and halt it: moves queue behind one another, Halt behind nothing."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, pyqtSignal

from parfocal import ParfocalError
from parfocal.ui.microscope_workspace._hands import Hands
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.scope import Limits, Microscope, StagePosition
    from parfocal.ui.controller import AcquisitionController

__all__ = ["Moves"]


class Moves(QObject):
    """What the pad, the map and the keys ask of the stage."""

    arrived = pyqtSignal(object)  # a StagePosition
    refused = pyqtSignal(str)  # a sentence; "" when a move went well
    halted = pyqtSignal(str)  # what could not be halted, or ""

    def __init__(self, controller: "AcquisitionController", hands: Hands) -> None:
        super().__init__(hands)
        self._controller = controller
        self._hands = hands
        self._under_way: list[Future[Any]] = []
        self._halts = 0
        self._halting: threading.Thread | None = None

    @property
    def going(self) -> bool:
        """Whether a move is under way or waits for its turn."""
        self._under_way = [move for move in self._under_way if not move.done()]
        return bool(self._under_way)

    @property
    def limits(self) -> "Limits | None":
        """Where this microscope's stage may go; None while there is no stage at all."""
        microscope = self._controller.microscope
        if microscope is None or microscope.state == "no hardware":
            return None
        return microscope.profile.limits

    def by(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> None:
        """Move by so many µm."""
        self._move(lambda microscope: microscope.stages.move_by(x, y, z))

    def to_xy(self, x: float, y: float) -> None:
        """Move to that place, at this height."""
        if not self._refuses(x=x, y=y):
            self._move(lambda microscope: microscope.stages.move_xy(x, y))

    def to_z(self, z: float) -> None:
        """Move to that height, at this place."""
        if not self._refuses(z=z):
            self._move(lambda microscope: microscope.stages.move_z(z))

    def halt(self) -> None:
        """Stop the run, an opening, every stage and every move that waits, now."""
        self._halts += 1
        for move in self._under_way:
            move.cancel()
        self._controller.cancel_opening()
        self._controller.cancel(tr("halted by the operator"))
        microscope = self._controller.microscope
        if microscope is None:
            return
        # a thread of its own: the engine thread may be waiting for the very stage
        self._halting = threading.Thread(
            target=self._halt, args=(microscope,), name="parfocal-halt", daemon=True
        )
        self._halting.start()

    def _halt(self, microscope: "Microscope") -> None:
        trouble = ""
        try:
            microscope.halt()
        except ParfocalError as error:
            trouble = str(error)
        self.halted.emit(trouble)

    def _refuses(
        self, x: float | None = None, y: float | None = None, z: float | None = None
    ) -> bool:
        against = "" if self.limits is None else self.limits.against_place(x, y, z)
        if against:
            self.refused.emit(tr("The stage stays: {why}.").format(why=against))
        return bool(against)

    def _move(self, go: Callable[["Microscope"], None]) -> None:
        halts = self._halts

        def move(microscope: "Microscope") -> "StagePosition":
            go(microscope)
            return microscope.stage()

        def arrived(position: "StagePosition") -> None:
            self.refused.emit("")
            self.arrived.emit(position)

        def refused(sentence: str) -> None:
            if halts == self._halts:  # else it was meant to end
                self.refused.emit(sentence)

        asked = self._hands.ask(move, arrived, refused)
        if asked is not None and not asked.done():
            self._under_way.append(asked)
