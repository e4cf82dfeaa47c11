"""The folders that a person works in, in the order that they gave them. No widgets."""

from pathlib import Path

from parfocal.ui.settings import Settings


class Projects:
    """Kept in the settings. The folder for new experiments is one of them, wherever it stands."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def folders(self) -> tuple[Path, ...]:
        """All of them; new experiments' own comes first unless somebody moved it."""
        values = self._settings.values
        if values.data_folder in values.store_folders:
            return tuple(dict.fromkeys(values.store_folders))
        return tuple(dict.fromkeys((values.data_folder, *values.store_folders)))

    def around(self, folder: Path) -> Path | None:
        """The project that a folder is, or lies in: the nearest one."""
        around = [one for one in self.folders() if one == folder or one in folder.parents]
        return max(around, key=lambda one: len(one.parts), default=None)

    def add(self, folder: Path) -> None:
        """Put a folder at the end."""
        self._settings.change(store_folders=(*self._settings.values.store_folders, folder))

    def can_go(self, folder: Path) -> bool:
        """Whether it can be taken off: new experiments need the place they go to."""
        values = self._settings.values
        return folder in values.store_folders and folder != values.data_folder

    def remove(self, folder: Path) -> None:
        """Take a folder off the list; nothing on the disk changes."""
        if self.can_go(folder):
            kept = tuple(one for one in self._settings.values.store_folders if one != folder)
            self._settings.change(store_folders=kept)

    def move(self, folder: Path, step: int) -> None:
        """Put a folder one place up (-1) or down (1)."""
        order = list(self.folders())
        at = order.index(folder)
        to = min(max(0, at + step), len(order) - 1)
        if to != at:
            order.insert(to, order.pop(at))
            self._settings.change(store_folders=tuple(order))
