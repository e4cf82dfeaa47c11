"""Tell the worker of a batch what is wanted of it: to pause, or to leave items."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from parfocal.store import StoreError, read_json, write_json

__all__ = ["BatchControl", "change_control", "read_control"]


@dataclass(frozen=True, slots=True)
class BatchControl:
    """What people want of a worker."""

    paused: bool = False
    cancelled: frozenset[int] = frozenset()
    """The items that are not wanted any more, by their number."""


def read_control(folder: Path) -> BatchControl:
    """What is wanted now; nothing where nobody said."""
    try:
        told = read_json(folder / "control.json")
        return BatchControl(bool(told["paused"]), frozenset(int(n) for n in told["cancelled"]))
    except (StoreError, KeyError, TypeError, ValueError):
        return BatchControl()


def change_control(
    folder: Path,
    *,
    paused: bool | None = None,
    cancel: Iterable[int] = (),
    want: Iterable[int] = (),
) -> BatchControl:
    """Pause or go on, cancel items, or want cancelled ones after all."""
    now = read_control(folder)
    cancelled = (now.cancelled | frozenset(cancel)) - frozenset(want)
    new = replace(now, paused=now.paused if paused is None else paused, cancelled=cancelled)
    told = {"paused": new.paused, "cancelled": sorted(new.cancelled)}
    write_json(folder / "control.json", told)
    return new
