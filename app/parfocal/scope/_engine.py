"""The engine that taps frames: give it callbacks, and every frame or missing frame reaches them."""

import threading
from collections.abc import Callable

from pymmcore_plus import CMMCorePlus
from pymmcore_plus.mda import MDAEngine
from useq import MDAEvent

from parfocal.scope._frame import Frame, FrameTag

__all__ = ["TappingEngine"]


class TappingEngine(MDAEngine):
    """pymmcore-plus' engine that hands frames over in its own thread and swallows nothing."""

    def __init__(self, core: CMMCorePlus) -> None:
        super().__init__(core, restore_initial_state=False)
        self.on_frame: Callable[[Frame], None] | None = None
        self.on_missing: Callable[[FrameTag], None] | None = None
        self.on_event_start: Callable[[MDAEvent], None] | None = None
        self.cancelled = threading.Event()

    def stop_now(self) -> None:
        """End the exposure or sequence in progress; may be called from any thread."""
        self.cancelled.set()
