"""Look into a folder for an installer of a newer version, if a person named one; else never."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

from PyQt6.QtCore import QObject, QUrl
from PyQt6.QtGui import QDesktopServices

import parfocal
from parfocal.ui.desk import Desk
from parfocal.ui.text import tr

__all__ = ["Installer", "NewerInstaller", "newest_installer"]

NAMED = re.compile(r"parfocal[-_ ]v?(\d+(?:\.\d+)*)", re.IGNORECASE)
ENDINGS = {
    "win32": (".exe", ".msi"),
    "darwin": (".dmg", ".pkg"),
}
LINUX = (".deb", ".rpm", ".sh", ".run", ".appimage")


class Installer(NamedTuple):
    """A file that installs a version."""

    version: tuple[int, ...]
    path: Path


class NewerInstaller(QObject):
    """Looks once, in the background, and never during a run; what it finds is one message."""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk

    def look(self) -> None:
        """Look, if a folder was named and nothing runs."""
        folder = self._desk.settings.values.installers_folder
        if folder is None or self._desk.controller.busy:
            return
        self._desk.tasks.quietly(
            "look for a newer version",
            lambda _task: newest_installer(folder),
            on_done=self._tell,
            owner=self,
        )

    def _tell(self, found: Installer | None) -> None:
        if found is None or found.version <= _numbers(parfocal.__version__):
            return
        words = tr("Parfocal {version} lies in {folder}. This one is {own}.").format(
            version=".".join(map(str, found.version)),
            folder=found.path.parent,
            own=parfocal.__version__,
        )
        folder = QUrl.fromLocalFile(str(found.path.parent))
        shows = (tr("Show the folder"), lambda: QDesktopServices.openUrl(folder))
        self._desk.toasts.show(words, buttons=(shows,), sticky=True)


def newest_installer(folder: Path) -> Installer | None:
    """The newest version in a folder that is for this system; None also when it is not there."""
    endings = ENDINGS.get(sys.platform, LINUX)
    try:
        found = [
            Installer(_numbers(match[1]), path)
            for path in folder.iterdir()
            if path.name.lower().endswith(endings) and (match := NAMED.match(path.name))
        ]
    except OSError:  # a share that is away is no news at every start
        return None
    return max(found, default=None)


def _numbers(version: str) -> tuple[int, ...]:
    """0.10.2 is newer than 0.9, and 0.1.0 as new as 0.1."""
    numbers = [int(each) for each in re.findall(r"\d+", version)]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
