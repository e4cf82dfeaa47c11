"""What every picture is taken in: a home of its own, a screen large enough, both themes and scales.

Qt takes its scale at the start only, so each picture is taken by a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SIZE = (1280, 800)
THEMES = ("light", "dark")
ENDINGS = {1: "", 2: "-200"}  # of a picture's name, by its scale
PATIENCE_S = 60.0


def until(condition: Callable[[], Any], seconds: float = PATIENCE_S) -> None:
    """Let the window live until something is so."""
    from PyQt6.QtTest import QTest

    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"{condition} did not come about within {seconds:.0f} s")
        QTest.qWait(30)


@contextmanager
def own_home() -> Iterator[Path]:
    """A folder in which everything is that a person has; nothing of parfocal is imported yet."""
    with tempfile.TemporaryDirectory(prefix="parfocal-") as name:
        home = Path(name)
        for variable in ("CONFIG", "CACHE", "DATA", "STATE"):
            os.environ[f"XDG_{variable}_HOME"] = str(home / variable.lower())
        os.environ["PARFOCAL_PROFILES"] = str(home / "microscopes")
        yield home


@contextmanager
def large_screen() -> Iterator[None]:
    """One on which a window fits at 200 %."""
    from parfocal.viewer import virtual_display

    os.environ.pop("DISPLAY", None)
    with virtual_display((2 * SIZE[0], 2 * SIZE[1])):
        yield


def at_both_scales(script: str, words: Callable[[str, int], list[str]]) -> None:
    """Run a script of this folder once for each theme and scale, with these words."""
    for theme in THEMES:
        for scale in ENDINGS:
            subprocess.run(
                [sys.executable, script, *words(theme, scale)],
                env={**os.environ, "QT_SCALE_FACTOR": str(scale)},
                check=True,
            )
