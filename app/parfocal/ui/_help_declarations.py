"""What Help and the settings offer, declared."""

from __future__ import annotations

from parfocal.ui._declared import Declared
from parfocal.ui.text import tr


def settings_actions() -> tuple[Declared, ...]:
    """What a person chose for this program."""
    return (
        Declared(
            "edit.settings",
            tr("&Settings…"),
            "cog-outline",
            "edit/9_settings",
            "Ctrl+,",
            tr("Theme, folders, runs, viewer, messages, updates and shortcuts"),
        ),
    )


def help_actions() -> tuple[Declared, ...]:
    """Where to begin, what there is, and what to do when something is wrong."""
    return (
        Declared(
            "help.tour",
            tr("&First steps"),
            "flag",
            "help/0_begin",
            "",
            tr("Run the demo experiment, look at it in napari, open a folder of your own"),
        ),
        Declared(
            "help.shortcuts",
            tr("&Keyboard shortcuts…"),
            "keyboard-outline",
            "help/0_begin",
            "",
            tr("Every action with its keys; they can be changed"),
        ),
        Declared("help.doctor", tr("What is &installed…"), "stethoscope", "help/1_ask"),
        Declared("help.logs", tr("Show &logs"), "text-box-outline", "help/1_ask"),
        Declared(
            "help.report",
            tr("&Report a problem…"),
            "bug-outline",
            "help/1_ask",
            "",
            tr("Put log, versions, profile, plan and a picture of the window into one file"),
        ),
        Declared("help.about", tr("&About Parfocal"), "information-outline", "help/2_about"),
    )
