"""Show live frames as soon as they came, and never faster than the canvas draws them."""

from collections.abc import Callable
from time import monotonic

from qtpy.QtCore import QCoreApplication, QEvent, QObject, QTimer

_MOST_PER_SECOND = 60
# A window that is hidden never draws; its frames are taken nevertheless, so that none pile up.
_UNDRAWN_S = 0.25


class FramePace(QObject):
    """Calls `show` when there is news and the picture before it has been drawn.

    What comes meanwhile is taken at once, and only the newest of it is painted: a queue of
    paints would show everything late.
    """

    def __init__(self, show: Callable[[], bool]) -> None:
        super().__init__()  # of nobody: it must not go with the window while a thread may tell
        self._show = show
        self._drawn = True
        self._shown_at = 0.0
        self._there_is_news = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._look)

    def tell(self) -> None:
        """There is news. For any thread."""
        QCoreApplication.postEvent(self, QEvent(QEvent.Type.User))

    def customEvent(self, _: QEvent | None) -> None:
        """Take the news, in the window's own thread."""
        self._there_is_news = True
        if self._drawn:
            self._look()

    def on_draw(self) -> None:
        """The canvas was drawn."""
        self._drawn = True
        if self._there_is_news:
            self._later.start(self._pause_ms())

    def look(self) -> None:
        """For a regular call: show what waited for its time, or for a draw that never came."""
        if self._drawn or monotonic() - self._shown_at > _UNDRAWN_S:
            self._look()

    def _look(self) -> None:
        pause = self._pause_ms()
        if pause > 0:
            self._later.start(pause)
            return
        self._there_is_news = False
        self._drawn = not self._show()
        if not self._drawn:
            self._shown_at = monotonic()

    def _pause_ms(self) -> int:
        return max(0, round(1000 * (self._shown_at + 1 / _MOST_PER_SECOND - monotonic())))
