"""What the verbs of the queue share: which queue, who comes first, and how jobs are told."""

import argparse
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from parfocal.cli._dispatch import Outcome
from parfocal.jobs import Database, Job, JobError, add_job, job_of

__all__ = [
    "add_later_arguments",
    "add_queue_argument",
    "add_worker_arguments",
    "comes_first",
    "jobs_in_words",
    "open_known_queue",
    "open_queue",
    "queued",
    "silent_acquisitions",
]


def add_queue_argument(parser: argparse.ArgumentParser) -> None:
    """Declare which queue is meant."""
    parser.add_argument(
        "--queue", type=Path, metavar="FILE", help="another queue than this user's (a local disk)"
    )


def add_worker_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare how the work is done."""
    parser.add_argument(
        "--workers", type=_count, metavar="N", help="strips compressed at once (default: 2)"
    )
    parser.add_argument(
        "--during-acquisitions",
        action="store_true",
        help="do not give way to a run of this computer",
    )


@contextmanager
def open_known_queue(arguments: argparse.Namespace) -> Iterator[Database]:
    """The same for a verb that only looks and steers: a name that was mistyped makes none."""
    if arguments.queue is not None and not arguments.queue.exists():
        raise JobError(f"there is no queue {arguments.queue}; `worker` and `watch` make one")
    with open_queue(arguments) as database:
        yield database


@contextmanager
def open_queue(arguments: argparse.Namespace) -> Iterator[Database]:
    """The queue for as long as the verb lasts."""
    database = Database(arguments.queue)
    try:
        yield database
    except sqlite3.DatabaseError as problem:
        raise JobError(f"the queue {database.path} cannot be used: {problem}") from problem
    finally:
        database.close()


def add_later_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare that it may be left to the queue."""
    parser.add_argument(
        "--later", action="store_true", help="only queue it; `parfocal worker` does it"
    )
    add_queue_argument(parser)


def queued(arguments: argparse.Namespace, kind: str, payload: Mapping[str, Any]) -> Outcome:
    """Leave it to the queue; the same, asked for again while it waits, is one job."""
    with open_queue(arguments) as database:
        target = payload.get("output") or payload["store"]
        job = job_of(database, add_job(database, kind, payload, f"{kind} {target}"))
    return Outcome(job.as_json(), f"queued as job {job.id}; `parfocal worker` does it")


def comes_first(arguments: argparse.Namespace) -> Callable[[], bool]:
    """Whether a run of this user on this computer is on, to which the work gives way."""
    if arguments.during_acquisitions:
        return lambda: False
    from parfocal.run import runs_going_on  # MMCore costs a second

    return lambda: bool(runs_going_on())


def silent_acquisitions() -> Iterable[tuple[str, str]]:
    """Runs that should go on and say nothing any more; each is told once."""
    from parfocal.run import silent_runs

    return [
        (
            f"silent/{run.path.name}/{run.heartbeat:.0f}",
            f"the run {run.name or run.store.name} has said nothing for {run.silent_s:.0f} s: "
            f"look at {run.host}",
        )
        for run in silent_runs()
    ]


def jobs_in_words(jobs: Sequence[Job]) -> str:
    """A line a job."""
    lines = [f"{'id':>5} {'state':<10} {'stage':<15} strip or target"]
    for job in jobs:
        about = job.strip or _about(job.payload)
        lines.append(f"{job.id:>5} {job.state:<10} {job.kind:<15} {about}")
        if job.error:
            lines.append(f"{'':>6}{job.error}")
    return "\n".join(lines) if jobs else "there are no jobs"


def _about(payload: Any) -> str:
    return str(payload.get("output") or payload.get("store") or "")


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 64")
    return int(text)
