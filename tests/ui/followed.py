"""Do what a page says by the names that it prints: press, choose from the menus, read its steps."""

from __future__ import annotations

import re
from pathlib import Path

from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QAbstractButton, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

DOCS = Path(__file__).parents[2] / "docs"
NUMBERED = re.compile(r"^\d+\. (.*(?:\n   .*)*)", re.MULTILINE)
PATIENCE_MS = 60_000


def steps_of(page: str, heading: str) -> list[str]:
    """The numbered steps under a heading of a page."""
    text = (DOCS / page).read_text(encoding="utf-8")
    part = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [" ".join(step.split()) for step in NUMBERED.findall(part)]


def bold(step: str) -> list[str]:
    """What a step wants to be pressed."""
    return re.findall(r"\*\*([^*]+)\*\*", step)


def slanted(step: str) -> list[str]:
    """What a step names: menus, pages, workspaces."""
    return re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", step)


def plain(text: str) -> str:
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


def button(inside: QWidget, words: str) -> QAbstractButton:
    """The one button that a person sees with these words."""
    seen = [
        one
        for one in inside.findChildren(QAbstractButton)
        if plain(one.text()) == words and one.isVisible()
    ]
    assert len(seen) == 1, f"{len(seen)} buttons say {words!r}"
    return seen[0]


def press(inside: QWidget, words: str, qtbot: QtBot) -> None:
    """Press it as soon as it is there and can be pressed."""
    qtbot.waitUntil(lambda: button(inside, words).isEnabled(), timeout=PATIENCE_MS)
    button(inside, words).click()


def choose(window: QMainWindow, way: str) -> None:
    """Go a way through the menus, as "Help → First steps"."""
    bar = window.menuBar()
    assert bar is not None
    actions: list[QAction] = bar.actions()
    for title in way.split(" → "):
        found = [one for one in actions if plain(one.text()) == title and one.isVisible()]
        assert len(found) == 1, f"{len(found)} entries say {title!r} in {way!r}"
        menu = found[0].menu()
        if menu is None:
            assert found[0].isEnabled(), way
            found[0].trigger()
        else:
            actions = menu.actions()
