"""Let a window wait for the network a little, and never for long."""

import time

MOST_S = 0.15
SHARE = 0.2


class Allowance:
    """Seconds that may be waited: what was used comes back at a fifth of the time that passes.

    On a quick net a plane is there within some of them, and the picture never shows black in
    between. On a slow one they are used up at once, and the window goes on without waiting.
    """

    def __init__(self) -> None:
        self._left = MOST_S
        self._at = time.monotonic()

    def left(self) -> float:
        """How long may be waited now."""
        now = time.monotonic()
        self._left = min(MOST_S, self._left + (now - self._at) * SHARE)
        self._at = now
        return max(0.0, self._left)

    def use(self, seconds: float) -> None:
        """So long was waited."""
        self._left -= seconds
        self._at = time.monotonic()
