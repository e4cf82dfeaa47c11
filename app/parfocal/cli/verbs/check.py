"""Check a store strictly."""

import argparse
from pathlib import Path

from parfocal.cli._dispatch import Outcome
from parfocal.store import CheckReport, check


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("store", type=Path, metavar="STORE", help="an .ome.zarr folder")
    parser.add_argument("--deep", action="store_true", help="decode every chunk as well")


def run(arguments: argparse.Namespace) -> Outcome:
    """Check the store; not ok when a finding is an error."""
    report = check(arguments.store, deep=arguments.deep)
    value = {"store": str(arguments.store.absolute()), **report.as_json()}
    return Outcome(value, _text(report), ok=report.ok)


def _text(report: CheckReport) -> str:
    lines = [
        f"{found.severity}: {found.path}: {found.message} [{found.rule}]\n  {found.fix}"
        for found in report.findings
    ]
    return "\n".join([*lines, "ok" if report.ok else "not ok"])
