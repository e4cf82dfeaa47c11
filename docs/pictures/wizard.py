"""Take the pictures of the wizard, page by page, on data that were written just before.

Run without arguments it goes through the wizard in light and dark, at 1280×800 and at 200 % on a
screen of 2560×1600, each time in a process of its own (Qt takes its scale at the start only).
`wizard.py dark 2` is one of them; with a third argument the pictures go to that folder.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio import ENDINGS, HERE, SIZE, at_both_scales, large_screen, own_home, until

NAMES = ("choose", "inspect", "calibrate", "destination", "run", "report")


def walk(window: Any, home: Path, shoot: Any, name_of: Callable[[str], str]) -> None:
    """Every page as a person sees it who brings four things in."""
    from foreign_data import write_all
    from PyQt6.QtTest import QTest

    sources = write_all(home / "from-the-rig")
    window.conversions.open(sources)
    until(lambda: window.conversions.wizards)
    (wizard,) = window.conversions.wizards
    until(lambda: len(wizard.history.draft) == len(sources))
    shoot(wizard, "choose")
    for step in (1, 2, 3):
        until(wizard.next_button.isEnabled)
        wizard.next()
        until(lambda: not wizard.page(wizard.step).obstacle())
        QTest.qWait(200)
        shoot(wizard, NAMES[step])
        if NAMES[step] == "calibrate":
            wizard.page(step).list.setCurrentRow(1)
            shoot(wizard, "guessed")
            wizard.page(step).list.setCurrentRow(0)
    wizard.next()
    watched: list[Any] = []

    def ended() -> bool:
        """Whether the next page came; until then the picture is kept of one item that goes on."""
        told = wizard.watch and wizard.watch.last
        items = told.progress.items if told and wizard.step == 4 else ()
        if any(one.bytes_per_s and one.state == "running" for one in items):
            watched.append(wizard.grab())
        return bool(wizard.step == 5)

    until(ended)
    watched[-1].save(name_of("run"))
    shoot(wizard, "report")


def take(theme: str, ending: str, folder: Path) -> None:
    """Go through the wizard once, in a home of its own."""
    with own_home() as home:
        from PyQt6.QtTest import QTest

        from parfocal.ui import MainWindow, application
        from parfocal.ui.desk import Desk
        from parfocal.ui.settings import Settings

        app = application()  # kept: without a name Python would take it away again
        stores = home / "Microscopy"
        stores.mkdir()
        settings = Settings(home / "settings.json")
        settings.change(data_folder=stores, theme=theme, workspace="store")
        desk = Desk(settings)
        window = MainWindow(desk, prepare=())
        window.resize(*SIZE)
        window.move(0, 0)
        window.show()
        until(lambda: window.populated)

        def name_of(name: str) -> str:
            return str(folder / f"wizard-{name}-{theme}{ending}.png")

        def shoot(wizard: Any, name: str) -> None:
            QTest.qWait(300)
            wizard.grab().save(name_of(name))

        walk(window, home, shoot, name_of)
        window.leave()
        app.processEvents()


def take_all(folder: Path) -> None:
    """In both themes and at both scales."""
    with large_screen():
        at_both_scales(__file__, lambda theme, scale: [theme, str(scale), str(folder)])


if __name__ == "__main__":
    if len(sys.argv) == 4:
        take(sys.argv[1], ENDINGS[int(sys.argv[2])], Path(sys.argv[3]))
    else:
        take_all(HERE)
