"""The one door of the program: window, verbs and child processes all start here."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType

# what a shell says of a program that Ctrl-C ended
INTERRUPTED = 130
AGAIN_S = 0.05


def main(argv: Sequence[str] | None = None) -> int:
    """Run a verb (or, with none, the window) and return its exit code."""
    # First statement, or in a frozen build SharedMemory's resource tracker starts the whole app.
    multiprocessing.freeze_support()
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["--child=viewer"]:
        from parfocal.viewer import run_child

        return run_child(arguments[1:])
    if arguments[:1] == ["--child=convert"]:
        from parfocal.convert import run_batch_child

        return run_batch_child(arguments[1:])
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    try:
        from parfocal.cli import run_verb

        return run_verb(arguments)
    except KeyboardInterrupt:  # while the verb's libraries are still being imported, for a second
        if sys.stderr is not None:
            sys.stderr.write("parfocal: stopped\n")
        return INTERRUPTED


def main_gui() -> int:
    """Open the window: what a double-click starts."""
    return main(["gui", *sys.argv[1:]])


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Ctrl-C, which waits for the end of an import.

    In the midst of one pymmcore prints a traceback of its own and raises a SystemError,
    TensorStore an ImportError.
    """
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            again = threading.Timer(AGAIN_S, _send_again, [number])
            again.daemon = True
            again.start()
            return
        frame = frame.f_back
    raise KeyboardInterrupt


def _send_again(number: int) -> None:
    if sys.platform == "win32":
        signal.raise_signal(number)
    else:
        os.kill(os.getpid(), number)  # raise_signal would not wake a main thread that sleeps


if __name__ == "__main__":
    sys.exit(main())
