"""Make a canonical store of an older or foreign Zarr store."""

import argparse
from pathlib import Path

from parfocal.cli._conversion import add_conversion_arguments, converted
from parfocal.cli._dispatch import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("source", type=Path, metavar="SRC", help="a Zarr store, v2 or v3")
    add_conversion_arguments(parser)


def run(arguments: argparse.Namespace) -> Outcome:
    """Migrate it; the source is never written to."""
    return converted(arguments, [arguments.source], "migrate")
