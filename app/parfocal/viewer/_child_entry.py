"""Enter the child process of a viewer."""

import faulthandler
import gc
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from parfocal import ParfocalError
from parfocal.viewer._link import HostLink

# Painting without a graphics card takes a whole core; it must not be one that the run needs, whose
# encoders give way to the camera already (store/_giving_way.py).
_NICENESS = 15


def run_child(argv: Sequence[str]) -> int:
    """Be the viewer child: open napari, obey whoever holds it, return the exit code."""
    if argv:
        sys.stderr.write(f"parfocal: the viewer child takes no arguments, not {argv[0]!r}\n")
        return 2
    if sys.stdin is None or sys.stdin.isatty():
        sys.stderr.write("parfocal: a viewer child is started by Parfocal, not by hand\n")
        return 2
    faulthandler.enable()
    gc.disable()  # until the window is up: all that is imported stays
    if sys.platform != "win32":
        os.nice(_NICENESS)
    commands, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a library prints must not be read as an answer.
    os.dup2(2, 1)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    link = HostLink(commands, answers)
    _leave_nothing_when_terminated(link)
    code = 1
    try:
        opening = link.first()
        from parfocal.viewer.child import run_window

        code = run_window(opening, link)
    except ImportError as error:
        traceback.print_exc()
        sys.stderr.write(f"parfocal: napari cannot be loaded: {error}\n")
    except ParfocalError as refusal:
        sys.stderr.write(f"parfocal: {refusal}\n")
    finally:
        link.close(code)
    return code


def _leave_nothing_when_terminated(link: HostLink) -> None:
    def end(number: int, _: FrameType | None) -> None:
        link.close()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    signal.signal(signal.SIGTERM, end)
