"""Measure how fast the queue hands out jobs to many processes, none of them twice."""

import multiprocessing
import sqlite3
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import perf_counter

from parfocal import ParfocalError
from parfocal.cli.bench._pairs import Row, paired
from parfocal.cli.bench._process import scratch
from parfocal.jobs import Database, Leases, Outcome

__all__ = ["rows"]

JOBS, PROCESSES = 10_000, 6
NAME = "queue-vs-bare-sqlite"
NOTE = (
    "{jobs} jobs claimed and done by {processes} processes on one queue, none twice; two durable "
    "changes a job (WAL, synchronous=FULL). Ours: lease, fence, event and what waits for it. Peer: "
    "a bare table in SQLite, one UPDATE … RETURNING to claim a row and one UPDATE to end it, by as "
    "many processes with the same settings"
)


def rows(runs: int) -> list[Row]:
    """The row of the queue in `parfocal bench strip`; ten thousand jobs are a minute or more."""
    del runs
    with scratch() as folder:

        def ours() -> float:
            return _claims_a_second(folder / "ours.sqlite", _fill_ours, _work_ours)

        def peer() -> float:
            return _claims_a_second(folder / "bare.sqlite", _fill_bare, _work_bare)

        note = NOTE.format(jobs=f"{JOBS:,}", processes=PROCESSES)
        return [paired(NAME, ours, peer, unit="jobs/s", better="higher", runs=1, note=note)]


def _claims_a_second(
    path: Path, fill: Callable[[Path], None], work: Callable[[Path], list[int]]
) -> float:
    fill(path)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        list(pool.map(_ready, range(PROCESSES)))
        began = perf_counter()
        done = [pool.submit(work, path) for _ in range(PROCESSES)]
        claimed = [number for one in done for number in one.result()]
        seconds = perf_counter() - began
    if len(claimed) != JOBS or len(set(claimed)) != JOBS:
        raise ParfocalError(
            f"{JOBS} jobs were queued, {len(claimed)} claims were made of {len(set(claimed))} jobs"
        )
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    return JOBS / seconds


def _ready(number: int) -> int:
    """Processes start, and what they import is imported, before the time begins."""
    return number


def _fill_ours(path: Path) -> None:
    database = Database(path)
    with database.change() as sql:
        sql.executemany(
            "INSERT INTO job (key, kind, lane, state, created, changed) "
            "VALUES (?, 'none', 'light', 'ready', 0, 0)",
            [(f"job {number}",) for number in range(JOBS)],
        )
    database.close()


def _work_ours(path: Path) -> list[int]:
    database = Database(path)
    leases, mine = Leases(database), []
    while (job := leases.claim("bench", {})) is not None:
        leases.complete(job, Outcome())
        mine.append(job.id)
    database.close()
    return mine


def _bare(path: Path) -> sqlite3.Connection:
    opened = sqlite3.connect(path, 30.0, isolation_level=None)
    opened.execute("PRAGMA journal_mode = WAL")
    opened.execute("PRAGMA synchronous = FULL")
    return opened


def _fill_bare(path: Path) -> None:
    opened = _bare(path)
    opened.execute("CREATE TABLE job (id INTEGER PRIMARY KEY, state INTEGER)")
    opened.execute("CREATE INDEX job_next ON job (state, id)")
    opened.execute("BEGIN")
    opened.executemany("INSERT INTO job VALUES (?, 0)", [(number,) for number in range(JOBS)])
    opened.execute("COMMIT")
    opened.close()


def _work_bare(path: Path) -> list[int]:
    opened, mine = _bare(path), []
    claim = (
        "UPDATE job SET state = 1 WHERE id = (SELECT id FROM job WHERE state = 0 ORDER BY id "
        "LIMIT 1) RETURNING id"
    )
    while (row := opened.execute(claim).fetchall()) != []:
        opened.execute("UPDATE job SET state = 2 WHERE id = ?", row[0])
        mine.append(row[0][0])
    opened.close()
    return mine
