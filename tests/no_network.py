"""Run a command where there is no network: Python guards neither Qt nor child processes."""

from __future__ import annotations

import os
import shutil
import subprocess


def without_network() -> list[str]:
    """What makes a network namespace for a command; nothing where that cannot be (it needs Linux
    and root)."""
    words = ["unshare", "-n"]
    found = shutil.which(words[0])
    works = found and subprocess.run([*words, "true"], check=False).returncode == 0
    return words if works else []


def without_display() -> dict[str, str]:
    """The environment of a computer without a screen."""
    return {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
