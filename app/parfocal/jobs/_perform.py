"""Do one job, and turn every way in which it may end into what the queue has to know."""

import contextlib
import errno
import logging
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from parfocal import ParfocalError
from parfocal.jobs._admission import begin_anew, strip_of
from parfocal.jobs._archive import archive, verify_archive
from parfocal.jobs._cleanup import cleanup, purge
from parfocal.jobs._compress import compress, verify_store
from parfocal.jobs._dask_executor import Executors
from parfocal.jobs._database import Database
from parfocal.jobs._errors import (
    Corrupt,
    JobCancelled,
    LeaseLost,
    NeedsPerson,
    RawChanged,
    Transient,
    disk_is_full,
    queue_is_busy,
)
from parfocal.jobs._generic import do_generic, target_of
from parfocal.jobs._holds import hold_for_room
from parfocal.jobs._job import Job, Outcome
from parfocal.jobs._leases import LEASE_S, Leases
from parfocal.jobs._pace import Pace
from parfocal.jobs._preview import preview
from parfocal.jobs._records import artifacts_of
from parfocal.jobs._reporting import report
from parfocal.jobs._settle import inspect, settle
from parfocal.jobs._work import PutOff, Work

__all__ = ["perform"]

STAGES: Mapping[str, Callable[[Work], Outcome]] = {
    "settle": settle,
    "inspect": inspect,
    "archive": archive,
    "verify_archive": verify_archive,
    "compress": compress,
    "verify_store": verify_store,
    "preview": preview,
    "report": report,
    "cleanup": cleanup,
    "purge": purge,
}
NOBODY_HELPS = frozenset(
    {
        *(errno.EACCES, errno.EPERM, errno.EROFS),
        *(errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ELOOP, errno.ENAMETOOLONG),
    }
)
"""Time does not mend them."""
LEAST_ROOM = 0.02
"""Of a disk: what must be free again before a full one is written to."""

_log = logging.getLogger(__name__)


def perform(database: Database, leases: Leases, job: Job, pace: Pace, executors: Executors) -> None:
    """Do it; when this returns the queue knows how it ended, or its lease is over."""
    end = _attempt(database, leases, job, pace, executors)
    given_up = time.monotonic() + 2 * LEASE_S
    while not pace.lost.is_set() and time.monotonic() < given_up:
        try:
            end()
        except LeaseLost as late:
            _log.warning("%s", late)
            with contextlib.suppress(LeaseLost):  # only a newer generation took its place
                leases.cancelled(job)
        except sqlite3.OperationalError as problem:
            if not queue_is_busy(problem):
                raise
            _log.warning("the queue cannot be written: %s", problem)
            pace.lost.wait(1.0)
            continue
        return


def _attempt(
    database: Database, leases: Leases, job: Job, pace: Pace, executors: Executors
) -> Callable[[], None]:
    """Do it; what is returned tells the queue."""
    try:
        outcome = _do(database, leases, job, pace, executors)
    except PutOff as wait:
        put_off = wait
        return lambda: leases.put_off(job, put_off.seconds, put_off.note, str(put_off))
    except LeaseLost as late:
        lost = late
        return lambda: _refused(lost)
    except (JobCancelled, RawChanged) as stopped:
        return _stopped(database, leases, job, pace, stopped)
    except (OSError, sqlite3.Error, ParfocalError) as problem:
        if pace.stop:
            return _stopped(database, leases, job, pace, problem)
        return _failed(database, leases, job, problem)
    return lambda: leases.complete(job, outcome)


def _do(database: Database, leases: Leases, job: Job, pace: Pace, executors: Executors) -> Outcome:
    pace.breathe()
    if job.strip is None:
        return do_generic(job, pace)
    stage = STAGES.get(job.kind)
    if stage is None:
        raise NeedsPerson(f"job {job.id} is of a kind that this version does not know: {job.kind}")
    strip = strip_of(database, job)
    executor = executors.of(strip.config, pace)
    return stage(Work(job, strip, database, leases, pace, executor))


def _stopped(
    database: Database, leases: Leases, job: Job, pace: Pace, why: Exception
) -> Callable[[], None]:
    if isinstance(why, RawChanged):

        def anew() -> None:
            leases.renew(job)  # a worker that wakes late must not begin anything anew
            begin_anew(database, job.strip or "", job.generation, str(why))
            leases.cancelled(job)

        return anew
    if pace.lost.is_set():
        return lambda: None
    if pace.stopping.is_set():
        return lambda: leases.give_back(job, "its worker was ended", "")
    return lambda: leases.cancelled(job)


def _refused(late: LeaseLost) -> None:
    raise late


def _failed(database: Database, leases: Leases, job: Job, problem: Exception) -> Callable[[], None]:
    words = _words(problem)
    if disk_is_full(problem):
        return lambda: _out_of_room(database, leases, job, words, problem)
    causes = list(_causes(problem))
    system = next((one for one in causes if isinstance(one, OSError)), None)
    if isinstance(problem, NeedsPerson):
        trouble = "corrupt" if isinstance(problem, Corrupt) else "needs a person"
        return lambda: leases.park(job, words, trouble)
    if system is not None and system.errno in NOBODY_HELPS:
        return lambda: leases.park(job, words, "needs a person")
    if isinstance(problem, Transient | sqlite3.Error) or system is not None:
        return lambda: leases.retry_later(job, words)
    return lambda: leases.park(job, words, "corrupt")


def _out_of_room(
    database: Database, leases: Leases, job: Job, words: str, problem: Exception
) -> None:
    """Pause what fills disks until there is room for this job."""
    leases.renew(job)
    place = _place(database, job)
    folder = next(one for one in (place, *place.parents) if one.is_dir())
    disk = shutil.disk_usage(folder)
    raw = artifacts_of(database, job.strip or "", job.generation).get("raw")
    wanted = max(LEAST_ROOM * disk.total, 0 if raw is None else raw.bytes)
    needed = round(min(wanted, 0.9 * disk.total))
    if disk.free >= needed and not isinstance(problem, sqlite3.Error):
        # a quota, or no more files: waiting for room that is there would be to spin
        leases.retry_later(job, words)
        return
    why = f"{folder} is full ({disk.free / 1e9:.1f} GB free): {words}"
    hold_for_room(database, folder, needed, why)
    leases.give_back(job, why)


def _place(database: Database, job: Job) -> Path:
    if job.strip is None:
        return target_of(job)
    strip = strip_of(database, job)
    product = strip.backup if "archive" in job.kind else strip.store
    return product or strip.raw


def _causes(problem: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = problem
    while seen is not None:
        yield seen
        seen = seen.__cause__


def _words(problem: Exception) -> str:
    if isinstance(problem, OSError) and problem.filename is not None and problem.strerror:
        return f"{problem.filename}: {problem.strerror}"
    with contextlib.suppress(IndexError):
        return str(problem).splitlines()[0]
    return type(problem).__name__
