"""What a person has chosen so far, as one value; every edit makes another. No widgets."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from parfocal.convert import BatchItem, Inspection, Wishes

__all__ = ["SUFFIX", "Draft", "DraftItem"]

SUFFIX = ".ome.zarr"
ENDINGS = (
    ".ome.zarr", ".zarr", ".n5", ".ome.tiff", ".ome.tif", ".tiff", ".tif", ".hdf5", ".h5",
    ".npy", ".npz", ".xml",
)  # fmt: skip
RECORDS = ("experiment.yml", "experiment.yaml")


@dataclass(frozen=True, slots=True)
class DraftItem:
    """One source and what is wished of it; `name` is that of its store, without the ending."""

    source: Path
    name: str
    wishes: Wishes = field(default_factory=Wishes)
    wanted: bool = True

    def option(self, key: str, value: Any) -> "DraftItem":
        """With an option of its wishes; an empty one is taken away."""
        options = {name: one for name, one in self.wishes.options.items() if name != key}
        if value:
            options[key] = value
        return replace(self, wishes=replace(self.wishes, options=options))

    def wish(self, **values: Any) -> "DraftItem":
        """With other wishes."""
        return replace(self, wishes=replace(self.wishes, **values))


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that the pages before the start can change."""

    items: tuple[DraftItem, ...] = ()
    folder: Path = Path()
    overwrite: bool = False

    def __len__(self) -> int:
        return len(self.items)

    @property
    def wanted(self) -> tuple[DraftItem, ...]:
        """The items that are not left out."""
        return tuple(item for item in self.items if item.wanted)

    def with_sources(self, paths: Iterable[Path]) -> "Draft":
        """With more sources; one that is there already is not taken twice."""
        items = list(self.items)
        for path in paths:
            if all(item.source != path for item in items):
                taken = {item.name for item in items}
                items.append(DraftItem(path, free_name(store_name(path), taken)))
        return replace(self, items=tuple(items))

    def without(self, numbers: Iterable[int]) -> "Draft":
        """Without some of the sources."""
        gone = set(numbers)
        items = tuple(item for number, item in enumerate(self.items) if number not in gone)
        return replace(self, items=items)

    def with_item(self, number: int, item: DraftItem) -> "Draft":
        """With another item in the place of one."""
        items = (*self.items[:number], item, *self.items[number + 1 :])
        return replace(self, items=items)

    def destination(self, item: DraftItem) -> Path:
        """Where an item's store will be."""
        return self.folder / f"{item.name}{SUFFIX}"

    def batch_item(self, item: DraftItem, found: Inspection) -> BatchItem:
        """What the worker is told of an item."""
        return BatchItem(
            item.source,
            self.destination(item),
            found.action,
            item.wishes,
            self.overwrite,
            found.bytes,
        )


def store_name(source: Path) -> str:
    """What a store of this source would be called."""
    name = source.parent.name if source.name.lower() in RECORDS else source.name
    for ending in ENDINGS:
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
            break
    return re.sub(r"[^\w.+-]+", "-", name).strip("-.") or "store"


def free_name(name: str, taken: Iterable[str]) -> str:
    """The name, or name-2, name-3, …: two items never become the same store."""
    known, number, free = set(taken), 1, name
    while free in known:
        number += 1
        free = f"{name}-{number}"
    return free
