"""Start a viewer once: however often and from wherever it is asked for."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from parfocal.viewer._address import RingAddress
from parfocal.viewer._filter import LiveFilter
from parfocal.viewer._host import Viewer
from parfocal.viewer._status import ViewerState

_OVER = (ViewerState.EXITED, ViewerState.DETACHED)


@dataclass(frozen=True, slots=True)
class _Opened:
    viewer: Viewer
    live: RingAddress | None
    title: str
    """By which it is asked for: its window has the one that it was opened with."""

    def serves(self, store: Path, live: RingAddress | None, title: str) -> bool:
        """Whether it shows what is asked for; live frames are more than the store alone."""
        viewer = self.viewer
        same = self.title == title and viewer.store is not None and viewer.store == store
        return same and live in (None, self.live) and viewer.status().state not in _OVER


class OpenViewers:
    """The viewers of one desk, oldest first; at most one for a store and a title.

    Two presses of a button, or two threads, at the same moment get the same viewer.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._opened: list[_Opened] = []

    def open(
        self,
        store: Path,
        live: RingAddress | None = None,
        *,
        title: str | None = None,
        only: LiveFilter | None = None,
        fields: Sequence[int] = (),
        dark: bool = True,
    ) -> tuple[Viewer, bool]:
        """The viewer of this store, and whether it was started now; one that was there is raised.

        Nothing is kept of one whose start is refused.
        """
        store, title = store.absolute(), store.name if title is None else title
        with self._lock:
            for opened in self._opened:
                if opened.serves(store, live, title):
                    opened.viewer.request("raise")
                    return opened.viewer, False
            viewer = Viewer(title, dark=dark)
            viewer.start(store, live, only=only, fields=fields)
            self._opened.append(_Opened(viewer, live, title))
        return viewer, True

    def add(self, viewer: Viewer) -> None:
        """Take in one that was started or met elsewhere."""
        with self._lock:
            self._opened.append(_Opened(viewer, None, viewer.title))

    def name_it(self, viewer: Viewer, title: str) -> None:
        """Know it by another title, as its store has another name."""
        with self._lock:
            self._opened = [
                replace(opened, title=title) if opened.viewer is viewer else opened
                for opened in self._opened
            ]

    def remove(self, viewer: Viewer) -> None:
        """Forget one."""
        with self._lock:
            self._opened = [opened for opened in self._opened if opened.viewer is not viewer]

    def viewers(self) -> tuple[Viewer, ...]:
        """All of them at this moment."""
        return tuple(opened.viewer for opened in self._opened)
