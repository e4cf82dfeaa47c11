"""Check a store strictly."""

import argparse
from pathlib import Path

from parfocal.cli._dispatch import Outcome
from parfocal.cli._long_work import long_work
from parfocal.store import CheckReport, StoreCancelled, check


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("store", type=Path, metavar="STORE", help="an .ome.zarr folder")
    parser.add_argument("--deep", action="store_true", help="decode every chunk as well")


def run(arguments: argparse.Namespace) -> Outcome:
    """Check the store; not ok when a finding is an error."""
    with long_work() as work:

        def between() -> None:
            # not by an exception in the midst of zarr's own thread, which then says a lot
            if work.cancelled.is_set():
                raise StoreCancelled(f"the check of {arguments.store} was cancelled")

        report = check(arguments.store, deep=arguments.deep, between=between)
        between()
    value = {"store": str(arguments.store.absolute()), **report.as_json()}
    return Outcome(value, _text(report), ok=report.ok)


def _text(report: CheckReport) -> str:
    lines = [
        f"{found.severity}: {found.path}: {found.message} [{found.rule}]\n  {found.fix}"
        for found in report.findings
    ]
    return "\n".join([*lines, "ok" if report.ok else "not ok"])
