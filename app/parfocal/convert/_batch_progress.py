"""Say how far a batch of conversions is: a value that is exchanged whole, never changed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from parfocal.convert._batch import Batch
from parfocal.store import StoreError, read_json, write_json

__all__ = ["BatchProgress", "ItemProgress", "ItemState", "read_progress", "write_progress"]


class ItemState(StrEnum):
    """Where an item is; the last three are final until somebody asks for it again."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Nothing more happens to it by itself."""
        return self in (ItemState.DONE, ItemState.FAILED, ItemState.CANCELLED)


@dataclass(frozen=True, slots=True)
class ItemProgress:
    """One item at one moment; bytes are those of decoded pixels."""

    state: ItemState = ItemState.WAITING
    done_bytes: int = 0
    total_bytes: int = 0
    bytes_per_s: float = 0.0
    left_s: float | None = None
    what: str = ""
    seconds: float = 0.0
    """What it has taken, without pauses."""
    problem: str = ""
    """Of one that failed, in a sentence."""
    verified: bool = False
    resumed: bool = False
    kind: str = ""
    actions: Mapping[str, int] = field(default_factory=dict)
    """How many arrays were repacked and how many transcoded."""
    warnings: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    previous: str | None = None
    """The store that was replaced."""
    before: str = ""
    """What stood at the destination when it began; another text for something else."""
    partial: str = ""
    """Where its unfinished store lies, hidden beside the destination."""

    @property
    def fraction(self) -> float:
        """From 0 to 1."""
        if self.state is ItemState.DONE:
            return 1.0
        return min(1.0, self.done_bytes / max(1, self.total_bytes))


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """All items at one moment, and the process that said so."""

    items: tuple[ItemProgress, ...]
    pid: int = 0
    started: float = 0.0
    """When that process began, in seconds since 1970."""
    start: str = ""
    """The same as a word that stays when the clock is set."""

    @property
    def over(self) -> bool:
        """Whether nothing is left to do."""
        return all(item.state.final for item in self.items)

    @property
    def left_s(self) -> float | None:
        """What is left of all items at the rate of the one that runs; None while nobody knows."""
        rate = max((item.bytes_per_s for item in self.items if not item.state.final), default=0.0)
        left = sum(
            item.total_bytes - item.done_bytes for item in self.items if not item.state.final
        )
        return left / rate if rate > 0 else None

    @property
    def fraction(self) -> float:
        """From 0 to 1; an item that nobody has looked into counts as much as the mean of others."""
        known = [item.total_bytes for item in self.items if item.total_bytes]
        usual = sum(known) / len(known) if known else 1.0
        sizes = [item.total_bytes or usual for item in self.items]
        parts = [1.0 if item.state.final else item.fraction for item in self.items]
        done = sum(part * size for part, size in zip(parts, sizes, strict=True))
        return done / max(1.0, sum(sizes))


def write_progress(folder: Path, progress: BatchProgress) -> None:
    """Put it in the place of the last one."""
    write_json(folder / "progress.json", asdict(progress))


def read_progress(batch: Batch) -> BatchProgress:
    """What was said last of a batch; all of its items wait when nothing was said."""
    try:
        told = read_json(batch.folder / "progress.json")
        items = tuple(_item(one) for one in told["items"])
        if len(items) == len(batch.items):
            pid, started = int(told["pid"]), float(told["started"])
            return BatchProgress(items, pid, started, str(told.get("start", "")))
    except (StoreError, AttributeError, KeyError, TypeError, ValueError):
        pass  # nobody began it, or its disk was full: all of it is to be done
    return BatchProgress(
        tuple(ItemProgress(total_bytes=item.expected_bytes) for item in batch.items)
    )


def _item(value: Mapping[str, Any]) -> ItemProgress:
    lists = {name: tuple(value[name]) for name in ("warnings", "guessed")}
    return ItemProgress(**{**value, **lists, "state": ItemState(value["state"])})
