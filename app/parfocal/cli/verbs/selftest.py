"""Try everything once, from the camera to napari's preferences, and say what works."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from parfocal import __version__
from parfocal.cli._dispatch import Outcome

if TYPE_CHECKING:
    from parfocal.cli.selftest import Course

OWN_PLACES = ("CONFIG", "CACHE", "DATA", "STATE")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say where the stores may stay."""
    parser.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        type=Path,
        help="keep what is made here (default: a folder that is deleted)",
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Take every step; where there is no display, on a virtual one. Exit 1 when one fails."""
    # before the steps: the places of a user are read when their libraries are imported
    with tempfile.TemporaryDirectory(prefix="parfocal-selftest-") as place, _own_home(Path(place)):
        folder: Path = (arguments.output or Path(place) / "made").absolute()
        folder.mkdir(parents=True, exist_ok=True)
        course = _taken(folder)
    failed = [one.name for one in course.results if not one.ok]
    count = len(course.results)
    value = {
        "ok": course.ok,
        "version": __version__,
        "frozen": bool(getattr(sys, "frozen", False)),
        "steps": [one.as_json() for one in course.results],
    }
    text = f"all {count} steps went well"
    if failed:
        text = f"{len(failed)} of {count} steps failed: {', '.join(failed)}"
    return Outcome(value, text, ok=course.ok)


def _taken(folder: Path) -> "Course":
    from parfocal.cli.selftest import Course, take_steps
    from parfocal.viewer import ViewerError, display_problem, virtual_display

    with virtual_display():
        if problem := display_problem():
            raise ViewerError(problem)  # Qt would abort the process instead
        from parfocal.ui.panel_tour import tour_panels

        course = Course(folder, _say)
        take_steps(course, tour_panels)
    return course


@contextmanager
def _own_home(place: Path) -> Iterator[None]:
    """Keep away from what a person chose: settings, kept windows, lists of conversions.

    Where a system has its places elsewhere (Windows, macOS) every step cleans up after itself.
    """
    names = {f"XDG_{one}_HOME": place / one.lower() for one in OWN_PLACES}
    names["PARFOCAL_PROFILES"] = place / "profiles"
    before = {name: os.environ.get(name) for name in names}
    for name, folder in names.items():
        folder.mkdir(parents=True)
        os.environ[name] = str(folder)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _say(step: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"selftest: {step}\n")
        sys.stderr.flush()
