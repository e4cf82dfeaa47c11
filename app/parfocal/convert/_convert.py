"""Convert a source into a canonical store: planned, proven, published whole, or nothing."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

from parfocal.convert._beside import Beside, Onlooker
from parfocal.convert._carried_groups import lay_out_carried
from parfocal.convert._dask_cluster import dask_workers
from parfocal.convert._dask_connection import refuse_address
from parfocal.convert._engine import convert_shards, refuse_when
from parfocal.convert._errors import ConvertError, SourceDamaged
from parfocal.convert._executor import local_threads
from parfocal.convert._finish import finish_store
from parfocal.convert._identity import plan_identity
from parfocal.convert._journal import Journal
from parfocal.convert._memory import BUDGET_BYTES, over_budget, refuse_over_budget
from parfocal.convert._meter import Meter, Tell
from parfocal.convert._open import open_source
from parfocal.convert._places import (
    journal_of,
    partial_of,
    refuse_inside,
    refuse_places,
)
from parfocal.convert._plan import ConversionPlan, plan_conversion
from parfocal.convert._publishing import publish, take_back
from parfocal.convert._report import ConversionReport
from parfocal.convert._shard_file import forget_torn
from parfocal.convert._source import Source, Wishes
from parfocal.store import StoreError, lay_out

__all__ = ["convert", "dry_run"]

LAST = "parfocal/run/zarr.json"
"""What is written last of an empty store."""


def dry_run(
    path: Path | str,
    destination: Path | str,
    wishes: Wishes | None = None,
    *,
    budget_bytes: int = BUDGET_BYTES,
) -> ConversionReport:
    """What `convert` would do; nothing is written."""
    began = time.monotonic()
    path, destination = Path(path).absolute(), Path(destination).absolute()
    wishes = wishes or Wishes()
    source = open_source(path, wishes)
    try:
        plan = plan_conversion(source, source.describe(), wishes)
    finally:
        source.close()
    why = over_budget(plan, budget_bytes)
    return ConversionReport.of(
        destination,
        plan,
        time.monotonic() - began,
        dry_run=True,
        warnings=(f"it would be refused: {why}",) if why else (),
    )


def convert(
    path: Path | str,
    destination: Path | str,
    wishes: Wishes | None = None,
    *,
    action: str = "migrate",
    overwrite: bool = False,
    budget_bytes: int = BUDGET_BYTES,
    tell: Tell | None = None,
    cancelled: Event | None = None,
    dask: str | None = None,
    threads: int | None = None,
    hold: Callable[[], object] | None = None,
    onlooker: Onlooker | None = None,
) -> ConversionReport:
    """Make the store at `destination` of what lies at `path`, which is never written to.

    A call that was killed or cancelled is gone on with by the same call. An older store at
    `destination` stays until the new one is complete, and then beside it for `rollback`. What is
    converted takes at most `budget_bytes` of memory; a source for which that is too little is
    refused. The workers of the cluster at `dask` (tcp://host:port) do the work where one is named.
    Otherwise at most so many `threads` do it, and `onlooker` sees the pixels as they pass by. Work
    that gives way to others has a `hold`: each thread calls it between two blocks, where it may be
    kept waiting, and no more is on its way to the disk then than the shards that are being made.
    """
    began = time.monotonic()
    path, destination = Path(path).absolute(), Path(destination).absolute()
    wishes = wishes or Wishes()
    if dask is not None:
        refuse_address(dask)
    if not path.exists():
        raise ConvertError(f"there is nothing at {path}")
    refuse_places(path, destination, overwrite=overwrite)
    source = open_source(path, wishes)
    try:
        identity = source.identity()
        found = source.describe()
        refuse_inside(found.folders, destination)
        plan = plan_conversion(source, found, wishes)
        refuse_over_budget(plan, budget_bytes)
        name = plan_identity(identity, plan)
        partial = partial_of(destination, name)
        beside = _beside(plan, hold, onlooker, cancelled)
        journal = Journal(journal_of(partial), name)
        try:
            take_back(partial, destination, journal)
            workers = (
                local_threads(source, plan, partial, budget_bytes, threads=threads, beside=beside)
                if dask is None
                else dask_workers(dask, name, path, wishes, partial, budget_bytes, cancelled)
            )
            with workers as ready:
                resumed = _prepare(partial, plan, journal)
                meter = Meter(plan.raw_bytes, tell)
                convert_shards(
                    plan,
                    partial,
                    journal,
                    meter,
                    workers=ready,
                    cancelled=cancelled,
                    beside=beside,
                )
            _finish(source, plan, partial, journal, identity, action, meter, cancelled)
            previous = publish(partial, destination, name, journal, overwrite=overwrite)
            journal.remove()
        except ConvertError as problem:
            if isinstance(problem, SourceDamaged):
                shutil.rmtree(partial, ignore_errors=True)
            if not partial.exists():  # nothing is to be gone on with
                journal.remove()
            raise
        finally:
            journal.close()
    finally:
        source.close()
    seconds = time.monotonic() - began
    return ConversionReport.of(destination, plan, seconds, resumed=resumed, previous=previous)


def _beside(
    plan: ConversionPlan,
    hold: Callable[[], object] | None,
    onlooker: Onlooker | None,
    cancelled: Event | None,
) -> Beside:
    if onlooker is not None:
        onlooker.begin(plan)

    def between() -> None:
        if hold is not None:
            hold()
        refuse_when(cancelled)

    return Beside(between, onlooker, flushed=hold is not None)


def _prepare(partial: Path, plan: ConversionPlan, journal: Journal) -> bool:
    """Have the unfinished store laid out; True when an earlier call had begun it."""
    if journal.resumed and (partial / LAST).is_file():
        return True
    if partial.exists():
        # its journal is gone or of another plan: nobody can say what of it is true
        shutil.rmtree(partial)
        journal.done.clear()
    guessed = plan.found.images[0].guessed_axes
    try:
        partial.mkdir()
        lay_out_carried(partial, plan)
        lay_out(partial, plan.layout, {"voxel_size_guessed": list(guessed)})
    except (OSError, StoreError) as problem:
        shutil.rmtree(partial, ignore_errors=True)
        journal.remove()
        why = getattr(problem, "strerror", None) or problem
        raise ConvertError(f"{partial} cannot be written: {why}") from problem
    return False


def _finish(
    source: Source,
    plan: ConversionPlan,
    partial: Path,
    journal: Journal,
    identity: str,
    action: str,
    meter: Meter,
    cancelled: Event | None,
) -> None:
    if source.identity() != identity:
        raise SourceDamaged(
            f"{source.path} changed while it was read, so nothing of it was kept; "
            "convert it again when nobody writes to it"
        )
    meter.say("checking")
    refuse_when(cancelled)  # who listens may have held it here, and given it up
    forget_torn(partial)
    try:
        finish_store(partial, source, plan, journal.done, action, identity)
    except (OSError, ValueError) as problem:  # a ValueError is TensorStore's
        first = getattr(problem, "strerror", None) or str(problem).partition("\n")[0]
        raise ConvertError(f"{partial} cannot be written: {first}") from problem
