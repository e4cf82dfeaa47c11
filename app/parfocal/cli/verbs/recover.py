"""Repair the store of a recording that was killed."""

import argparse
from pathlib import Path

from parfocal.cli._dispatch import Outcome
from parfocal.cli._long_work import long_work
from parfocal.store import RecoveryReport, recover


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("store", type=Path, metavar="STORE", help="an .ome.zarr folder")
    parser.add_argument(
        "--deep",
        action="store_true",
        help="also look at the checksum of every chunk, of a closed store too",
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Recover the store; one that needs nothing is left as it is."""
    with long_work() as work:
        report = recover(arguments.store, work.show, cancelled=work.cancelled, deep=arguments.deep)
    return Outcome(report.as_json(), _text(report))


def _text(report: RecoveryReport) -> str:
    lines = [f"{report.store}: {report.sentence}"]
    if report.note:
        lines.append(report.note)
    return "\n".join(lines)
