"""Read the Python files that a user dropped into the plug-in folder, and find the parts in them.

A part is a public class with the method of its kind. Its name in a pipeline is its `name`, or that
of the class with hyphens (`BigCells` is `big-cells`).
"""

import importlib.util
import os
import re
import sys
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import platformdirs

from parfocal.react._errors import Failing, ReactError
from parfocal.react._protocols import KINDS, PartKind
from parfocal.react._signatures import kind_of

__all__ = ["PlugIn", "PlugIns", "plug_in_folder", "plug_ins"]

FOLDER_VARIABLE = "PARFOCAL_PLUGINS"
NO_PART = "none of its classes has exactly one of the methods " + ", ".join(
    kind.method for kind in KINDS
)


@dataclass(frozen=True, slots=True)
class PlugIn:
    """A part found in a file."""

    kind: PartKind
    name: str
    part: type[Any]
    file: Path


@dataclass(frozen=True, slots=True)
class PlugIns:
    """What a folder holds, and a sentence for each file that could not be read."""

    found: tuple[PlugIn, ...]
    faults: tuple[str, ...]


def plug_in_folder() -> Path:
    """Where plug-ins are looked for: the user's own folder, or what `PARFOCAL_PLUGINS` names."""
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named).expanduser()
    return Path(platformdirs.user_config_dir("parfocal", appauthor=False)) / "plug-ins"


def plug_ins(folder: Path) -> PlugIns:
    """Read every file of the folder; names that begin with _ or . are passed over."""
    found: list[PlugIn] = []
    faults: list[str] = []
    try:
        files = sorted(folder.absolute().glob("*.py"))
    except OSError as error:
        return PlugIns((), (f"{folder} cannot be read: {error.strerror}",))
    for file in files:
        if file.name.startswith(("_", ".")):
            continue
        with Failing(partial(_tell, file, faults)):
            stamp = file.stat()
            parts = _parts_of(file, stamp.st_mtime_ns, stamp.st_size)
            found += parts
            if not parts:
                faults.append(f"{file} has no part in it: {NO_PART}")
    return PlugIns(tuple(found), tuple(faults))


@lru_cache(maxsize=256)
def _parts_of(file: Path, _changed: int, _size: int) -> tuple[PlugIn, ...]:
    """Of a file as it is now: a plan is judged at every edit, and a plug-in may import much."""
    return tuple(_parts(_read(file), file))


class _Fresh(SourceFileLoader):
    """Python knows kept byte code by the second and the size: 600 became 800, and stayed 600."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def _read(file: Path) -> ModuleType:
    name = "parfocal_plug_in_" + re.sub(r"\W", "_", file.stem)
    spec = importlib.util.spec_from_file_location(name, file, loader=_Fresh(name, str(file)))
    assert spec is not None  # there is a loader
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # a dataclass looks itself up there
    spec.loader.exec_module(module)
    return module


def _tell(file: Path, faults: list[str], error: Exception) -> None:
    faults.append(f"{file} {_why(error)}")


def _why(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"needs the package {error.name!r}, which is not installed"
    if isinstance(error, SyntaxError):
        return f"is no Python: {error.msg} (line {error.lineno})"
    if isinstance(error, ReactError):
        return f"cannot be read: {error}"
    return f"cannot be read: {type(error).__name__}: {error}"


def _parts(module: ModuleType, file: Path) -> list[PlugIn]:
    found = []
    for name, value in vars(module).items():
        own = isinstance(value, type) and value.__module__ == module.__name__
        if not own or name.startswith("_"):
            continue
        if (kind := kind_of(value)) is not None:
            found.append(PlugIn(kind, _name(value), value, file))
    return found


def _name(part: type[Any]) -> str:
    said = getattr(part, "name", None)
    if isinstance(said, str):
        return said
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", part.__name__).lower()
