"""Put the store that a conversion replaced back in its place."""

import argparse
from pathlib import Path

from parfocal.cli._dispatch import Outcome
from parfocal.convert import discard_previous, rollback


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("store", type=Path, metavar="STORE", help="the store that replaced another")
    parser.add_argument(
        "--discard-previous", action="store_true", help="delete what it replaced, for good"
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Exchange the two, or give the older one up."""
    if arguments.discard_previous:
        gone = discard_previous(arguments.store)
        text = f"nothing was kept beside {arguments.store}"
        if gone:
            text = "deleted " + ", ".join(str(each) for each in gone)
        return Outcome({"store": str(arguments.store), "deleted": [str(one) for one in gone]}, text)
    store = rollback(arguments.store)
    return Outcome({"store": str(store)}, f"{store} is the one from before; again takes it back")
