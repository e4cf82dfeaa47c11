"""Do all shards of a plan, a bounded number at a time, and remember each that is done."""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice
from pathlib import Path
from threading import Event

from parfocal.convert._beside import ALONE, Beside
from parfocal.convert._errors import ConvertError
from parfocal.convert._executor import Workers
from parfocal.convert._journal import Journal
from parfocal.convert._meter import Meter
from parfocal.convert._plan import ConversionPlan, Planned
from parfocal.convert._shard_done import ShardDone
from parfocal.convert._shard_file import checksum_of
from parfocal.convert._shards import shards_of

__all__ = ["CANCELLED", "convert_shards", "refuse_when"]

CANCELLED = (
    "the conversion was cancelled; what is done is kept, and the same call goes on from there"
)

Task = tuple[int, tuple[int, ...]]


def convert_shards(
    plan: ConversionPlan,
    partial: Path,
    journal: Journal,
    meter: Meter,
    *,
    workers: Workers,
    cancelled: Event | None = None,
    beside: Beside = ALONE,
) -> None:
    """Have every shard that the journal does not have written and proven.

    Each is a task of its own and a file of its own: no two tasks can touch the same chunk, in
    whatever order they are done, and wherever. Only this process writes the journal.
    """
    tasks = _left(plan, partial, journal, meter, cancelled, beside)
    running: set[Future[ShardDone]] = set()
    try:
        while True:
            for number, shard in islice(tasks, max(0, workers.ahead() - len(running))):
                running.add(workers.begin(number, shard))
            if not running:
                return
            done, running = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
            for one in done:
                finished = one.result()
                journal.add(finished)
                meter.advance(plan.arrays[finished.array], finished.shard)
            refuse_when(cancelled)
    finally:
        for one in running:
            one.cancel()


def _left(
    plan: ConversionPlan,
    partial: Path,
    journal: Journal,
    meter: Meter,
    cancelled: Event | None,
    beside: Beside,
) -> Iterator[Task]:
    """What is to be done yet: a shard that is done must still be there as it was."""
    for number, array in enumerate(plan.arrays):
        for shard in shards_of(array.layout.shape, array.layout.shard):
            refuse_when(cancelled)  # reading what is there takes a while too
            known = journal.done.get((number, shard))
            if known is not None and _is_there(partial, array, known):
                beside.show_again(array, shard, partial)
                meter.advance(array, shard)
                continue
            yield number, shard


def refuse_when(cancelled: Event | None) -> None:
    """Raise a ConvertError when nobody wants it any more; what is done is kept."""
    if cancelled is not None and cancelled.is_set():
        raise ConvertError(CANCELLED)


def _is_there(partial: Path, array: Planned, done: ShardDone) -> bool:
    file = partial / array.path / "c" / "/".join(str(n) for n in done.shard)
    if done.size == 0:
        return not file.exists()
    # a power cut may have left its length without its bytes
    return (
        file.is_file() and file.stat().st_size == done.size and checksum_of(file) == done.target_crc
    )
