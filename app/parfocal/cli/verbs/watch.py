"""Watch a scan's folders, and take every strip through its chain."""

import argparse
import threading
from pathlib import Path

from parfocal.cli._dispatch import Outcome
from parfocal.cli._long_work import long_work
from parfocal.cli._queue import (
    add_queue_argument,
    add_worker_arguments,
    comes_first,
    open_queue,
    silent_acquisitions,
)
from parfocal.jobs import JobError, Watcher, Worker, gently, is_idle, read_config, state_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("config", type=Path, metavar="CONFIG", help="the scan's YAML file")
    add_queue_argument(parser)
    add_worker_arguments(parser)
    parser.add_argument(
        "--once", action="store_true", help="look once, do what there is, and leave"
    )
    parser.add_argument(
        "--no-work", action="store_true", help="only watch: `parfocal worker` does the rest"
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Watch until Ctrl-C."""
    config = read_config(arguments.config)
    if not config.watch:
        raise JobError(f"{arguments.config} names no folders to watch")
    with (
        open_queue(arguments) as database,
        gently(config.cpu_affinity),
        long_work() as work,
    ):
        watcher = Watcher(database, config, silent_acquisitions)
        watcher.look()
        ended = threading.Event()
        looking = threading.Thread(target=watcher.run, args=(ended,), name="parfocal watch")
        if not arguments.once:
            looking.start()
        try:
            if arguments.no_work:
                while not arguments.once and not work.cancelled.wait(0.2):
                    pass
            else:
                worker = Worker(
                    database,
                    workers=arguments.workers or config.workers,
                    busy=comes_first(arguments),
                )
                worker.run(work.cancelled, lambda: bool(arguments.once) and is_idle(database))
        finally:
            ended.set()
            if looking.ident is not None:
                looking.join()
        state = state_of(database)
    value = {**state, "offline": [str(folder) for folder in watcher.offline]}
    lines = [f"{one['strip']}: {one['stage']} {one['state']}" for one in state["strips"]]
    lines += [f"{folder} is offline" for folder in watcher.offline]
    return Outcome(value, "\n".join(lines) or "there are no strips yet")
