"""Close the viewers of this program when it ends as it should, or let go of those to be kept.

One that is killed says nothing: that is how its viewers know, and stay open.
"""

import atexit
import contextlib
import threading
import time
import weakref
from typing import Protocol

from parfocal.viewer._errors import ViewerError

_CLOSE_S = 5.0
_LET_GO_S = 1.0

_lock = threading.Lock()
_held: "weakref.WeakSet[Closable]" = weakref.WeakSet()


class Closable(Protocol):
    """What a viewer can do about its end."""

    @property
    def kept(self) -> bool: ...
    def ask_to_close(self) -> None: ...
    def detach(self, timeout: float = ...) -> object: ...
    def close(self, timeout: float = ...) -> None: ...
    def __hash__(self) -> int: ...


def close_at_exit(viewer: Closable) -> None:
    """Have this viewer closed when the program ends; one that is kept is only let go."""
    with _lock:
        _held.add(viewer)


@atexit.register
def _close_all() -> None:
    with _lock:
        held = list(_held)
    viewers = [viewer for viewer in held if not viewer.kept]
    for viewer in viewers:
        viewer.ask_to_close()
    for viewer in held:
        if viewer.kept:
            with contextlib.suppress(ViewerError):
                viewer.detach(_LET_GO_S)
    deadline = time.monotonic() + _CLOSE_S
    for viewer in viewers:
        viewer.close(max(0.0, deadline - time.monotonic()))
