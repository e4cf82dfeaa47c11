"""What a person chose, kept as one JSON file: read `values`, write with `change`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_config_path, user_documents_path
from PyQt6.QtCore import QObject, pyqtSignal

Appearance = Literal["system", "light", "dark"]


@dataclass(frozen=True)
class Values:
    """Every setting with what it is when nobody chose."""

    theme: Appearance = "system"
    data_folder: Path = user_documents_path() / "Parfocal"
    recent_files: tuple[Path, ...] = ()
    store_folders: tuple[Path, ...] = ()
    buffer_mb: int = 1024
    workspace: str = "design"
    geometry: str = ""
    layout: str = ""


class Settings(QObject):
    """The settings in use; `changed` says which fields are new."""

    changed = pyqtSignal(object)  # frozenset of field names

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.values = Values()
        self.problems: tuple[str, ...] = ()

    @classmethod
    def in_place(cls) -> Settings:
        """The settings in the platform's own place for them."""
        return cls(user_config_path("parfocal", appauthor=False) / "settings.json")

    def change(self, **fields: Any) -> None:
        """Change fields and save them; unknown names are an error of the programmer."""
        new = replace(self.values, **fields)
        different = frozenset(
            name for name in fields if getattr(new, name) != getattr(self.values, name)
        )
        self.values = new
        if different:
            self.changed.emit(different)
