"""Make a canonical store of foreign files."""

import argparse
from pathlib import Path

from parfocal.cli._conversion import add_conversion_arguments, converted
from parfocal.cli._dispatch import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("sources", type=Path, nargs="+", metavar="SRC", help="files or a folder")
    add_conversion_arguments(parser)


def run(arguments: argparse.Namespace) -> Outcome:
    """Ingest them; the sources are never written to."""
    return converted(arguments, arguments.sources, "ingest")
