"""Hold every action as a command of app-model: which menus and the palette offer which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count

from app_model import Application
from app_model.types import Action, Icon, MenuItem, MenuRule, SubmenuItem

from parfocal.ui.declarations import Declared, submenus

_numbers = count(1)


class Offered:
    """The commands of one window, each with `do(key)` as its work."""

    def __init__(self, all_declared: Iterable[Declared], do: Callable[[str], object]) -> None:
        # app-model keeps its applications by name for the life of the process
        self._app = Application(f"parfocal-{next(_numbers)}", raise_synchronous_exceptions=True)
        for place, one in enumerate(all_declared):
            self._register(one, place, do)
        for name, title, drawing, where in submenus():
            menu, _, group = where.partition("/")
            item = SubmenuItem(
                submenu=name, title=title, icon=Icon.model_validate(f"mdi:{drawing}"), group=group
            )
            self._app.menus.append_menu_items([(menu, item)])

    def do(self, key: str) -> None:
        """Execute a command."""
        self._app.commands.execute_command(key)

    def in_palette(self) -> tuple[str, ...]:
        """The keys that the command palette lists."""
        items = self._app.menus.get_menu(self._app.menus.COMMAND_PALETTE_ID)
        return tuple(item.command.id for item in items if isinstance(item, MenuItem))

    def groups(self, menu: str) -> Iterator[list[MenuItem | SubmenuItem]]:
        """What a menu offers, group by group."""
        return self._app.menus.iter_menu_groups(menu)

    def close(self) -> None:
        """Let app-model forget this window's commands."""
        Application.destroy(self._app.name)

    def _register(self, one: Declared, place: int, do: Callable[[str], object]) -> None:
        menu, _, group = one.menu.partition("/")
        self._app.register_action(
            Action(
                id=one.key,
                title=one.text,
                category=one.category,
                tooltip=one.tip or None,
                icon=Icon.model_validate(f"mdi:{one.icon}"),
                callback=lambda: do(one.key),
                menus=[MenuRule(id=menu, group=group, order=place)],
                keybindings=None,
                palette=one.palette,
            )
        )
