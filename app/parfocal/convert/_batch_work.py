"""Do a batch of conversions, one item after the other, and obey what is wanted meanwhile."""

import logging
import os
import time
from pathlib import Path
from threading import Event, Lock, Thread

from parfocal import ParfocalError
from parfocal.convert._batch import Batch, BatchItem
from parfocal.convert._batch_book import BatchBook
from parfocal.convert._batch_control import BatchControl, read_control
from parfocal.convert._batch_progress import ItemState
from parfocal.convert._batch_published import standing, was_published
from parfocal.convert._convert import convert
from parfocal.convert._meter import Way
from parfocal.convert._report import ConversionReport
from parfocal.convert._unfinished import remove_unfinished, unfinished_at
from parfocal.store import is_locked, lock_file

__all__ = ["LOCK", "work_on"]

LOCK = "worker.lock"
LOOK_S = 0.2
BURST_S = 0.5

log = logging.getLogger(__name__)


def work_on(folder: Path, stop: Event) -> bool:
    """Do what is left of a batch; False when another worker has it.

    `stop` ends it at the next shard: what is left stays to be gone on with.
    """
    batch = Batch.read(folder)
    lock = folder / LOCK
    if is_locked(lock):
        return False
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not lock_file(descriptor) and os.name == "posix":
            return False
        BatchWork(batch, stop).do()
    finally:
        os.close(descriptor)
    return True


class BatchWork:
    """The one worker of a batch."""

    def __init__(self, batch: Batch, stop: Event) -> None:
        self._batch = batch
        self._stop = stop
        self._book = BatchBook(batch)
        self._control = read_control(batch.folder)
        self._number = 0
        self._cancelled = Event()
        self._turn = Lock()
        """Whoever cancels the item that is done has looked whether it is still that one."""
        self._over = Event()

    def do(self) -> None:
        """Every item that is not done; one that fails does not keep the rest."""
        listening = Thread(target=self._listen, name="conversion-control", daemon=True)
        listening.start()
        try:
            for number, item in enumerate(self._batch.items):
                if self._stop.is_set():
                    return
                if self._book[number].state is not ItemState.DONE:
                    self._begin(number)
                    self._do_one(number, item)
        finally:
            self._over.set()
            listening.join()
            self._book.write()

    def _begin(self, number: int) -> None:
        with self._turn:
            self._number = number
            self._cancelled.clear()
        self._obey(read_control(self._batch.folder))

    def _do_one(self, number: int, item: BatchItem) -> None:
        book = self._book
        self._hold(number)
        if number in self._control.cancelled:
            self._cancel(number)
            return
        if self._stop.is_set():
            return
        before = book[number].before
        if before and was_published(item, before):
            # killed between the publishing and this account of it
            log.info("%s was finished before", item.destination)
            book.change(number, state=ItemState.DONE, verified=True, resumed=True)
            return
        book.change(
            number, state=ItemState.RUNNING, what="looking", before=standing(item.destination)
        )
        log.info("%s -> %s", item.source, item.destination)
        try:
            report = self._converted(number, item, _Clock(went_on=bool(before)))
        except (ParfocalError, OSError, MemoryError) as problem:
            self._ended_badly(number, problem)
        except Exception as fault:
            # the edge of this item: whatever is wrong with it must not keep the others
            log.exception("the conversion of %s failed", item.source)
            book.change(number, state=ItemState.FAILED, problem=f"{type(fault).__name__}: {fault}")
        else:
            self._ended_well(number, report)

    def _converted(self, number: int, item: BatchItem, clock: "_Clock") -> ConversionReport:
        def tell(way: Way) -> None:
            clock.look(way.done_bytes)
            if not clock.looked:  # once: it has been made by now
                clock.looked = True
                self._book.change(number, partial=unfinished_at(item.destination))
            rate = clock.rate
            left = (way.total_bytes - way.done_bytes) / rate if rate > 0 else None
            self._book.change(
                number,
                done_bytes=way.done_bytes,
                total_bytes=way.total_bytes,
                bytes_per_s=rate,
                left_s=left,
                what=way.what,
                seconds=clock.seconds,
            )
            clock.stood_still(self._hold(number))

        return convert(
            item.source,
            item.destination,
            item.wishes,
            action=item.action,
            overwrite=item.overwrite,
            tell=tell,
            cancelled=self._cancelled,
        )

    def _hold(self, number: int) -> float:
        """Stand still while a pause is wanted, and say for how long that was."""
        if not self._is_held():
            return 0.0
        began = time.monotonic()
        former = self._book[number].state
        self._book.change(number, state=ItemState.PAUSED)
        while self._is_held():
            self._over.wait(LOOK_S / 2)
        self._book.change(number, state=former)
        return time.monotonic() - began

    def _is_held(self) -> bool:
        return self._control.paused and not self._cancelled.is_set()

    def _ended_well(self, number: int, report: ConversionReport) -> None:
        told = report.as_json()
        kinds = [array["action"] for array in told["arrays"]]
        self._book.change(
            number,
            state=ItemState.DONE,
            done_bytes=report.bytes,
            total_bytes=report.bytes,
            left_s=0.0,
            verified=report.verified,
            resumed=report.resumed,
            kind=report.kind,
            actions={kind: kinds.count(kind) for kind in sorted(set(kinds))},
            warnings=report.warnings,
            guessed=report.guessed,
            previous=told["previous"],
        )
        log.info("%s is done", report.store)

    def _ended_badly(self, number: int, problem: Exception) -> None:
        if self._stop.is_set():
            self._book.change(number, state=ItemState.WAITING)
        elif self._cancelled.is_set():
            self._cancel(number)
        else:
            sentence = " ".join(str(problem).split()) or type(problem).__name__
            log.warning("%s", sentence)
            self._book.change(number, state=ItemState.FAILED, problem=sentence)

    def _cancel(self, number: int) -> None:
        """What it has made so far is as large as what is converted, and nobody would find it."""
        remove_unfinished(self._book[number].partial)
        self._book.change(number, state=ItemState.CANCELLED, partial="")

    def _listen(self) -> None:
        while not self._over.wait(LOOK_S):
            self._obey(read_control(self._batch.folder))

    def _obey(self, control: BatchControl) -> None:
        with self._turn:
            self._control = control
            if self._number in control.cancelled or self._stop.is_set():
                self._cancelled.set()


class _Clock:
    """Time and rate of one conversion, without pauses and without what was done before."""

    def __init__(self, *, went_on: bool) -> None:
        self._went_on = went_on
        self.looked = False
        self._began = self._from = time.monotonic()
        self._still = 0.0
        self._before = self._done = 0

    @property
    def seconds(self) -> float:
        """How long it has worked."""
        return time.monotonic() - self._began - self._still

    @property
    def rate(self) -> float:
        """Bytes a second."""
        seconds = time.monotonic() - self._from - self._still
        return (self._done - self._before) / seconds if seconds > 0 else 0.0

    def look(self, done: int) -> None:
        """So much is done now. What an earlier worker had done is told in a burst at the start."""
        if self._went_on and self.seconds < BURST_S:
            self._before, self._from = done, time.monotonic()
        self._done = done

    def stood_still(self, seconds: float) -> None:
        """Nobody worked for so long."""
        self._still += seconds
