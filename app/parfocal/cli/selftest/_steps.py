"""The steps in their order; they are the same from source, bundle and installed package."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from parfocal.cli.selftest._course import Course
from parfocal.cli.selftest._leaving import leave_clean
from parfocal.cli.selftest._products import analyse, export_store, ingest, make_levels
from parfocal.cli.selftest._recording import PROFILES, check_store, record, snap
from parfocal.cli.selftest._viewing import Viewing

__all__ = ["take_steps"]

EXERCISES = ("labels", "points", "3-d", "preferences")


def take_steps(course: Course, tour: Callable[[Path | None], tuple[str, ...]]) -> None:
    """Take them all; `tour` opens what the window has."""
    step = course.step
    for profile in PROFILES:
        step(f"snap-{profile}", partial(snap, profile))
    for profile in PROFILES:
        step(f"record-{profile}", partial(record, profile, course))
    for profile in PROFILES:
        step(f"check-{profile}", partial(_check_recorded, course, profile))
    step("pyramid", partial(make_levels, course))
    viewing = Viewing(course)
    step("viewer-start", viewing.start)  # it opens while other steps are taken
    step("analyse", partial(_analyse, course))
    step("ingest", partial(ingest, course))
    step("export", partial(export_store, course))
    step("panels", lambda: _in_words(tour(course.has_made("record-demo"))))
    step("viewer-image", viewing.image)
    step("viewer-results", viewing.results)
    for what in EXERCISES:
        step(f"viewer-{what}", partial(viewing.exercise, what))
    step("viewer-exit", viewing.end)
    step("viewer-log", viewing.log)
    step("clean-exit", leave_clean)


def _check_recorded(course: Course, profile: str) -> str:
    return check_store(course.made(f"record-{profile}"))


def _analyse(course: Course) -> str:
    said = analyse(course)
    course.keep("analyse", course.made("record-demo"))
    return said


def _in_words(opened: tuple[str, ...]) -> str:
    return f"{len(opened)} opened: {', '.join(opened)}"
