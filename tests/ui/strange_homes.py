"""Run in a mount namespace of its own: open the real window in one strange home after the other.

`strange_homes.py ROOT` prints what each window said: empty, read-only, full, older and broken.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

from PyQt6.QtCore import QTimer

from parfocal.ui import _application
from parfocal.ui.main_window import MainWindow
from parfocal.viewer import virtual_display

FOLDERS = ("config", "cache", "data", "state")
OLDER = {"version": 0, "theme": "light", "hologram": True, "layout": "AAAA", "geometry": "AAAA"}


class WatchedWindow(MainWindow):
    """Lives until it is settled and quiet, changes a setting, and leaves."""

    said: dict[str, object]

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        type(self).said = {"settled": False}
        self.settled.connect(self._look)

    def _look(self) -> None:
        self.desk.settings.change(theme="dark")
        QTimer.singleShot(600, self._tell)

    def _tell(self) -> None:
        type(self).said = {
            "settled": True,
            "collects": gc.isenabled(),
            "dark": self.desk.theme.dark,
            "steps": self.first_steps.bar is not None,
            "workspaces": [name for name, page in self._pages.items() if page.widget is not None],
            "said": [toast.text for toast in self.desk.toasts.history],
        }
        self.close()


def prepare(home: Path, kind: str) -> None:
    home.mkdir()
    if kind in ("read-only", "full"):
        size = "64k" if kind == "full" else "8m"
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", home], check=True)
    for name in FOLDERS:
        if kind != "empty":
            (home / name / "parfocal").mkdir(parents=True)
        os.environ[f"XDG_{name.upper()}_HOME"] = str(home / name)
    os.environ["HOME"] = str(home)
    settings = home / "config" / "parfocal" / "settings.json"
    if kind == "older":
        settings.write_text(json.dumps(OLDER))
    elif kind == "broken":
        settings.write_text('{"version": 1, "theme": "da')
    elif kind == "read-only":
        subprocess.run(["mount", "-o", "remount,ro", home], check=True)
    elif kind == "full":
        try:
            (home / "everything").write_bytes(bytes(1 << 20))
        except OSError:
            pass
        else:
            raise SystemExit("the disk is not full")


def main(root: Path) -> None:
    _application.MainWindow = WatchedWindow
    told = {}
    os.environ.pop("DISPLAY", None)
    with virtual_display():
        for kind in ("empty", "read-only", "full", "older", "broken"):
            prepare(root / kind, kind)
            told[kind] = {"code": _application.open_window(), **WatchedWindow.said}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
