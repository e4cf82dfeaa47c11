"""See the queue, and decide what becomes of its jobs."""

import argparse

from parfocal.cli._dispatch import Outcome
from parfocal.cli._queue import add_queue_argument, jobs_in_words, open_known_queue
from parfocal.jobs import (
    Database,
    Job,
    JobError,
    State,
    cancel_job,
    holds,
    job_of,
    list_jobs,
    pause,
    resume,
    retry_job,
    story_of,
)

ABOUT_ONE = ("show", "retry", "cancel")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "action", choices=("list", *ABOUT_ONE, "pause", "resume"), help="what to do"
    )
    parser.add_argument("id", type=int, nargs="?", metavar="ID", help="of show, retry and cancel")
    parser.add_argument("--state", choices=[str(state) for state in State], help="of list")
    parser.add_argument("--confirm", metavar="WORDS", help="of retry: what its message asks for")
    add_queue_argument(parser)


def run(arguments: argparse.Namespace) -> Outcome:
    """Do it."""
    action = arguments.action
    if (arguments.id is None) is (action in ABOUT_ONE):
        raise JobError(f"`parfocal jobs {action}` takes {'an' if action in ABOUT_ONE else 'no'} ID")
    with open_known_queue(arguments) as database:
        if action in ABOUT_ONE:
            return _one(database, action, arguments.id, arguments.confirm)
        if action == "pause":
            pause(database)
        elif action == "resume":
            resume(database)
        jobs = list_jobs(database, arguments.state)
        why = holds(database)
    lines = [f"the queue stands: {words}" for words in why.values()]
    if action == "list":
        lines.append(jobs_in_words(jobs))
    elif not why:
        lines.append("the queue goes on")
    return Outcome({"jobs": [job.as_json() for job in jobs], "holds": why}, "\n".join(lines))


def _one(database: Database, action: str, number: int, confirm: str | None) -> Outcome:
    if action == "retry":
        job = retry_job(database, number, confirm)
    elif action == "cancel":
        job = cancel_job(database, number)
    else:
        job = job_of(database, number)
    story = story_of(database, job)
    return Outcome({**job.as_json(), "story": story}, _text(job, story))


def _text(job: Job, story: list[dict[str, str]]) -> str:
    lines = [jobs_in_words([job])]
    lines += [f"  {one['utc']}  {one['kind']}: {one['words']}" for one in story]
    return "\n".join(lines)
