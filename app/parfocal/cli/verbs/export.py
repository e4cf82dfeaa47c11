"""Export a store as an OME-TIFF, or as a store of its own."""

import argparse
from pathlib import Path

from parfocal import counted
from parfocal.cli._dispatch import Outcome
from parfocal.cli._long_work import long_work
from parfocal.cli._queue import add_later_arguments, queued
from parfocal.store import export


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("store", type=Path, metavar="STORE", help="an .ome.zarr of any origin")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--mip", choices=("t", "c", "z", "y", "x"), metavar="AXIS", help="the largest along an axis"
    )
    what.add_argument("--volume", action="store_true", help="every plane")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help=".ome.tif (.tif, .tiff) or .ome.zarr",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace FILE once it is complete")
    add_later_arguments(parser)


def run(arguments: argparse.Namespace) -> Outcome:
    """Write it; it is there only when it is complete."""
    if arguments.later:
        told = {"store": str(arguments.store.absolute()), "mip": arguments.mip}
        told |= {"output": str(arguments.output.absolute()), "overwrite": arguments.overwrite}
        return queued(arguments, "export", told)
    with long_work() as work:
        report = export(
            arguments.store,
            arguments.output,
            mip=arguments.mip,
            volume=arguments.volume,
            overwrite=arguments.overwrite,
            progress=work.show,
            cancelled=work.cancelled,
        )
    planes, images = counted(report.planes, "plane"), counted(report.images, "image")
    text = f"{planes} of {images} in {report.file}"
    if report.missing:
        text += f"; left out: {counted(report.missing, 'missing plane')}"
    return Outcome(report.as_json(), text)
