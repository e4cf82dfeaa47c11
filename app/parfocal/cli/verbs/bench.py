"""Run the benchmarks: paired runs in one call, medians, one row a line."""

import argparse
import importlib
from collections.abc import Sequence

from parfocal import ParfocalError
from parfocal.cli._dispatch import Outcome
from parfocal.cli.bench import Row

# A table and not a folder scan: a frozen build has no folder
BENCHES: dict[str, str] = {
    "acquire": "parfocal.cli.bench._acquire",
    "convert": "parfocal.cli.bench._convert",
    "design": "parfocal.cli.bench._design",
    "live": "parfocal.cli.bench._live",
    "react": "parfocal.cli.bench._react",
    "record": "parfocal.cli.bench._record",
    "soak": "parfocal.cli.bench._soak",
    "stalls": "parfocal.cli.bench._stalls",
    "start": "parfocal.cli.bench._start",
    "strip": "parfocal.cli.bench._strip",
    "ui": "parfocal.cli.bench._ui",
}
MOST_RUNS = 99
MOST_SECONDS = 24 * 3600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHES)} (default: all of them)"
    )
    parser.add_argument("--runs", type=int, default=5, help="pairs of runs a row (default: 5)")
    parser.add_argument("--seconds", type=int, default=60, help="length of the soak (default: 60)")


def run(arguments: argparse.Namespace) -> Outcome:
    """Run the named benchmarks."""
    names: list[str] = arguments.names or sorted(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        raise ParfocalError(
            f"there is no benchmark {unknown[0]!r}; there are {', '.join(sorted(BENCHES))}"
        )
    if not 1 <= arguments.runs <= MOST_RUNS:
        raise ParfocalError(f"--runs takes 1 to {MOST_RUNS}, not {arguments.runs}")
    if not 1 <= arguments.seconds <= MOST_SECONDS:
        raise ParfocalError(f"--seconds takes 1 to {MOST_SECONDS}, not {arguments.seconds}")
    rows: list[Row] = []
    for name in names:
        length = arguments.seconds if name == "soak" else arguments.runs
        rows.extend(importlib.import_module(BENCHES[name]).rows(length))
    return Outcome([row.as_json() for row in rows], _table(rows))


def _table(rows: Sequence[Row]) -> str:
    lines = [f"{'row':<28} {'ours':>10} {'peer':>10} {'unit':<9} {'ratio':>7}  better"]
    for row in rows:
        lines.append(
            f"{row.name:<28} {row.ours:>10.1f} {row.peer:>10.1f} {row.unit:<9} "
            f"{row.ratio:>7.3f}  {row.better}"
        )
        if row.note:
            lines.append(f"  {row.note}")
    return "\n".join(lines)
