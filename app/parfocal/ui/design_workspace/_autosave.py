"""Keep what is unsaved in the state folder, so that a crash does not lose it; offer it afterwards.

One small file a process. It is there while something is unsaved, and a process that ends in order
takes its own away; what lies there of a process that is gone was left by a crash.
"""

import contextlib
import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
import psutil
from PyQt6.QtCore import QObject, QTimer

from parfocal import ParfocalError
from parfocal._known_process import KnownProcess
from parfocal.plan import Experiment, read_plan, write_plan

if TYPE_CHECKING:
    from parfocal.ui.design_workspace._document import Document
    from parfocal.ui.tasks import Tasks

AFTER_MS = 800
SUFFIX = ".parfocal.json"
ABOUT = ".about.json"


@dataclass(frozen=True, slots=True)
class Leftover:
    """A plan that was unsaved when its process died."""

    experiment: Experiment
    path: Path | None
    """The file that it was opened from."""
    saved: datetime
    file: Path

    @property
    def name(self) -> str:
        """What the window's title called it."""
        return self.experiment.name if self.path is None else self.path.name


def state_folder() -> Path:
    """Where unsaved plans lie."""
    return Path(platformdirs.user_state_dir("parfocal", appauthor=False)) / "designs"


class Autosave(QObject):
    """Writes the document a moment after an edit, off the window's thread."""

    def __init__(self, document: "Document", tasks: "Tasks", folder: Path) -> None:
        super().__init__(document)
        self._document, self._tasks = document, tasks
        self._folder = folder
        self._file = folder / f"{os.getpid()}-{id(document):x}{SUFFIX}"
        self._lock = threading.Lock()
        self._number = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AFTER_MS)
        self._timer.timeout.connect(self.write)
        document.changed.connect(self._follow)
        document.named.connect(self._follow)

    @property
    def file(self) -> Path:
        """This process' own file."""
        return self._file

    def write(self) -> None:
        """Keep the document as it is now."""
        self._timer.stop()
        if not self._document.unsaved:
            return
        experiment, path = self._document.experiment, self._document.path
        self._number += 1
        number = self._number

        def work(_task: object) -> None:
            with self._lock:
                # else a slow disk would bring it back after it was saved and dropped
                if number == self._number:
                    _write(experiment, path, self._file)

        self._tasks.quietly("keep the unsaved plan", work)

    def forget(self) -> None:
        """Nothing is unsaved any more: it was saved, or a person let it go."""
        self._timer.stop()
        self._number += 1
        with self._lock:
            drop(self._file)

    def _follow(self) -> None:
        if self._document.unsaved:
            self._timer.start()
        else:
            self.forget()


def leftovers(folder: Path, alive: Callable[[int], bool] = psutil.pid_exists) -> list[Leftover]:
    """What processes that are gone had left unsaved, the newest first."""
    found = []
    for file in sorted(folder.glob(f"*{SUFFIX}")):
        pid, _, _rest = file.name.partition("-")
        about = _about(file)
        if pid.isdigit() and alive(int(pid)) and _is_same_process(int(pid), about):
            continue
        try:
            experiment = read_plan(file)
            saved = datetime.fromtimestamp(file.stat().st_mtime)
        except (ParfocalError, OSError):
            drop(file)  # torn by a power cut: there is nothing to give back
            continue
        path = about.get("path")
        found.append(Leftover(experiment, Path(path) if path else None, saved, file))
    return sorted(found, key=lambda one: one.saved, reverse=True)


def drop(file: Path) -> None:
    """Take a kept plan away."""
    for one in (file, _about_file(file)):
        with contextlib.suppress(OSError):
            one.unlink()


def _write(experiment: Experiment, path: Path | None, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    own = KnownProcess.own()
    about = {
        "path": None if path is None else str(path),
        "process_started": own.started,
        "process_start": own.start,
    }
    _about_file(file).write_text(json.dumps(about), encoding="utf-8")
    write_plan(experiment, file)


def _about_file(file: Path) -> Path:
    return file.with_name(file.name.removesuffix(SUFFIX) + ABOUT)


def _about(file: Path) -> dict[str, Any]:
    try:
        about = json.loads(_about_file(file).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}


def _is_same_process(pid: int, about: dict[str, Any]) -> bool:
    """Process numbers come round again: another program may have this one by now."""
    if "process_started" not in about:
        return True  # nothing more is known
    start = about.get("process_start", "")
    return KnownProcess(pid, about["process_started"], start).lives
