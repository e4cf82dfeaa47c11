"""Step back behind the run that a viewer shows, with the whole session."""

import contextlib
import os
import sys
from pathlib import Path

NICENESS = 5
_SESSION = Path("/proc/self/autogroup")


def step_back_as_a_session() -> None:
    """Give the run's processes precedence where Linux shares processors between sessions first.

    There a viewer, the head of a session of its own, has half of them however nice it is to
    itself. For good, since nobody may take it back: to be done once the window is up.
    """
    if sys.platform == "linux" and os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):
            _SESSION.write_text(str(NICENESS))
