"""Know the parts that a pipeline can be made of; loading them is done off the window's thread."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PyQt6.QtCore import QObject, pyqtSignal

from parfocal.ui.newest_answer import NewestAnswer

if TYPE_CHECKING:
    from parfocal.react import Catalogue, PartFacts, PartInfo
    from parfocal.ui.tasks import Tasks

__all__ = ["KnownParts"]

Key = tuple[str, str]
"""The kind of a part and its name."""


class _Found(NamedTuple):
    catalogue: "Catalogue"
    folder: Path
    parts: "tuple[PartInfo, ...]"
    faults: tuple[str, ...]
    facts: "dict[Key, PartFacts]"


class KnownParts(QObject):
    """What there was at the last look. The code of plug-ins is read when it is first asked for."""

    changed = pyqtSignal()

    def __init__(self, tasks: "Tasks", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._look = NewestAnswer(tasks, self)
        self._found: _Found | None = None
        self._asked: set[Key] = set()
        self._wanted = False

    @property
    def here(self) -> bool:
        """Whether somebody has looked."""
        return self._found is not None

    @property
    def parts(self) -> "tuple[PartInfo, ...]":
        """Every part, those that cannot be used too."""
        return () if self._found is None else self._found.parts

    @property
    def faults(self) -> tuple[str, ...]:
        """A sentence for each file of the plug-in folder that could not be read."""
        return () if self._found is None else self._found.faults

    @property
    def folder(self) -> Path | None:
        """Where plug-ins are looked for."""
        return None if self._found is None else self._found.folder

    def names(self, kind: str) -> tuple[str, ...]:
        """The names of a kind's parts that can be used."""
        return tuple(one.name for one in self.parts if one.kind == kind and not one.fault)

    def fault(self, kind: str, name: str) -> str:
        """Why a part cannot be used, as far as it was looked at; nothing is loaded for it."""
        facts = None if self._found is None else self._found.facts.get((kind, name))
        return "" if facts is None else facts.fault

    def want(self) -> None:
        """Look, if nobody has."""
        if not self._wanted:
            self.reload()

    def reload(self) -> None:
        """Look again: files of the plug-in folder that changed are read anew."""
        self._wanted = True
        self._look.ask("look for parts of pipelines", lambda _task: _look(), self._take)

    def facts(self, kind: str, name: str) -> "PartFacts | None":
        """What is known of a part; None until it is loaded, and `changed` says when it is."""
        found, key = self._found, (kind, name)
        if found is None:
            self.want()
            return None
        if key not in found.facts and key not in self._asked:
            self._asked.add(key)
            self._tasks.quietly(
                f"load {name}",
                lambda _task: _facts(found.catalogue, key),
                on_done=lambda facts: self._know(found, key, facts),
                owner=self,
            )
        return found.facts.get(key)

    def _take(self, found: _Found) -> None:
        self._found = found
        self._asked.clear()
        self.changed.emit()

    def _know(self, found: _Found, key: Key, facts: "PartFacts") -> None:
        found.facts[key] = facts
        if found is self._found:
            self.changed.emit()


def _look() -> _Found:
    from parfocal.react import catalogue, plug_in_folder

    folder = plug_in_folder()
    parts = catalogue(folder)
    listed = parts.parts()
    # those of other packages are loaded once somebody chooses them: a model may take seconds
    near = [one for one in listed if one.source == "built in" or one.source.endswith(".py")]
    facts: dict[Key, PartFacts] = {}
    for one in near:
        facts[one.kind, one.name] = _facts(parts, (one.kind, one.name))
    return _Found(parts, folder, listed, parts.faults, facts)


def _facts(parts: "Catalogue", key: Key) -> "PartFacts":
    from parfocal.react import KINDS, facts_of

    kind = next(one.key for one in KINDS if one.key == key[0])
    return facts_of(kind, key[1], parts)
