"""Start this program once more as a viewer child, and keep what it says on stderr."""

import os
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from typing import IO

import platformdirs

from parfocal.viewer._errors import ViewerError

_KEPT_LINES = 400
# With these Qt opens no window or has no OpenGL; a host that runs so has its reasons, napari not.
_WINDOWLESS = ("offscreen", "minimal", "vnc", "linuxfb")


def start_child() -> "subprocess.Popen[bytes]":
    """Start the same executable as a viewer child, with its control pipes."""
    own = [sys.executable] if getattr(sys, "frozen", False) else _from_source()
    try:
        return subprocess.Popen(
            [*own, "--child=viewer"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=viewer_environment(),
            # Ctrl-C in the terminal is for the verb, which then asks the viewer to close.
            start_new_session=True,
        )
    except OSError as error:
        raise ViewerError(f"the viewer could not be started: {own[0]}: {error}") from error


class ErrorOutput:
    """The end of a child's stderr, and its faults in one sentence."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._thread = threading.Thread(target=self._drain, name="viewer-stderr", daemon=True)
        self._thread.start()

    @property
    def text(self) -> str:
        """What it said last."""
        return "".join(self._lines.copy())

    @property
    def last_line(self) -> str:
        """The last line that says something."""
        return next((line.strip() for line in reversed(self._lines.copy()) if line.strip()), "")

    def join(self) -> None:
        """Wait until the child has said all."""
        self._thread.join()
        self._stream.close()

    def _drain(self) -> None:
        while line := self._stream.readline(4096):
            self._lines.append(line.decode(errors="replace"))


def explain_exit(code: int, last_line: str) -> str:
    """Say in a sentence why a child ended; empty when it ended as it should."""
    if code == 0:
        return ""
    how = f"was ended by signal {-code}" if code < 0 else f"failed with code {code}"
    said = last_line.removeprefix("parfocal: ")
    return f"the viewer {how}: {said}" if said else f"the viewer {how}"


def _from_source() -> list[str]:
    # -P: a folder named napari where the user happens to stand must not be imported.
    return [sys.executable, "-P", "-m", "parfocal"]


def viewer_environment() -> dict[str, str]:
    """The environment for a process that runs napari: ours, with its settings among our own."""
    environment = dict(os.environ)
    if environment.get("QT_QPA_PLATFORM", "") in _WINDOWLESS:
        del environment["QT_QPA_PLATFORM"]
    settings = Path(platformdirs.user_config_dir("parfocal", appauthor=False)) / "napari.yaml"
    environment |= {"QT_API": "pyqt6", "NAPARI_CONFIG": str(settings)}
    return environment
