"""What one action of the window is, and the menus that it may be in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from parfocal.ui.text import tr

Place = Literal["workspaces", "safety"]  # the groups of the left bar


@dataclass(frozen=True, slots=True)
class Declared:
    """One action. `menu` is "menu/group": groups are parted by a line, in their order."""

    key: str
    text: str  # with the menu's mnemonic: "&New plan"
    icon: str
    menu: str
    shortcut: str = ""
    tip: str = ""
    short: str = ""  # for under an icon
    checkable: bool = False
    bar: Place | None = None
    palette: bool = True

    @property
    def plain_text(self) -> str:
        """The text without the mnemonic's mark: for names, tips and the palette."""
        return self.text.replace("&&", "\0").replace("&", "").replace("\0", "&")

    @property
    def category(self) -> str:
        """The menu it is in, as the palette shows it."""
        titles = dict(menus()) | {name: title for name, title, _, _ in submenus()}
        return titles[self.menu.split("/")[0]].replace("&", "")


def menus() -> tuple[tuple[str, str], ...]:
    """The menu bar's menus, left to right."""
    return (
        ("file", tr("&File")),
        ("edit", tr("&Edit")),
        ("run", tr("&Run")),
        ("microscope", tr("&Microscope")),
        ("store", tr("&Store")),
        ("jobs", tr("&Jobs")),
        ("view", tr("&View")),
        ("help", tr("&Help")),
    )


def submenus() -> tuple[tuple[str, str, str, str], ...]:
    """Menus inside menus: (id, title, icon, where)."""
    return (
        ("theme", tr("&Theme"), "theme-light-dark", "view/2_look"),
        ("viewer", tr("One vie&wer"), "monitor-eye", "view/3_panels"),
    )
