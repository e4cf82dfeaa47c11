"""Keep a worker's account of its batch and put it on the disk a few times a second."""

import contextlib
import time
from dataclasses import replace
from threading import Lock
from typing import Any

from parfocal._known_process import KnownProcess
from parfocal.convert._batch import Batch
from parfocal.convert._batch_progress import (
    BatchProgress,
    ItemProgress,
    ItemState,
    read_progress,
    write_progress,
)

__all__ = ["BatchBook"]

EVERY_S = 0.2


class BatchBook:
    """The worker's own copy; `change` may be called from any thread."""

    def __init__(self, batch: Batch) -> None:
        self._folder = batch.folder
        self._lock = Lock()
        self._written = 0.0
        before = read_progress(batch)
        items = tuple(_begun_anew(item) for item in before.items)
        own = KnownProcess.own()
        self._now = BatchProgress(items, own.pid, own.started, own.start)
        self.write()

    def __getitem__(self, number: int) -> ItemProgress:
        return self._now.items[number]

    def change(self, number: int, **values: Any) -> None:
        """Say something new of an item; of the way only what is not too soon is written."""
        with self._lock:
            items = list(self._now.items)
            before = items[number]
            items[number] = replace(before, **values)
            self._now = replace(self._now, items=tuple(items))
        stale = time.monotonic() - self._written > EVERY_S
        if stale or items[number].state is not before.state:
            self.write()

    def write(self) -> None:
        """Put it on the disk; a full one costs no conversion on another disk."""
        with self._lock, contextlib.suppress(OSError):
            write_progress(self._folder, self._now)
        self._written = time.monotonic()


def _begun_anew(item: ItemProgress) -> ItemProgress:
    """Whatever is not done is to be done: what failed is tried again when a worker is asked for."""
    if item.state is ItemState.DONE:
        return item
    return ItemProgress(total_bytes=item.total_bytes, before=item.before, partial=item.partial)
