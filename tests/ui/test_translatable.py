"""What a person reads goes through `tr`, so that the window can speak another language."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from PyQt6.QtCore import QLocale

from parfocal.ui.text import figure, number

UI = Path(__file__).parents[2] / "app" / "parfocal" / "ui"
SHOWN_BY = {
    "QLabel", "QPushButton", "QCheckBox", "QRadioButton", "QToolButton", "QGroupBox", "QDockWidget",
    "QToolBar", "QMenu", "QListWidgetItem", "EmptyState",
    "setText", "setToolTip", "setWindowTitle", "setAccessibleName", "setAccessibleDescription",
    "setPlaceholderText", "setInformativeText", "setTitle", "setStatusTip", "setWhatsThis",
    "addRow", "addTab", "addAction", "addButton", "addItem", "setSuffix", "show", "say",
}  # fmt: skip
WORD = re.compile(r"[A-Z]?[a-z]{2,}")
# HTML, axes, patterns of file names and our own name are the same in every language
SAME_EVERYWHERE = re.compile(r"^Parfocal$|[<>]|&nbsp;|\*\.|\.tif$|^[tpczyx]+$")


def name_of(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_no_words_reach_the_screen_past_tr() -> None:
    bare = []
    for source in sorted(UI.rglob("*.py")):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or name_of(node) not in SHOWN_BY:
                continue
            for argument in node.args[:1]:
                parts = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
                bare += [
                    f"{source.relative_to(UI)}:{node.lineno}: {part.value!r}"
                    for part in parts
                    if isinstance(part, ast.Constant)
                    and isinstance(part.value, str)
                    and WORD.search(part.value)
                    and not SAME_EVERYWHERE.search(part.value)
                ]
    assert not bare, "\n".join(bare)


def test_a_figure_has_the_decimal_mark_of_this_computer() -> None:
    before = QLocale()
    try:
        QLocale.setDefault(QLocale("de_DE"))
        assert (figure(1.1), figure(2), number(0.5, 2)) == ("1,1", "2", "0,50")
        QLocale.setDefault(QLocale("en_US"))
        assert (figure(1.1), figure(0.108), figure(0.10834, 3)) == ("1.1", "0.108", "0.108")
    finally:
        QLocale.setDefault(before)
