"""Say what speaks for and against starting now, and what can be done about each of it."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from parfocal.plan import Experiment
from parfocal.ui.design_workspace._amend import within_limits
from parfocal.ui.text import size_in_words, tr

if TYPE_CHECKING:
    import threading

    from parfocal.run import Finding
    from parfocal.scope import Microscope

ORDER = ("error", "warning", "ok")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the preflight list."""

    severity: str
    """ok, warning or error"""
    text: str
    fix: str = ""
    """What can be done about it, as a word that `Fixes` knows."""
    choices: tuple[tuple[str, str], ...] = ()
    """What to choose from for it: (group, preset), or (what to do, in words)."""


def preflight_lines(
    experiment: Experiment,
    microscope: "Microscope | None",
    output: Path,
    budget_bytes: int,
    cancelled: "threading.Event",
) -> tuple[Line, ...]:
    """What speaks for and against starting now, worst first."""
    if microscope is None:
        sentence = tr("No microscope is open; open one in Microscope.")
        return (Line("error", sentence, "open-microscope"),)
    from parfocal.run import preflight

    findings = preflight(
        experiment, microscope, output, budget_bytes=budget_bytes, cancelled=cancelled
    )
    folder = output.parent
    if not folder.is_dir():  # it is made by the start; whether it can be is what matters
        findings = tuple(finding for finding in findings if finding.rule != "output")
        lines = [_about_new_folder(folder)]
    else:
        lines = []
    lines += [_line(finding, experiment, microscope) for finding in findings]
    said = {finding.rule for finding in findings} | ({"output"} if lines else set())
    lines += [Line("ok", text) for rule, text in _passed(microscope, output) if rule not in said]
    return tuple(sorted(lines, key=lambda line: ORDER.index(line.severity)))


def proposed_name(folder: Path, name: str) -> str:
    """The next store name in a folder that is not taken, without its ending."""
    from parfocal.ui.store_names import SUFFIX, free_store

    return free_store(folder, name).name.removesuffix(SUFFIX)


def has_errors(lines: tuple[Line, ...]) -> bool:
    """Whether something has to be changed before it can run."""
    return any(line.severity == "error" for line in lines)


def _line(finding: "Finding", experiment: Experiment, microscope: "Microscope") -> Line:
    word, _, name = finding.fix.partition(":")
    choices: tuple[tuple[str, str], ...] = ()
    fix = finding.fix
    if word == "edit-channel":
        groups = microscope.channel_groups()
        here = {group for group, presets in groups.items() if _asks(experiment, group, name)}
        choices = tuple(
            (group, preset)
            for group, presets in groups.items()
            for preset in presets
            if group in here or not here
        )
    elif word == "edit-limits":
        fix = _fix_of_limit(finding.message, experiment, microscope)
    elif word == "edit-phase":
        fix = f"{'leave-light' if finding.rule == 'projector' else 'give-id'}:{name}"
    elif word == "edit-pipeline":
        choices = _ways_out(experiment, name)
    return Line(finding.severity, _sentence(finding.message), fix, choices)


def _ways_out(experiment: Experiment, name: str) -> tuple[tuple[str, str], ...]:
    """What may be done about a pipeline that cannot work."""
    phases = [phase for phase in experiment.phases if phase.name == name]
    ways = [("show", tr("Show it"))]
    if any(phase.pipeline is not None for phase in phases):
        ways.append(("leave-analysis", tr("Leave the analysis out")))
    if any(phase.stimulate is not None for phase in phases):
        ways.append(("leave-light", tr("Leave the light out")))
    return tuple(ways)


def _asks(experiment: Experiment, group: str, preset: str) -> bool:
    return any(
        channel.group == group and channel.config == preset
        for phase in experiment.phases
        for channel in (
            *phase.sequence.channels,
            *(() if phase.reference is None else phase.reference.channels),
        )
    )


def _fix_of_limit(message: str, experiment: Experiment, microscope: "Microscope") -> str:
    """Exposures and powers can be set to the limit; a place has to be chosen by a person."""
    from parfocal.plan import outline

    amended = within_limits(experiment, microscope.limits)
    if amended == experiment:
        return "edit-positions"
    left = microscope.limits_findings(outline(amended))
    return "edit-positions" if message in left else "keep-limits"


def _passed(microscope: "Microscope", output: Path) -> tuple[tuple[str, str], ...]:
    """What may be said where a rule found nothing."""
    return (
        ("microscope", tr("{name} is open").format(name=microscope.name)),
        ("channel", tr("the microscope has every channel")),
        ("output", tr("the store's name is free")),
        ("disk", tr("{size} free on the disk").format(size=size_in_words(_free(output)))),
    )


def _about_new_folder(folder: Path) -> Line:
    above = _existing(folder)
    if os.access(above, os.W_OK | os.X_OK):
        return Line("ok", tr("the folder {folder} will be made").format(folder=folder))
    return Line(
        "error",
        tr("The folder {folder} cannot be made in {above}; choose another one.").format(
            folder=folder, above=above
        ),
        "choose-folder",
    )


def _existing(path: Path) -> Path:
    """The nearest folder above that exists."""
    return next((place for place in (path, *path.parents) if place.is_dir()), Path("/"))


def _free(output: Path) -> int:
    try:
        return shutil.disk_usage(_existing(output.parent)).free
    except OSError:
        return 0


def _sentence(message: str) -> str:
    plain = message.replace("`", "")  # marks of a file's key; here it is a form
    return plain[:1].upper() + plain[1:] + ("" if plain.endswith(".") else ".")
