"""Make the coarser levels of a store."""

import argparse
from pathlib import Path
from typing import get_args

from parfocal import counted
from parfocal.cli._dispatch import Outcome
from parfocal.cli._long_work import long_work
from parfocal.cli._queue import add_later_arguments, queued
from parfocal.store import Downsampling, write_pyramid


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("store", type=Path, metavar="STORE", help="an .ome.zarr that Parfocal made")
    parser.add_argument(
        "--method",
        choices=get_args(Downsampling),
        default="mean",
        help="how voxels are combined (default: %(default)s)",
    )
    add_later_arguments(parser)


def run(arguments: argparse.Namespace) -> Outcome:
    """Make what is missing."""
    if arguments.later:
        told = {"store": str(arguments.store.absolute()), "method": arguments.method}
        return queued(arguments, "pyramid", told)
    with long_work() as work:
        report = write_pyramid(
            arguments.store, method=arguments.method, progress=work.show, cancelled=work.cancelled
        )
    most = max(report.levels, default=0)
    what = f"{counted(report.made, 'level')} made" if report.made else "nothing to do"
    return Outcome(report.as_json(), f"{what}: {report.store} has {counted(most, 'level')}")
