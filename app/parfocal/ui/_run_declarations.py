"""What the window can do with a run, declared for its menu, the buttons and the palette."""

from __future__ import annotations

from parfocal.ui._declared import Declared
from parfocal.ui.text import tr

__all__ = ["run_actions"]


def run_actions() -> tuple[Declared, ...]:
    """The menu Run."""
    return (
        Declared(
            "run.start",
            tr("&Run the experiment"),
            "play",
            "run/1_run",
            "F5",
            tr("Record the experiment that is open in Design"),
        ),
        Declared(
            "run.pause",
            tr("&Pause or continue"),
            "pause",
            "run/1_run",
            "F6",
            tr("Hold the run before its next event, or go on"),
        ),
        Declared(
            "run.continue",
            tr("&Continue from the hold"),
            "skip-next",
            "run/1_run",
            "F7",
            tr("What the run asked for is done: go on"),
            short=tr("Continue"),
        ),
        Declared(
            "run.end_wait",
            tr("Go on &now, before the wait is over"),
            "chevron-double-right",
            "run/1_run",
            "",
            tr("End the wait that counts down; what comes behind it counts from now"),
            short=tr("Go on now"),
        ),
        Declared(
            "run.change",
            tr("Chan&ge what remains…"),
            "playlist-edit",
            "run/1_run",
            "F8",
            tr("Replace the rest of the run by the plan in Design, or add that plan to it"),
            short=tr("Change…"),
        ),
        Declared(
            "run.stop",
            tr("S&top the run"),
            "stop",
            "run/1_run",
            "Ctrl+.",
            tr("End the run; what was recorded stays readable"),
            short=tr("Stop"),
            bar="safety",
        ),
        Declared(
            "run.keep_open",
            tr("&Keep the store open at the end"),
            "lock-open-outline",
            "run/1_run",
            "",
            tr("Hold when the plan is done, so that more can be added to the same store"),
            checkable=True,
        ),
        Declared(
            "run.viewer",
            tr("Open a &viewer when a run starts"),
            "monitor-eye",
            "run/2_viewer",
            "",
            tr("Where the plan names no viewer, open one that shows everything"),
            checkable=True,
        ),
    )
