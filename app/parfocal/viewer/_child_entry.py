"""Enter the child process of a viewer."""

import contextlib
import faulthandler
import gc
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from parfocal import ParfocalError
from parfocal._known_process import start_of
from parfocal.viewer._link import HostLink
from parfocal.viewer._waiting import WAITS

# Painting without a graphics card takes a whole core; it must not be one that the run needs, whose
# encoders give way to the camera already (store/_giving_way.py).
_NICENESS = 15
_LOOK_S = 1.0


def run_child(argv: Sequence[str]) -> int:
    """Be the viewer child: open napari, obey whoever holds it, return the exit code.

    One that waits (`viewer/_waiting.py`) imports napari before it is told what to show; the number
    of who holds it follows, who may be gone before we can ask whose child we are.
    """
    waits = len(argv) == 2 and argv[0] == WAITS and argv[1].isdecimal()
    if argv and not waits:
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
        from parfocal.viewer.child import import_napari, run_window

        if waits:
            with _no_longer_than(int(argv[1])):
                import_napari()
                opening = link.first()
        else:
            opening = link.first()
        code = run_window(opening, link)
    except ImportError as error:
        traceback.print_exc()
        sys.stderr.write(f"parfocal: napari cannot be loaded: {error}\n")
    except ParfocalError as refusal:
        with contextlib.suppress(OSError):  # nobody is left to read it
            sys.stderr.write(f"parfocal: {refusal}\n")
    finally:
        link.close(code)
    return code


@contextlib.contextmanager
def _no_longer_than(pid: int) -> Iterator[None]:
    """End with this process, also where a sibling that was forked holds its end of the pipe."""
    start, told = start_of(pid), threading.Event()

    def watch() -> None:
        while not told.wait(_LOOK_S):
            if not start or start_of(pid) != start:
                os._exit(0)

    threading.Thread(target=watch, name="viewer-waits", daemon=True).start()
    try:
        yield
    finally:
        told.set()


def _leave_nothing_when_terminated(link: HostLink) -> None:
    def end(number: int, _: FrameType | None) -> None:
        link.close()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    signal.signal(signal.SIGTERM, end)
