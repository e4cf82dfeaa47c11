"""What the window can do: `bind` gives an action its work, `trigger` does it by its key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from PyQt6 import sip
from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMenu, QMenuBar, QWidget

from parfocal.ui.declarations import Declared, declared, menus
from parfocal.ui.icons import icon
from parfocal.ui.shortcuts import worn

if TYPE_CHECKING:
    from parfocal.ui._offered import Offered

Enabled = Callable[[], bool] | bool


@dataclass(slots=True)
class _Binding:
    callback: Callable[[], object]
    enabled: Enabled

    def can_run(self) -> bool:
        return self.enabled() if callable(self.enabled) else self.enabled


class Actions(QObject):
    """Every action by key; one that nobody bound is disabled, never an error.

    app-model holds the commands and where they are offered, from the moment that somebody asks: it
    brings pydantic, and a window is painted before that. There is one QAction for each, shared by
    menu, bar and palette: two with the same shortcut would make Qt call it ambiguous.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bindings: dict[str, _Binding] = {}
        self._local: dict[str, list[tuple[QWidget, _Binding]]] = {}
        self._declared = {one.key: one for one in declared()}
        self._actions = {key: self._make(one) for key, one in self._declared.items()}
        self._menus: dict[str, QMenu] = {}
        self.wear_shortcuts({})

    def __iter__(self) -> Iterator[Declared]:
        return iter(self._declared.values())

    def bind(self, key: str, callback: Callable[[], object], enabled: Enabled = True) -> None:
        """Give an action its work; `enabled` is asked again at every refresh."""
        if key not in self._declared:
            raise KeyError(f"{key} is not declared in ui/declarations.py")
        self._bindings[key] = _Binding(callback, enabled)
        self._refresh_one(key)

    def bind_in(
        self, place: QWidget, key: str, callback: Callable[[], object], enabled: Enabled = True
    ) -> None:
        """Give an action another work for as long as `place` is visible: Undo, for one."""
        if key not in self._declared:
            raise KeyError(f"{key} is not declared in ui/declarations.py")
        self._local.setdefault(key, []).append((place, _Binding(callback, enabled)))
        self._refresh_one(key)

    def trigger(self, key: str) -> bool:
        """Do it if it can be done now; says whether it was."""
        binding = self._binding(key)
        if binding is None or not binding.can_run():
            return False
        self._actions[key].setEnabled(True)  # it may have become possible since the last refresh
        self._actions[key].trigger()
        return True

    def refresh(self) -> None:
        """Ask every action again whether it can be done now (the window does so at 10 Hz)."""
        for key in self._actions:
            self._refresh_one(key)

    def action(self, key: str) -> QAction:
        """The one QAction of a key, for buttons: `button.setDefaultAction(actions.action(…))`."""
        return self._actions[key]

    def wear_shortcuts(self, chosen: Mapping[str, str]) -> None:
        """Give every action the keys that a person chose for it, else its declared ones."""
        keys = worn(self, chosen)
        for key, action in self._actions.items():
            action.setShortcut(QKeySequence(keys[key]))
            words = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            one = self._declared[key]
            action.setToolTip((one.tip or one.plain_text) + (f"  ({words})" if words else ""))

    def shortcuts(self) -> dict[str, str]:
        """The keys that each action has now, written the same on every system; "" is none."""
        form = QKeySequence.SequenceFormat.PortableText
        return {key: action.shortcut().toString(form) for key, action in self._actions.items()}

    def set_checked(self, key: str, checked: bool) -> None:
        """Tick a checkable action without doing it."""
        self._actions[key].setChecked(checked)

    def offered_in_palette(self) -> tuple[Declared, ...]:
        """The actions that the command palette lists."""
        return tuple(self._declared[key] for key in self._offered.in_palette())

    def fill_menu_bar(self, bar: QMenuBar) -> None:
        """Make the menus; what they offer is for `fill_menus`."""
        for name, title in menus():
            menu = QMenu(title, bar)
            menu.setObjectName(f"menu.{name}")
            bar.addMenu(menu)
            self._menus[name] = menu
            menu.aboutToShow.connect(self.fill_menus)  # somebody was faster than the start

    def fill_menus(self) -> None:
        """Put into the bar's menus what they offer, if nobody has."""
        while self._menus:
            name, menu = self._menus.popitem()
            self._fill(menu, name)

    def give_shortcuts_to(self, widget: QWidget) -> None:
        """Let every shortcut work in a window, whatever has the focus."""
        widget.addActions(list(self._actions.values()))

    def close(self) -> None:
        """Let app-model forget this window's commands."""
        if "_offered" in vars(self):
            self._offered.close()

    @cached_property
    def _offered(self) -> Offered:
        from parfocal.ui._offered import Offered

        return Offered(self, self._do)

    def _binding(self, key: str) -> _Binding | None:
        local = self._local.get(key, [])
        local[:] = [each for each in local if not sip.isdeleted(each[0])]
        here = next((binding for place, binding in local if place.isVisible()), None)
        return here or self._bindings.get(key)

    def _refresh_one(self, key: str) -> None:
        binding, action = self._binding(key), self._actions[key]
        able = binding is not None and binding.can_run()
        if action.isEnabled() != able:
            action.setEnabled(able)

    def _do(self, key: str) -> None:
        binding = self._binding(key)
        if binding is not None:
            binding.callback()

    def _make(self, one: Declared) -> QAction:
        action = QAction(icon(one.icon), one.text, self)
        action.setObjectName(one.key)
        if one.short:
            action.setIconText(one.short)
        action.setCheckable(one.checkable)
        action.setEnabled(False)
        action.setMenuRole(_mac_role(one.key))
        action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
        action.triggered.connect(lambda: self._offered.do(one.key))
        return action

    def _fill(self, menu: QMenu, name: str) -> None:
        from app_model.types import SubmenuItem

        for number, group in enumerate(self._offered.groups(name)):
            if number:
                menu.addSeparator()
            for item in group:
                if isinstance(item, SubmenuItem):
                    below = QMenu(item.title, menu)
                    below.setObjectName(f"menu.{item.submenu}")
                    if item.icon is not None and item.icon.light is not None:
                        below.setIcon(icon(item.icon.light.removeprefix("mdi:")))
                    self._fill(below, item.submenu)
                    menu.addMenu(below)
                else:
                    menu.addAction(self._actions[item.command.id])


def _mac_role(key: str) -> QAction.MenuRole:
    """macOS moves Quit and About to the application's own menu, and guesses from texts else."""
    roles = {"file.quit": QAction.MenuRole.QuitRole, "help.about": QAction.MenuRole.AboutRole}
    return roles.get(key, QAction.MenuRole.NoRole)
