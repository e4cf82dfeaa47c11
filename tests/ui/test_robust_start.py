"""Whatever the home is like, the window opens, all of it, and says what it did without."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from parfocal.ui import MainWindow
from parfocal.ui.desk import Desk
from parfocal.ui.logs import FaultHooks
from parfocal.ui.workspaces import NAMES
from ui.shell_parts import PlainWorkspace, plain_workspaces

SCRIPT = Path(__file__).parent / "strange_homes.py"
MOUNT = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]


def _can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(MOUNT, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Five starts of the real window in one process, and what each said."""
    if not _can_mount():
        pytest.skip("no namespace for small and read-only disks here")
    root = tmp_path_factory.mktemp("homes")
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, str(SCRIPT), str(root)],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return root, json.loads(done.stdout)


@pytest.mark.parametrize(
    ("kind", "sentences"),
    [
        ("empty", ()),
        ("read-only", ("No log can be kept in", "the settings cannot be kept in")),
        ("full", ("No log can be kept in", "the settings cannot be kept in")),
        ("older", ("is of version 0", "hologram is not a setting", "first one again")),
        ("broken", ("could not be read and was passed over",)),
    ],
)
def test_the_window_opens_in_a_home_and_says_what_it_did_without(
    homes: tuple[Path, dict[str, Any]], kind: str, sentences: tuple[str, ...]
) -> None:
    root, told = homes
    window = told[kind]
    assert window["code"] == 0
    assert window["settled"]
    assert window["workspaces"] == list(NAMES)
    assert window["dark"], "a choice holds although it cannot be kept"
    assert window["steps"]
    assert window["collects"], "Python looks for garbage again"
    assert len(window["said"]) == len(sentences), window["said"]
    for said, sentence in zip(window["said"], sentences, strict=True):
        assert sentence in said
        assert str(root / kind) in said or "layout" in said
    if kind in ("older", "broken"):
        kept = json.loads((root / kind / "config" / "parfocal" / "settings.json").read_text())
        assert (kept["version"], kept["theme"]) == (1, "dark")


def test_a_workspace_that_cannot_be_made_is_told_and_the_others_are_there(
    desk: Desk, qtbot: QtBot
) -> None:
    def fail(_desk: Desk) -> None:
        raise RuntimeError("the file that it remembered is gone")

    hooks = FaultHooks(desk.toasts, lambda: None)
    hooks.install()
    window = MainWindow(desk, {**plain_workspaces(), "design": fail})
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.settled):
        window.show()
    hooks.remove()
    assert "the file that it remembered is gone" in desk.toasts.history[-1].text
    assert window.workspace == "design"
    assert "could not be opened" in window._pages["design"]._words.text()
    made = [name for name, page in window._pages.items() if page.widget is not None]
    assert made == [name for name in NAMES if name != "design"]
    window.show_workspace("store")


def test_a_panel_that_fails_at_every_refresh_leaves_stop_alive(desk: Desk, qtbot: QtBot) -> None:
    class Failing(PlainWorkspace):
        def refresh(self, _status: object) -> None:
            raise RuntimeError("nothing to show")

    window = MainWindow(desk, {**plain_workspaces(), "run": Failing})
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.settled):
        window.show()
    window._timer.stop()
    going = False
    desk.actions.bind("run.stop", lambda: None, lambda: going)
    with pytest.raises(RuntimeError):
        window.show_workspace("run")
    going = True
    with pytest.raises(RuntimeError):
        window.refresh()
    assert desk.actions.action("run.stop").isEnabled()
