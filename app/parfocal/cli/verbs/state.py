"""Show how all strips stand, or forget what was done with one."""

import argparse

from parfocal.cli._dispatch import Outcome
from parfocal.cli._queue import add_queue_argument, open_known_queue
from parfocal.jobs import JobError, reset_strip, state_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("show", "reset"), help="what to do")
    parser.add_argument(
        "strip",
        nargs="?",
        metavar="STRIP",
        help="of reset: its name as `show` says it",
    )
    add_queue_argument(parser)


def run(arguments: argparse.Namespace) -> Outcome:
    """Do it; `reset` touches no file, and the strip is taken for a new one."""
    if (arguments.strip is None) is (arguments.action == "reset"):
        takes = "the strip to forget" if arguments.action == "reset" else "no strip"
        raise JobError(f"`parfocal state {arguments.action}` takes {takes}")
    with open_known_queue(arguments) as database:
        if arguments.action == "reset":
            reset_strip(database, arguments.strip)
        state = state_of(database)
    lines = [f"{state['queue']}"]
    lines += [
        f"{one['strip']} (generation {one['generation']}): {one['stage']} {one['state']} "
        f"{one['error']}".rstrip()
        for one in state["strips"]
    ]
    lines += [f"the queue stands: {why}" for why in state["holds"].values()]
    lines += [f"letters {name}: {many}" for name, many in state["letters"].items()]
    return Outcome(state, "\n".join(lines))
