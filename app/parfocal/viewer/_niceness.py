"""Step back behind a run: what a viewer computes must not be computed at the run's cost."""

import contextlib
import os
import sys
from pathlib import Path

# Painting without a graphics card takes all cores; they must not be those that the run needs.
_NICENESS = 5
_SESSION = Path("/proc/self/autogroup")


def step_back() -> None:
    """Give everybody else precedence over this process, the run's process above all."""
    if sys.platform == "win32":
        return
    os.nice(_NICENESS)
    # Linux shares processors between sessions first: as the head of a session of its own, a
    # viewer has half of them however nice it is to itself, unless its session is nice too.
    with contextlib.suppress(OSError):
        if os.getsid(0) == os.getpid():
            _SESSION.write_text(str(_NICENESS))
