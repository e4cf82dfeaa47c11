"""Remember from one viewer to the next what a user chose in its window."""

import contextlib
import json
import os
from pathlib import Path
from typing import Any

import platformdirs

from parfocal.viewer._errors import ViewerError
from parfocal.viewer.child._components import Components

_VERSION = 1


def choices_file() -> Path:
    """Where the choices are kept: beside the settings of the application."""
    return platformdirs.user_config_path("parfocal", appauthor=False) / "viewer.json"


def remembered_components() -> Components:
    """The components as they were chosen last; as they come where nothing sensible is kept."""
    try:
        told = json.loads(choices_file().read_text(encoding="utf-8"))
        return Components().changed(told["components"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ViewerError):
        return Components()


def remember_components(components: Components) -> None:
    """Keep the choice. A home that cannot be written costs the memory, not the window."""
    file = choices_file()
    document: dict[str, Any] = {"version": _VERSION, "components": components.as_json()}
    fresh = file.with_suffix(f".json.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(document, indent=2), encoding="utf-8")
        fresh.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
