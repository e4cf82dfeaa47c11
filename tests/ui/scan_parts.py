"""Forms of a scan for tests: on a file written by hand or on none, and what is typed into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from parfocal.jobs import read_scan_file
from parfocal.ui.desk import Desk
from parfocal.ui.scan_form._dialog import ScanDialog

Dialogs = Callable[..., ScanDialog]

BY_HAND = """\
# the rig on the third floor
project: brain
watch: [/nowhere/scan]   # the fast disk
output: /data/stores
minimum_strip_gb: 25
notify:
  - email: ana@example.org   # Ana
    smtp: mail.example.org:25
  - webhook: https://hooks.example.org/rig
"""


@contextmanager
def forms_at(qtbot: QtBot, desk: Desk) -> Iterator[Dialogs]:
    """Dialogs on a file or on none, that ask nothing at the end."""
    made: list[ScanDialog] = []

    def make(file: Path | None = None) -> ScanDialog:
        dialog = ScanDialog(desk, None if file is None else read_scan_file(file))
        made.append(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        return dialog

    yield make
    for dialog in made:
        if dialog in QApplication.topLevelWidgets():
            dialog._kept = True
            dialog.close()


def by_hand(tmp_path: Path, text: str = BY_HAND) -> Path:
    file = tmp_path / "scan.yaml"
    file.write_text(text)
    return file


def write(dialog: ScanDialog, key: str, text: str) -> None:
    """As if somebody typed it."""
    line: Any = dialog.page.fields[key,].first
    if hasattr(line, "setPlainText"):
        line.setPlainText(text)
    else:
        line.setText(text)
        line.textEdited.emit(text)


def said_at(dialog: ScanDialog, *place: str) -> str:
    return dialog.page.notes[place].sentence
