"""The one door of the program: window, verbs and child processes all start here."""

import multiprocessing
import sys
from collections.abc import Sequence

# what a shell says of a program that Ctrl-C ended
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a verb (or, with none, the window) and return its exit code."""
    # First statement, or in a frozen build SharedMemory's resource tracker starts the whole app.
    multiprocessing.freeze_support()
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["--child=viewer"]:
        from parfocal.viewer import run_child

        return run_child(arguments[1:])
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


if __name__ == "__main__":
    sys.exit(main())
