"""A window that starts outlives its terminal, and ends when it is asked to while it starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

PATIENCE_S = 40


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_a_window_goes_on_without_its_terminal_and_one_closed_in_its_start_ends_the_program(
    tmp_path: Path,
) -> None:
    places = {f"XDG_{one}_HOME": str(tmp_path / one.lower()) for one in ("CONFIG", "STATE")}
    screen, terminal = os.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", sys.executable, "-P", "-m", "parfocal", "gui"],
        env={**os.environ, **places, "PARFOCAL_SEPARATE": "1"},
        stdin=terminal, stdout=terminal, stderr=terminal,
    )  # fmt: skip
    os.close(terminal)
    log = tmp_path / "state" / "parfocal" / "log" / "parfocal.log"

    def until(so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not so():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    try:
        try:
            until(log.exists)
        finally:
            os.close(screen)  # the kernel's SIGHUP
        # it went on without a window when it was ended while its microscope opened
        until(lambda: "open_last_microscope" in log.read_text())
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        assert log.read_text().count("the terminal of this window was closed") == 1
    finally:
        process.kill()
        process.wait()
