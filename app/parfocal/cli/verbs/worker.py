"""Work the queue off, without a window."""

import argparse
import threading
import time
from collections.abc import Callable

from parfocal.cli._dispatch import Outcome
from parfocal.cli._long_work import long_work
from parfocal.cli._queue import (
    add_queue_argument,
    add_worker_arguments,
    comes_first,
    open_queue,
    silent_acquisitions,
)
from parfocal.jobs import (
    Database,
    ScanWatch,
    Worker,
    configs_of_scans,
    cpus_of_scans,
    gently,
    has_work,
    is_idle,
    serve_alone,
    state_of,
)

LINGER_S = 5.0
"""So long it stays when nothing is left: a person who retries a job need not wait for a start."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_queue_argument(parser)
    add_worker_arguments(parser)
    parser.add_argument(
        "--cpus", type=_numbers, metavar="0,1", help="the processors to work on (default: all)"
    )
    parser.add_argument(
        "--until-idle", action="store_true", help="leave when nothing goes on by itself any more"
    )
    parser.add_argument(
        "--serve",
        action="store_true",
        help="watch the scans that were chosen in the window too, and leave when nothing is left; "
        "one such process works on a queue",
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Work until Ctrl-C; what is unfinished then is gone on with by the next worker."""
    if arguments.serve:
        return _serve(arguments)
    with open_queue(arguments) as database, gently(arguments.cpus), long_work() as work:
        worker = Worker(
            database,
            workers=arguments.workers or 2,
            busy=comes_first(arguments),
        )
        worker.run(work.cancelled, lambda: bool(arguments.until_idle) and is_idle(database))
        return _told(database)


def _serve(arguments: argparse.Namespace) -> Outcome:
    """Be what the window has its work done by, for as long as there is any."""
    with open_queue(arguments) as database, serve_alone(database.path) as alone:
        if not alone:
            return _told(database)
        scans = configs_of_scans(database)
        workers = arguments.workers or max((one.workers for one in scans), default=2)
        with gently(arguments.cpus or cpus_of_scans(scans)), long_work() as work:
            ended = threading.Event()
            watch = ScanWatch(database, silent_acquisitions)
            watching = threading.Thread(target=watch.run, args=(ended,), name="parfocal scans")
            watching.start()
            try:
                worker = Worker(database, workers=workers, busy=comes_first(arguments))
                worker.run(work.cancelled, Patience(lambda: not has_work(database), LINGER_S))
            finally:
                ended.set()
                watching.join()
        return _told(database)


class Patience:
    """Says yes once something has been so for a while."""

    def __init__(self, holds: Callable[[], bool], seconds: float) -> None:
        self._holds = holds
        self._seconds = seconds
        self._since: float | None = None

    def __call__(self) -> bool:
        now = time.monotonic()
        if not self._holds():
            self._since = None
        elif self._since is None:
            self._since = now
        return self._since is not None and now - self._since >= self._seconds


def _told(database: Database) -> Outcome:
    state = state_of(database)
    counts = ", ".join(f"{many} {name}" for name, many in state["jobs"].items())
    return Outcome(state, f"{state['queue']}: {counts or 'no jobs'}")


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as problem:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of numbers as 0,1") from problem
