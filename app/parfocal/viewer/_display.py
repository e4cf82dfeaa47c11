"""Find the display for a window, or make a virtual one where there is none."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from parfocal.viewer._errors import ViewerError

_X11_SOCKETS = Path("/tmp/.X11-unix")


def display_problem() -> str | None:
    """Say why no window can be opened here; None when one can."""
    if sys.platform != "linux":
        return None
    wayland, display = os.environ.get("WAYLAND_DISPLAY"), os.environ.get("DISPLAY")
    if not wayland and not display:
        return (
            "there is no display to open a window on (DISPLAY and WAYLAND_DISPLAY are not set);"
            " log in to the desktop, or use ssh -X"
        )
    if wayland and (Path(os.environ.get("XDG_RUNTIME_DIR", "/")) / wayland).exists():
        return None
    if display and _answers(display):
        return None
    named = f"DISPLAY={display}" if display else f"WAYLAND_DISPLAY={wayland}"
    return f"no display answers at {named}; log in to the desktop, or correct that setting"


@contextmanager
def virtual_display(size: tuple[int, int] = (1600, 1000)) -> Iterator[None]:
    """Give the block a display: Xvfb where none is set, nothing otherwise."""
    if sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        yield
        return
    server, number = _start_xvfb(*size)
    os.environ["DISPLAY"] = f":{number}"
    try:
        yield
    finally:
        os.environ.pop("DISPLAY", None)
        server.terminate()
        try:
            server.wait(timeout=5)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _answers(display: str) -> bool:
    """Tell whether an X server listens there; one on another host is taken at its word."""
    host, _, number = display.rpartition(":")
    number = number.partition(".")[0]
    if host not in ("", "unix"):
        return True
    path = str(_X11_SOCKETS / f"X{number}")
    # A server in another mount namespace (container, snap) has only the abstract name.
    for address in (path, "\0" + path):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(1.0)
            with contextlib.suppress(OSError):
                probe.connect(address)
                return True
    return False


def _start_xvfb(width: int, height: int) -> tuple[subprocess.Popen[bytes], int]:
    program = shutil.which("Xvfb")
    if program is None:
        raise ViewerError(
            "there is no display and no Xvfb to make one with; install the package xvfb"
        )
    answer, say = os.pipe()
    try:
        server = subprocess.Popen(
            [
                *(program, "-displayfd", str(say)),
                *("-screen", "0", f"{width}x{height}x24"),
                *("-nolisten", "tcp", "-noreset"),
            ],
            pass_fds=(say,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        os.close(answer)
        raise ViewerError(f"{program} could not be started: {error}") from error
    finally:
        os.close(say)
    # Xvfb writes its number when it listens, and closes the pipe when it fails.
    with os.fdopen(answer, "rb") as pipe:
        number = pipe.readline().strip()
    if not number:
        server.kill()
        server.wait()
        raise ViewerError(f"{program} ended without a display")
    return server, int(number)
