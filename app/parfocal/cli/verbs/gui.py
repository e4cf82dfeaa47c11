"""Open the window: what a double-click and `parfocal` alone do."""

import argparse
from pathlib import Path

from parfocal.cli._dispatch import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may be opened."""
    parser.add_argument(
        "path",
        metavar="PLAN|STORE",
        nargs="?",
        type=Path,
        help="a plan, a store, or what else could be dropped on the window",
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Open it and return when it was closed."""
    from parfocal.ui import open_window

    code = open_window(arguments.path)
    return Outcome({"exit_code": code}, ok=code == 0)
