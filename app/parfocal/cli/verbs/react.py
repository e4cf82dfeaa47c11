"""Analyse a store again with another pipeline."""

import argparse
import os
from pathlib import Path

from parfocal import counted
from parfocal.cli._dispatch import Outcome
from parfocal.cli._long_work import long_work
from parfocal.react import analyse_again, read_pipeline


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("store", type=Path, metavar="STORE", help="an .ome.zarr that Parfocal made")
    parser.add_argument(
        "--pipeline", type=Path, required=True, metavar="FILE", help="the pipeline, YAML or JSON"
    )
    parser.add_argument(
        "--name", metavar="NAME", help="of the new labels (default: cells, cells-2 …)"
    )
    parser.add_argument(
        "--processes",
        type=int,
        choices=range(1, 65),
        default=1,
        metavar="N",
        help=f"how many pictures at a time (default: 1; this computer has {os.cpu_count()} cores)",
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Make a new result."""
    pipeline = read_pipeline(arguments.pipeline)
    with long_work() as work:
        done = analyse_again(
            arguments.store,
            pipeline,
            name=arguments.name,
            processes=arguments.processes,
            progress=work.show,
            cancelled=work.cancelled,
        )
    tracks = f", {counted(done.tracks, 'track')}" if done.tracks else ""
    text = (
        f"{done.result}: {counted(done.cells, 'cell')} in {counted(done.frames, 'picture')}"
        f"{tracks}; labels {done.result!r}, table {done.table!r} of {done.store}"
    )
    return Outcome(done.as_json(), text)
