"""Enter the child process of a viewer."""

import faulthandler
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from parfocal import ParfocalError
from parfocal.viewer._link import ParentLink

# Painting without a graphics card takes a whole core; it must not be one that the run needs.
_NICENESS = 5


def run_child(argv: Sequence[str]) -> int:
    """Be the viewer child: open napari, obey the parent's control pipe, return the exit code."""
    if argv:
        sys.stderr.write(f"parfocal: the viewer child takes no arguments, not {argv[0]!r}\n")
        return 2
    if sys.stdin.isatty():
        sys.stderr.write("parfocal: a viewer child is started by Parfocal, not by hand\n")
        return 2
    faulthandler.enable()
    if sys.platform != "win32":
        os.nice(_NICENESS)
    commands, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a library prints must not be read as an answer.
    os.dup2(2, 1)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    link = ParentLink(commands, answers)
    try:
        opening = link.first()
        from parfocal.viewer.child import run_window

        return run_window(opening, link)
    except ParfocalError as refusal:
        sys.stderr.write(f"parfocal: {refusal}\n")
        return 1
