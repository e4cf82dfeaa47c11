"""The folder of plug-ins in Design: what was found, why a file gave none, reload, open."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from PyQt6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from parfocal.react._catalogue import BUILT_IN
from parfocal.ui.design_workspace._known_parts import KnownParts
from parfocal.ui.design_workspace._plug_ins_dialog import PlugInsDialog, lines_of
from parfocal.ui.desk import Desk
from ui.design_parts import settled, shown

GOOD = "class Mine:\n    def segment(self, image):\n        return image > 3\n"
FILES = {
    "mine.py": GOOD,
    "heavy.py": "import a_package_that_is_not_here\n",
    "odd.py": "class Odd:\n    def segment(self):\n        return None\n",
    "broken.py": "class Broken(:\n",
    "empty.py": "level = 3\n",
    "needy.py": "class Needy:\n    packages = ('a_second_one',)\n" + GOOD.partition("\n")[2],
    "_passed_over.py": "raise RuntimeError\n",
}


def texts(dialog: PlugInsDialog, severity: str) -> list[str]:
    return [line.text for line in dialog.list.lines if line.severity == severity]


def test_files_are_read_again_and_those_that_are_refused_say_why(
    qtbot: QtBot, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "plug-ins"
    monkeypatch.setenv("PARFOCAL_PLUGINS", str(folder))
    opened: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: not opened.append(url.toLocalFile())
    )
    design = shown(qtbot, desk)
    form = design.phase_page.pipeline
    design.phase_page.folds["pipeline"].tick.click()
    form.plug_ins_button.click()
    dialog = design.pipeline_dialogs.plug_ins
    assert dialog is not None
    settled(qtbot, lambda: dialog.folder.text() == str(folder))
    assert texts(dialog, "error") == []
    assert "otsu · segmenter · built in" in texts(dialog, "ok")
    dialog.open_button.click()
    settled(qtbot, lambda: opened == [str(folder)])
    assert folder.is_dir(), "it is made for who wants to put a file into it"
    for name, text in FILES.items():
        (folder / name).write_text(text)
    dialog.reload_button.click()
    settled(qtbot, lambda: dialog.reload_button.isEnabled())
    assert texts(dialog, "ok")[0] == "mine · segmenter · mine.py"
    assert texts(dialog, "error") == [
        f"{folder}/broken.py is no Python: invalid syntax (line 1).",
        f"{folder}/empty.py has no part in it: none of its classes has exactly one of the methods "
        "segment, measure, link, mask.",
        f"{folder}/heavy.py needs the package 'a_package_that_is_not_here', which is not "
        "installed.",
        f"{folder}/needy.py: the segmenter 'needy' needs the package 'a_second_one', which is not "
        "installed.",
        f"{folder}/odd.py: the segmenter 'odd' must have `segment(self, image)`; it has "
        "`segment(self)`.",
    ]
    assert "mine" in [form.boxes["segment"].itemData(n) for n in range(4)]
    for name in FILES:
        if name != "mine.py":
            (folder / name).unlink()
    (folder / "mine.py").write_text(GOOD.replace("Mine", "Ours"))
    dialog.reload_button.click()
    settled(qtbot, lambda: texts(dialog, "ok")[0] == "ours · segmenter · mine.py")
    assert texts(dialog, "error") == []
    dialog.close_button.click()
    settled(qtbot, lambda: design.pipeline_dialogs.plug_ins is None)


def test_a_part_that_wants_a_package_beside_the_program_says_so(
    qtbot: QtBot, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wants:
        packages = ("a_third_one",)

        def segment(self, image: object) -> object:
            return image

    module = ModuleType("parfocal_test_parts")
    module.Wants = Wants  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "parfocal_test_parts", module)
    monkeypatch.setitem(BUILT_IN["segment"], "wants", "parfocal_test_parts:Wants")  # type: ignore[arg-type] # a dict behind its face
    monkeypatch.setenv("PARFOCAL_PLUGINS", str(tmp_path))
    known = KnownParts(desk.tasks, desk)
    known.want()
    settled(qtbot, lambda: known.here)
    said = [line.text for line in lines_of(known) if line.severity == "warning"]
    why = "The segmenter 'wants' needs the package 'a_third_one', which is not installed."
    assert why in said
    assert not any("otsu" in text for text in said)
