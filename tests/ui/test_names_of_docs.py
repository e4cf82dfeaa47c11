"""What the docs print in bold or slanted is what the window shows: names, menus and keys."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from pymmcore_widgets.useq_widgets import _mda_sequence

from parfocal.ui.declarations import Declared, declared, menus, submenus

ROOT = Path(__file__).parents[2]
UI = ROOT / "app" / "parfocal" / "ui"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# on these a person looks for what is emphasized; the others are read in an armchair
FOLLOWED = [
    page
    for page in PAGES
    if page.parent.name in {"start", "guides", "concepts"}
    or page.name in {"settings.md", "design.md"}
]
# Emphasis that is no name of the window: what something is about, and names of other programs.
NO_NAMES = {
    "A conversion", "A well plate", "BigDataViewer", "Fiji", "Places on the sample", "Plugins",
    "Python", "The plan that you were editing", "The queue", "Too many fields for the interval",
    "What a pause does", "napari", "napari windows", "rl", "with a warning", "Ctrl+Shift+P",
}  # fmt: skip
# of pymmcore-widgets' editor in Design; its own words are not ours to translate
TABLES = Path(_mda_sequence.__file__)
SKIPPED = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
EMPHASIS = re.compile(r"(?<![\w*])(\*{1,2})(?=[^\s*])([^*]*[^\s*])\1(?![\w*])(?: \(([^)]*)\))?")
KEYS = re.compile(r"(?:Ctrl|Alt|Shift)\+\S*[^\s,]|F\d+")
ARROW = re.compile(r" [→›] ")


class Name(NamedTuple):
    """Something emphasized, and the keys in brackets behind it."""

    page: str
    words: str
    keys: str


def names_of(page: Path) -> Iterator[Name]:
    for _stars, words, behind in EMPHASIS.findall(SKIPPED.sub("`", page.read_text("utf-8"))):
        keys = KEYS.match(behind)
        yield Name(page.name, " ".join(words.split()), keys[0] if keys else "")


@cache
def shown_words() -> frozenset[str]:
    """Every text of the window without the marks of mnemonics, and its parts between figures."""
    calls = [
        node
        for source in (*UI.rglob("*.py"), TABLES)
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[-1], ast.Constant)
    ]
    ours = {one.args[0].value.replace("&", "") for one in calls if called(one) == "tr"}
    parts = {part.strip(" “”") for text in ours for part in re.split(r"\{[^}]*\}|·", text)}
    tables = {one.args[1].value for one in calls if called(one) == "addTab" and len(one.args) > 1}
    return frozenset(ours | parts | tables)


def called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def plain(title: str) -> str:
    return title.replace("&", "")


def places() -> dict[str, str]:
    """Where each menu is found: of one in another menu the whole way."""
    found = {key: plain(title) for key, title in menus()}
    for key, title, _icon, where in submenus():
        found[key] = f"{found[where.split('/')[0]]} → {plain(title)}"
    return found


def ways() -> dict[str, Declared | None]:
    """All that the menus lead to, as the docs write it; menus in menus too."""
    titles = places()
    found: dict[str, Declared | None] = {title: None for title in titles.values() if "→" in title}
    found |= {f"{titles[one.menu.split('/')[0]]} → {one.plain_text}": one for one in declared()}
    return found


@pytest.mark.parametrize("page", FOLLOWED, ids=lambda page: page.stem)
def test_what_a_page_emphasizes_is_shown_by_the_window(page: Path) -> None:
    known = shown_words()
    lost = [
        name.words
        for name in names_of(page)
        for part in ARROW.split(name.words)
        if part not in known and part not in NO_NAMES
    ]
    assert lost == []


def test_every_way_through_the_menus_leads_somewhere() -> None:
    found = ways()
    lost, told = [], 0
    for page in PAGES:
        for name in names_of(page):
            way = ARROW.sub(" → ", name.words)
            if " → " in way and way.split(" → ")[0] not in NO_NAMES:
                told += 1
                lost += [] if way in found else [f"{name.page}: {way}"]
    assert told > 20
    assert lost == []


def test_keys_behind_a_name_are_those_of_its_action() -> None:
    by_key = {one.shortcut: one for one in declared() if one.shortcut}
    lost, told = [], 0
    for page in PAGES:
        for name in names_of(page):
            if not name.keys:
                continue
            told += 1
            action = by_key.get(name.keys)
            last = ARROW.split(name.words)[-1]
            shown = [] if action is None else [action.plain_text, plain(action.short)]
            if not any(text.startswith(last) for text in shown):
                lost.append(f"{name.page}: {name.words} ({name.keys})")
    assert told > 20
    assert lost == []
