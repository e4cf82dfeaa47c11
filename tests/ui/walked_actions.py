"""Do every action of the real window once, and measure each dialog that opens.

`walked_actions.py ROOT` prints, as JSON, what could not be done, what failed, and what does not fit
a screen of 1280 × 800 or has no name; Qt's scale is what the environment says.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

SIZE = (1280, 800)
PATIENCE_S = 60.0
LAST_OF_ALL = "microscope.wizard"  # it closes the microscope


def until(condition: Callable[[], Any]) -> None:
    from PyQt6.QtTest import QTest

    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"{condition} did not come about within {PATIENCE_S:.0f} s")
        QTest.qWait(20)


class Walk:
    """What the walk through the actions found."""

    def __init__(self, window: Any) -> None:
        self.window, self.desk = window, window.desk
        self.done: list[str] = []
        self.not_possible: list[str] = []
        self.faults: list[str] = []
        self.opened: dict[str, list[str]] = {}
        self.too_large: list[str] = []
        self.nameless: list[str] = []
        self._key = ""
        self._store = self.desk.settings.values.data_folder / "walked.ome.zarr"

    def fail(self, kind: type[BaseException], fault: BaseException, where: Any) -> None:
        self.faults.append(
            f"{self._key}: {''.join(traceback.format_exception(kind, fault, where))}"
        )

    def go(self) -> None:
        self.measure("the start", self.window)
        for key in self.keys():
            self._key = key
            self.do(key)
            self.look_at_what_opened(key)

    def do(self, key: str) -> None:
        from PyQt6.QtTest import QTest

        self.window.refresh()
        done = self.desk.actions.trigger(key)
        (self.done if done else self.not_possible).append(key)
        QTest.qWait(20)

    def keys(self) -> Iterator[str]:
        """Each action where it is possible: edits on a plan, the run on its way, then its store."""
        keys = [one.key for one in self.desk.actions]
        design = self.window.show_workspace("design")
        yield from ("edit.add_phase", "edit.undo", "edit.redo", "edit.duplicate", "edit.move_up")
        yield from (
            "edit.move_down",
            "edit.rename",
            "edit.delete",
            "edit.add_wait",
            "edit.add_hold",
        )
        yield from (key for key in keys if key.startswith("file.") and key != "file.quit")
        yield "edit.settings"
        yield from ("microscope.snap", "microscope.live", "microscope.live", "microscope.halt")
        until(lambda: not self.desk.controller.busy)
        design.open_path(self.desk.settings.values.data_folder.parent / "walked.parfocal.yaml")
        design.summary.target.name.setText("walked")
        until(lambda: not design.problem_with_start())
        yield from ("run.viewer", "run.keep_open", "run.start")
        until(lambda: (s := self.desk.controller.status()) is not None and s.message)
        yield from ("run.change", "run.continue", "run.pause", "run.stop")
        until(lambda: not self.desk.controller.busy)
        store = self.window.show_workspace("store")
        store.open_path(self._store)
        until(lambda: store.deeds.entry is not None)
        yield from (key for key in keys if key.startswith("store."))
        yield "file.recent"
        yield from self.keys_of_the_microscope()
        for key in keys:
            space = key.partition(".")[0]
            if key in (*self.done, *self.not_possible, "file.quit"):
                continue
            if space in self.window.workspace_names:
                self.window.show_workspace(space)
            yield key

    def keys_of_the_microscope(self) -> Iterator[str]:
        """Profiles, then what wants it open, then the wizard."""
        scope = self.window.show_workspace("microscope")
        scope.profile.list_profiles("mine")
        yield from ("microscope.edit_profile", "microscope.delete_profile")
        scope.profile.choose("demo")
        for key in ("microscope.reopen", "microscope.close", "microscope.open"):
            yield key
            until(lambda: not self.desk.controller.opening)
        until(lambda: self.desk.controller.microscope is not None)
        yield "microscope.properties"
        for one in self.desk.actions:
            if one.key.startswith("microscope.") and one.key not in (*self.done, LAST_OF_ALL):
                yield one.key
        yield from ("microscope.properties", LAST_OF_ALL)

    def look_at_what_opened(self, key: str) -> None:
        from PyQt6.QtWidgets import QApplication, QDialog

        from ui.test_accessible_workspaces import nameless

        self.measure(key, self.window, least=False)  # panels that a person opens may squeeze it
        for top in QApplication.topLevelWidgets():
            if not top.isVisible() or not isinstance(top, QDialog):
                continue
            self.opened.setdefault(key, []).append(type(top).__name__)
            self.measure(key, top)
            self.nameless += [f"{key}: {one}" for one in nameless(top)]
            top.close()

    def measure(self, key: str, top: Any, *, least: bool = True) -> None:
        smallest = top.minimumSizeHint().expandedTo(top.minimumSize())
        for what, size in (("is", top.size()), *((("is at least", smallest),) if least else ())):
            if size.width() > SIZE[0] or size.height() > SIZE[1]:
                words = f"{key}: {type(top).__name__} {what} {size.width()} × {size.height()}"
                if words not in self.too_large:
                    self.too_large.append(words)


def refuse_to_wait() -> None:
    """Nobody is there to answer a dialog that holds up the caller, or to see a folder."""
    from PyQt6.QtGui import QDesktopServices
    from PyQt6.QtWidgets import QFileDialog, QMessageBox

    QFileDialog.getExistingDirectory = lambda *_, **__: ""
    QFileDialog.getOpenFileName = lambda *_, **__: ("", "")
    QFileDialog.getSaveFileName = lambda *_, **__: ("", "")
    QMessageBox.question = lambda *_, **__: QMessageBox.StandardButton.Discard
    QDesktopServices.openUrl = lambda _address: True


def main(root: Path) -> None:
    for name in ("config", "cache", "data", "state"):
        os.environ[f"XDG_{name.upper()}_HOME"] = str(root / name)
    from parfocal.plan import Experiment, Hold, Phase, write_plan
    from parfocal.scope import Profile, write_profile
    from parfocal.ui import MainWindow, application
    from parfocal.ui.desk import Desk
    from parfocal.ui.settings import Settings

    sequence = {
        "time_plan": {"interval": 0.2, "loops": 40},
        "channels": [{"config": "DAPI", "exposure": 5}],
    }
    short = {**sequence, "time_plan": {"interval": 0, "loops": 1}}
    plan = Experiment(
        name="walked",
        items=(
            Phase(name="first", sequence=short),
            Hold(message="Look."),
            Phase(name="second", sequence=sequence),
        ),
    )
    write_plan(plan, root / "walked.parfocal.yaml")
    write_profile(Profile(name="mine"))
    (root / "stores").mkdir()
    app = application()
    refuse_to_wait()
    settings = Settings(root / "settings.json")
    settings.change(data_folder=root / "stores")
    desk = Desk(settings)
    desk.viewers._open = lambda _opening: None  # napari has tests of its own
    window = MainWindow(desk, prepare=(lambda: desk.controller.open_microscope("demo"),))
    walk = Walk(window)
    sys.excepthook = walk.fail
    window.resize(*SIZE)
    window.show()
    until(lambda: window.populated and desk.controller.microscope is not None)
    walk.go()
    walk.do("file.quit")
    until(lambda: not window.isVisible())
    keys = {one.key for one in walk.desk.actions}
    told = {
        "scale": window.devicePixelRatioF(),
        "not walked": sorted(keys - {*walk.done, *walk.not_possible}),
        "not possible": sorted({*walk.not_possible} - {*walk.done}),
        "faults": walk.faults,
        "opened": walk.opened,
        "too large": walk.too_large,
        "nameless": walk.nameless,
    }
    sys.stdout.write(json.dumps(told))
    del app


if __name__ == "__main__":
    from parfocal.viewer import virtual_display

    os.environ.pop("DISPLAY", None)
    scale = float(os.environ.get("QT_SCALE_FACTOR", "1"))
    with virtual_display((round(SIZE[0] * scale), round(SIZE[1] * scale))):
        main(Path(sys.argv[1]))
