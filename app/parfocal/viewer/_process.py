"""Start this program once more as a viewer child, and keep what it says on stderr."""

import os
import subprocess
import threading
from collections import deque
from pathlib import Path
from typing import IO, Protocol

import platformdirs

from parfocal._own_process import own_command, start_own
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._reason import explain_exit

_KEPT_LINES = 400
_LAST_WORDS_S = 2.0
# With these Qt opens no window or has no OpenGL; a host that runs so has its reasons, napari not.
_WINDOWLESS = ("offscreen", "minimal", "vnc", "linuxfb")


def start_child(*words: str) -> "subprocess.Popen[bytes]":
    """Start the same executable as a viewer child, with its control pipes."""
    try:
        return start_own(
            "--child=viewer",
            *words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=viewer_environment(),
        )
    except OSError as error:
        own = own_command()[0]
        raise ViewerError(f"the viewer could not be started: {own}: {error}") from error


class ViewerProcess(Protocol):
    """The process of a viewer: one that we started, or one that we met."""

    ours: bool
    """Whether we started it, and must reap it."""

    @property
    def pid(self) -> int: ...
    @property
    def exit_code(self) -> int | None: ...
    @property
    def log(self) -> str:
        """The end of what it wrote to stderr."""

    @property
    def problem(self) -> str:
        """Why it ended; empty when it ended as it should."""

    def wait(self, timeout: float) -> bool:
        """Wait for its end; False when the time was over first."""

    def terminate(self) -> None: ...
    def kill(self) -> None: ...


class OwnProcess:
    """A viewer that this process started, and reaps."""

    ours = True

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stderr is not None
        self._process = process
        self._errors = ErrorOutput(process.stderr)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended, once `wait` has said that it did."""
        return self._process.returncode

    @property
    def log(self) -> str:
        """The end of what it wrote to stderr."""
        return self._errors.text

    @property
    def problem(self) -> str:
        """Why it ended; empty when it ended as it should."""
        return "" if self.exit_code is None else explain_exit(self.exit_code, self.log)

    def wait(self, timeout: float) -> bool:
        """Wait for its end; False when the time was over first."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        self._errors.join()
        return True

    def terminate(self) -> None:
        """Ask the system to end it."""
        self._process.terminate()

    def kill(self) -> None:
        """End it: a stopped process obeys nothing less."""
        self._process.kill()


class ErrorOutput:
    """The end of a child's stderr."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._thread = threading.Thread(target=self._drain, name="viewer-stderr", daemon=True)
        self._thread.start()

    @property
    def text(self) -> str:
        """What it said last."""
        return "".join(self._lines.copy())

    def join(self) -> None:
        """Wait until the child has said all; a process that it started may hold the pipe longer."""
        self._thread.join(_LAST_WORDS_S)
        if not self._thread.is_alive():
            self._stream.close()

    def _drain(self) -> None:
        while line := self._stream.readline(4096):
            self._lines.append(line.decode(errors="replace"))


def viewer_environment() -> dict[str, str]:
    """The environment for a process that runs napari: ours, with its settings among our own."""
    environment = dict(os.environ)
    if environment.get("QT_QPA_PLATFORM", "") in _WINDOWLESS:
        del environment["QT_QPA_PLATFORM"]
    settings = Path(platformdirs.user_config_dir("parfocal", appauthor=False)) / "napari.yaml"
    environment |= {"QT_API": "pyqt6", "NAPARI_CONFIG": str(settings)}
    return environment
