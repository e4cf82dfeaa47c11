"""A program that is ended while its microscope opens ends; it went on, without a window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PATIENCE_S = 40


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_a_window_that_is_closed_in_the_midst_of_its_start_ends_the_program(tmp_path: Path) -> None:
    places = {f"XDG_{one}_HOME": str(tmp_path / one.lower()) for one in ("CONFIG", "STATE")}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "parfocal", "gui"],
        env={**os.environ, **places, "PARFOCAL_SEPARATE": "1"},
    )
    try:
        log = tmp_path / "state" / "parfocal" / "log" / "parfocal.log"
        deadline = time.monotonic() + PATIENCE_S
        while not (log.exists() and "open_last_microscope" in log.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.wait()
