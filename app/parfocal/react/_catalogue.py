"""The parts that there are: built in, from other packages, and from the plug-in folder.

Nothing of them is imported before somebody asks for it, but the files of the plug-in folder, which
have to be read to know what is in them.
"""

import importlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from parfocal.react._errors import Failing, ReactError
from parfocal.react._plug_ins import plug_in_folder, plug_ins
from parfocal.react._protocols import KINDS, Kind, PartKind
from parfocal.react._signatures import fault_of

__all__ = ["Catalogue", "PartInfo", "catalogue"]

_log = logging.getLogger(__name__)

PARTS = "parfocal.react.parts"
# a table and not entry points: a frozen build has no metadata of packages
BUILT_IN: Mapping[Kind, Mapping[str, str]] = {
    "segment": {
        "otsu": f"{PARTS}._segment:Otsu",
        "cellpose": f"{PARTS}._cellpose:Cellpose",
        "stardist": f"{PARTS}._stardist:StarDist",
    },
    "measure": {
        "shape": f"{PARTS}._measure:Shape",
        "intensity": f"{PARTS}._measure:Intensity",
        "ring-ratio": f"{PARTS}._measure:RingRatio",
    },
    "track": {"laptrack": f"{PARTS}._track:LapTracker"},
    "stimulate": {
        "whole-cell": f"{PARTS}._stimulate:WholeCell",
        "half-cell": f"{PARTS}._stimulate:HalfCell",
        "front": f"{PARTS}._stimulate:Front",
        "random-share": f"{PARTS}._stimulate:RandomShare",
        "line": f"{PARTS}._stimulate:Line",
        "spot": f"{PARTS}._stimulate:Spot",
        "bright": f"{PARTS}._stimulate:Bright",
    },
}


@dataclass(frozen=True, slots=True)
class PartInfo:
    """One part as a list shows it. `fault` says why it cannot be used; empty: it can.

    `source` is where it is from: "built in", the name of a package, or the path of a file.
    """

    kind: Kind
    name: str
    source: str
    fault: str = ""


class Catalogue:
    """Looks parts up by kind and name. The same one may be used from any thread."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or plug_in_folder()
        self._plug_ins = plug_ins(self._folder)
        self._entries: dict[tuple[Kind, str], EntryPoint] = {}
        for kind in KINDS:
            for entry in _offered(kind.group):
                self._entries[kind.key, entry.name] = entry

    def parts(self) -> tuple[PartInfo, ...]:
        """Every part there is, those that cannot be used too, without loading other packages."""
        found = {
            (kind.key, name): PartInfo(kind.key, name, "built in", _built_in_fault(kind, name))
            for kind in KINDS
            for name in BUILT_IN[kind.key]
        }
        for (kind, name), entry in self._entries.items():
            found[kind, name] = PartInfo(kind, name, entry.value.partition(":")[0])
        for one in self._plug_ins.found:
            found[one.kind.key, one.name] = PartInfo(
                one.kind.key, one.name, str(one.file), fault_of(one.part, one.kind, one.name)
            )
        return tuple(found.values())

    def names(self, kind: Kind) -> tuple[str, ...]:
        """The names of a kind's parts."""
        return tuple(one.name for one in self.parts() if one.kind == kind)

    @property
    def faults(self) -> tuple[str, ...]:
        """A sentence for each file of the plug-in folder that could not be read."""
        return self._plug_ins.faults

    def part(self, kind: Kind, name: str) -> type[Any]:
        """The class of a part; one that is not there or cannot be used is refused."""
        told = next(one for one in KINDS if one.key == kind)
        part, where = self._found(told, name)
        if part is None:
            known = ", ".join(self.names(kind))
            unread = "".join(f"; {fault}" for fault in self.faults)
            raise ReactError(f"there is no {told.name} {name!r}; there are {known}{unread}")
        if fault := fault_of(part, told, name):
            raise ReactError(f"{where}{fault}")
        return part

    def _found(self, kind: PartKind, name: str) -> tuple[type[Any] | None, str]:
        """The class, and what a sentence about it begins with."""
        for one in self._plug_ins.found:
            if (one.kind, one.name) == (kind, name):
                return one.part, f"{one.file}: "
        if entry := self._entries.get((kind.key, name)):
            return _loaded(entry, kind, name), ""
        return (_built_in(kind, name) if name in BUILT_IN[kind.key] else None), ""


def catalogue(folder: Path | None = None) -> Catalogue:
    """The parts that there are now; a file that is dropped later is in the next catalogue."""
    return Catalogue(folder)


@cache
def _offered(group: str) -> tuple[EntryPoint, ...]:
    """By the packages that are installed: what is installed later is found at the next start."""
    return tuple(entry_points(group=group))


def _built_in(kind: PartKind, name: str) -> type[Any]:
    module, _, attribute = BUILT_IN[kind.key][name].partition(":")
    part: type[Any] = getattr(importlib.import_module(module), attribute)
    return part


@cache
def _built_in_fault(kind: PartKind, name: str) -> str:
    """What a built-in part needs from elsewhere; asked once, as for other packages."""
    return fault_of(_built_in(kind, name), kind, name)


def _loaded(entry: EntryPoint, kind: PartKind, name: str) -> type[Any]:
    what = f"the {kind.name} {name!r} of {entry.value!r}"
    failed: list[Exception] = []
    with Failing(failed.append):  # a library without its driver raises whatever it likes
        part = entry.load()
        if not isinstance(part, type):
            raise ReactError(f"{what} is no class")
        return part
    (error,) = failed
    if isinstance(error, ReactError):
        raise error
    if isinstance(error, ModuleNotFoundError):
        raise ReactError(
            f"{what} needs the package {error.name!r}, which is not installed"
        ) from error
    raise ReactError(f"{what} cannot be loaded: {type(error).__name__}: {error}") from error
