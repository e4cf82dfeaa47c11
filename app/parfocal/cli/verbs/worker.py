"""Work the queue off, without a window."""

import argparse

from parfocal.cli._dispatch import Outcome
from parfocal.cli._long_work import long_work
from parfocal.cli._queue import (
    add_queue_argument,
    add_worker_arguments,
    comes_first,
    open_queue,
)
from parfocal.jobs import Worker, gently, is_idle, state_of


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


def run(arguments: argparse.Namespace) -> Outcome:
    """Work until Ctrl-C; what is unfinished then is gone on with by the next worker."""
    with open_queue(arguments) as database, gently(arguments.cpus), long_work() as work:
        worker = Worker(
            database,
            workers=arguments.workers or 2,
            busy=comes_first(arguments),
        )
        worker.run(work.cancelled, lambda: bool(arguments.until_idle) and is_idle(database))
        state = state_of(database)
    counts = ", ".join(f"{many} {name}" for name, many in state["jobs"].items())
    return Outcome(state, f"{state['queue']}: {counts or 'no jobs'}")


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as problem:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of numbers as 0,1") from problem
