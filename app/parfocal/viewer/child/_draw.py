"""Wait until the canvas has really drawn what was set."""

from collections.abc import Callable
from typing import Any

from qtpy.QtCore import QTimer

_HIDDEN_AFTER_MS = 3000

Then = Callable[[bool], None]


class NextDraw:
    """Calls back after the canvas' next draw, or with False for a window that never draws."""

    def __init__(self, canvas: Any) -> None:
        self._native = canvas.native
        self._waiting: list[tuple[Then, QTimer]] = []
        self.drawn = 0
        canvas.events.draw.connect(self._on_draw, position="last")

    def then(self, call: Then) -> None:
        """Call with True after the next draw; with False when there is none in time."""
        timer = QTimer(self._native)
        timer.setSingleShot(True)
        timer.timeout.connect(lambda: self._give_up(timer))
        self._waiting.append((call, timer))
        timer.start(_HIDDEN_AFTER_MS)
        self._native.update()

    def _on_draw(self, _: object) -> None:
        self.drawn += 1
        waiting, self._waiting = self._waiting, []
        for call, timer in waiting:
            timer.stop()
            timer.deleteLater()
            # After the paint: the buffer that a screenshot reads is swapped only then.
            QTimer.singleShot(0, lambda call=call: call(True))

    def _give_up(self, timer: QTimer) -> None:
        for call, waiting in self._waiting.copy():
            if waiting is timer:
                self._waiting.remove((call, waiting))
                timer.deleteLater()
                call(False)
