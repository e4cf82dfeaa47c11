"""What the window can do with the queue of jobs, declared for its menu and the palette."""

from __future__ import annotations

from parfocal.ui._declared import Declared
from parfocal.ui.text import tr

__all__ = ["jobs_actions"]


def jobs_actions() -> tuple[Declared, ...]:
    """The menu Jobs."""
    return (
        Declared(
            "jobs.watch",
            tr("&Watch a scan…"),
            "eye-outline",
            "jobs/1_queue",
            "Ctrl+Alt+J",
            tr("Choose the YAML file of a scan: its strips go their way from now on"),
        ),
        Declared(
            "jobs.new_scan",
            tr("&New scan…"),
            "file-plus-outline",
            "jobs/1_queue",
            "",
            tr("Set up in a form what becomes of a scan's strips"),
        ),
        Declared(
            "jobs.edit_scan",
            tr("&Edit scan…"),
            "file-cog-outline",
            "jobs/1_queue",
            "",
            tr("Change a scan's file in a form; what else is in it stays"),
        ),
        Declared(
            "jobs.pause",
            tr("&Pause all, or go on"),
            "pause-circle-outline",
            "jobs/1_queue",
            "",
            tr("Let no job start, and those that run pause as soon as they can"),
        ),
        Declared("jobs.retry", tr("&Retry the strip"), "refresh", "jobs/2_strip"),
        Declared(
            "jobs.force",
            tr("&Force from a stage on…"),
            "sync",
            "jobs/2_strip",
            "",
            tr("Do a stage of the chosen strip, and all that follows, once more"),
        ),
        Declared("jobs.cancel", tr("&Cancel the strip"), "close-circle-outline", "jobs/2_strip"),
        Declared(
            "jobs.answer",
            tr("Which strip is &meant?…"),
            "help-circle-outline",
            "jobs/2_strip",
            "",
            tr("Say whether data that came under a known name are the same strip or another one"),
        ),
        Declared(
            "jobs.only_needs_me",
            tr("Tell me &only what needs me"),
            "bell-outline",
            "jobs/3_tell",
            "",
            tr("Show no message of what went well"),
            checkable=True,
        ),
        Declared(
            "jobs.tray",
            tr("Tell me on the &desktop too"),
            "monitor-dashboard",
            "jobs/3_tell",
            "",
            tr("Where the desktop has a place for it, also while the window is not in front"),
            checkable=True,
        ),
    )
