"""Take one strip through its chain."""

import argparse
import os
from pathlib import Path

from parfocal.cli._dispatch import Outcome
from parfocal.cli._long_work import long_work
from parfocal.cli._queue import (
    add_queue_argument,
    add_worker_arguments,
    comes_first,
    jobs_in_words,
    open_queue,
)
from parfocal.jobs import (
    JobError,
    State,
    Worker,
    admit,
    gently,
    is_idle,
    list_jobs,
    read_config,
)

BROKEN = frozenset({State.FAILED, State.PARKED})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("path", type=Path, metavar="PATH", help="the strip's folder")
    parser.add_argument("--config", type=Path, required=True, help="the scan's YAML file")
    parser.add_argument(
        "--force", action="store_true", help="begin anew what was completed already"
    )
    parser.add_argument("--no-work", action="store_true", help="only queue it")
    add_queue_argument(parser)
    add_worker_arguments(parser)


def run(arguments: argparse.Namespace) -> Outcome:
    """Queue it and do it; exit code 1 when a person is needed."""
    config = read_config(arguments.config)
    # as `watch` names it: another name for the same folder would be a conflict
    raw = Path(os.path.normpath(config.local(arguments.path).absolute()))
    name = config.name_of(raw)
    if name is None:
        raise JobError(f"{raw} is not named as {config.pattern!r} says, so it is no strip")
    if not raw.is_dir():
        raise JobError(f"there is no folder {raw}")
    with open_queue(arguments) as database:
        decision = admit(database, name, raw, config, force=arguments.force)
        if not arguments.no_work and decision.action != "conflict":
            with gently(config.cpu_affinity), long_work() as work:
                Worker(
                    database,
                    workers=arguments.workers or config.workers,
                    busy=comes_first(arguments),
                    only=name.key,
                ).run(work.cancelled, lambda: is_idle(database, name.key))
        jobs = [job for job in list_jobs(database) if job.strip == name.key]
    newest = max(job.generation for job in jobs)
    jobs = [job for job in jobs if job.generation == newest]
    value = {**decision.as_json(), "jobs": [job.as_json() for job in jobs]}
    words = f"{name.words}: {decision.action}, {decision.why}\n{jobs_in_words(jobs)}"
    ok = decision.action != "conflict" and not any(job.state in BROKEN for job in jobs)
    return Outcome(value, words, ok)
