"""What a person chose, kept as one JSON file: read `values`, write with `change`.

One bad field never voids the file: it falls back alone and is told in `problems`. A home that
cannot be written is told once; the choice then lasts until the window closes.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_config_path, user_documents_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from PyQt6.QtCore import QObject, pyqtSignal

Appearance = Literal["system", "light", "dark"]
FILE_VERSION = 1
OWNER_ONLY = 0o600  # who knows the address of a web hook can speak through it
RECENT_KEPT = 12


def first_data_folder() -> Path:
    """Where new stores go as long as nobody chose another place."""
    return user_documents_path() / "Parfocal"


class Values(BaseModel):
    """Every setting with what it is when nobody chose."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    theme: Appearance = "system"
    data_folder: Path = Field(default_factory=first_data_folder)
    recent_files: tuple[Path, ...] = ()
    recent_pipelines: tuple[Path, ...] = ()
    store_folders: tuple[Path, ...] = ()
    workspace: Literal["microscope", "design", "run", "store", "jobs"] = "design"
    microscope: str = ""  # the profile, or the configuration's path, that was opened last
    viewer_at_start: bool = False  # whether a run opens a viewer where its plan names none
    viewer_waits: bool = True  # whether one waits in the background, with napari imported
    recent_sources: tuple[Path, ...] = ()  # what was ingested or migrated, the newest first
    convert_folder: Path | None = None  # where the last conversion put its stores
    levels_after_run: bool = True  # whether a completed run gets its coarser levels by itself
    microscope_at_start: Literal["last", "demo", "none"] = "last"
    message_seconds: int = Field(default=6, ge=2, le=60)  # how long a message stays by itself
    installers_folder: Path | None = None  # where to look for a newer version; None: nowhere
    shortcuts: dict[str, str] = {}  # by the action's key; "" is none
    tour_closed: bool = False  # whether the first steps were closed for good
    notices: Literal["all", "needs me"] = "all"  # of the queue of jobs, in the window
    notices_on_desktop: bool = True  # where the desktop has a place for them
    notify: tuple[dict[str, str], ...] = ()  # who is told of a run's trouble, as in a scan's file
    geometry: str = ""
    layout: str = ""


class Settings(QObject):
    """The settings in use; `changed` says which fields are new."""

    changed = pyqtSignal(object)  # frozenset of field names
    trouble = pyqtSignal(str)  # a sentence; those of the first reading are in `problems` only

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.problems: tuple[str, ...] = ()
        self.values = self._read()

    @classmethod
    def in_place(cls) -> Settings:
        """The settings in the platform's own place for them."""
        return cls(user_config_path("parfocal", appauthor=False) / "settings.json")

    @property
    def backup(self) -> Path:
        """The file as it was before the last change."""
        return self.path.with_suffix(".json.bak")

    def change(self, **fields: Any) -> None:
        """Change fields and save them; a value that does not fit is the caller's error."""
        new = Values.model_validate({**dict(self.values), **fields})
        different = frozenset(n for n in fields if getattr(new, n) != getattr(self.values, n))
        if not different:
            return
        self.values = new
        self._save()
        self.changed.emit(different)

    def add_recent(self, path: Path) -> None:
        """Put a plan or store at the head of the recent ones."""
        older = (one for one in self.values.recent_files if one != path)
        self.change(recent_files=(path, *older)[:RECENT_KEPT])

    def _read(self) -> Values:
        for path in (self.path, self.backup):
            try:
                document = json.loads(path.read_text(encoding="utf-8"))
            except (FileNotFoundError, NotADirectoryError):
                continue
            except (OSError, ValueError, RecursionError) as problem:
                self._tell(f"{path} could not be read and was passed over: {problem}")
                continue
            if not isinstance(document, dict):
                self._tell(f"{path} holds no settings and was passed over")
                continue
            return self._fit(path, document)
        return Values()

    def _fit(self, path: Path, document: dict[str, Any]) -> Values:
        """Take each field that fits; tell of each that does not, and go on without it."""
        version = document.pop("version", None)
        if version != FILE_VERSION:
            self._tell(f"{path} is of version {version!r}; what fits version 1 was taken over")
        try:
            return Values.model_validate(document)
        except ValidationError as misfit:
            for name in sorted({str(error["loc"][0]) for error in misfit.errors()}):
                value = document.pop(name)
                known = name in Values.model_fields
                what = "is as it comes" if known else "is not a setting of this version"
                self._tell(f"{path}: {name} {what}, {_short(value)} was passed over")
        return Values.model_validate(document)

    def _save(self) -> None:
        document = {"version": FILE_VERSION, **self.values.model_dump(mode="json")}
        fresh = self.path.with_suffix(".json.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with fresh.open("w", encoding="utf-8") as file:
                fresh.chmod(OWNER_ONLY)
                json.dump(document, file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            if self.path.exists():
                self.backup.write_bytes(self.path.read_bytes())
                self.backup.chmod(OWNER_ONLY)
            fresh.replace(self.path)
        except OSError as problem:
            self._tell(f"the settings cannot be kept in {self.path}: {problem.strerror or problem}")

    def _tell(self, sentence: str) -> None:
        if sentence not in self.problems:
            self.problems = (*self.problems, sentence)
            self.trouble.emit(sentence)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
