"""Show some fields of a store as if there were no others."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from parfocal.store import Index
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._source import PlaneSource, SourceFacts
from parfocal.viewer._store_source import StoreSource

__all__ = ["ChosenFields", "open_store"]


def open_store(path: Path, fields: object) -> tuple[PlaneSource, bool]:
    """A store, or some fields of it; whether it is not all of it."""
    source = StoreSource(path)
    if not fields:
        return source, False
    if not isinstance(fields, list) or not all(type(number) is int for number in fields):
        source.close()
        raise ViewerError(f"{str(fields)[:60]!r} is no choice of fields")
    try:
        return ChosenFields(source, fields), True
    except ViewerError:
        source.close()
        raise


class ChosenFields:
    """The planes of these fields, by their numbers in the source; they are numbered anew from 0."""

    def __init__(self, source: PlaneSource, fields: Sequence[int]) -> None:
        count = source.facts.sizes.p
        for number in fields:
            if not 0 <= number < count:
                raise ViewerError(f"there is no field {number}; they go from 0 to {count - 1}")
        self._source = source
        self._fields = tuple(dict.fromkeys(fields))

    @property
    def facts(self) -> SourceFacts:
        """Those of the source, with these fields only."""
        facts = self._source.facts
        sizes = replace(facts.sizes, p=len(self._fields))
        return replace(facts, sizes=sizes, fields=tuple(facts.fields[p] for p in self._fields))

    @property
    def note(self) -> str:
        """What the source says."""
        return self._source.note

    def plane(self, index: Index, level: int = 0) -> NDArray[Any]:
        """One plane."""
        return self._source.plane(self._there(index), level)

    def stored(self, index: Index) -> bool:
        """Whether the plane was recorded."""
        return self._source.stored(self._there(index))

    def absence(self, index: Index) -> str:
        """Why the plane is not there."""
        return self._source.absence(self._there(index))

    def contrast(self, channel: int) -> tuple[float, float] | None:
        """The source's limits."""
        return self._source.contrast(channel)

    def refresh(self) -> bool:
        """See what the source has by now."""
        return self._source.refresh()

    def close(self) -> None:
        """Let go of the source."""
        self._source.close()

    def _there(self, index: Index) -> Index:
        t, p, c, z = index
        return t, self._fields[p], c, z
