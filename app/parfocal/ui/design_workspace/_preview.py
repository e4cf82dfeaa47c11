"""Work out what an experiment comes to, off the window's thread: schedule, sizes, preflight."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from parfocal import ParfocalError
from parfocal.plan import Estimate, Experiment, Schedule, estimate, outline
from parfocal.scope import CameraFacts, StagePosition
from parfocal.ui.text import size_in_words, tr

if TYPE_CHECKING:
    import threading

    from parfocal.scope import Microscope


@dataclass(frozen=True)
class Preview:
    """An experiment's schedule and estimate, or the sentence that says why there is none."""

    experiment: Experiment
    schedule: Schedule | None = None
    estimate: Estimate | None = None
    problem: str = ""
    field_um: tuple[float, float] = (0.0, 0.0)
    here_um: tuple[float, float] = (0.0, 0.0)
    """Where the stage stands."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the preflight list."""

    severity: str
    """ok, warning or error"""
    text: str


def preview(
    experiment: Experiment, camera: CameraFacts | None, stage: StagePosition | None
) -> Preview:
    """Compile and estimate; without a microscope the bytes are unknown."""
    view = None if camera is None else _field_of_view(camera)
    place = None if stage is None else (stage.x, stage.y, stage.z)
    try:
        schedule = outline(experiment, field_of_view_um=view, stage_um=place)
    except ParfocalError as error:
        return Preview(experiment, problem=str(error))
    return Preview(
        experiment,
        schedule,
        estimate(schedule, frame_bytes(camera)),
        field_um=view or (0.0, 0.0),
        here_um=(0.0, 0.0) if stage is None else (stage.x, stage.y),
    )


def frame_bytes(camera: CameraFacts | None) -> int:
    """The bytes of one frame; 0 without a camera."""
    if camera is None:
        return 0
    import numpy as np

    return camera.width * camera.height * np.dtype(camera.dtype).itemsize


def preflight_lines(
    experiment: Experiment,
    microscope: "Microscope | None",
    output: Path,
    cancelled: "threading.Event",
) -> tuple[Line, ...]:
    """What speaks for and against starting now, worst first."""
    if microscope is None:
        return (Line("error", tr("No microscope is open; open one in Microscope.")),)
    if cancelled.is_set():
        return ()
    from parfocal.run import preflight

    findings = preflight(experiment, microscope, output)
    folder = output.parent
    if not folder.is_dir():  # it is made by the start; whether it can be is what matters
        findings = tuple(finding for finding in findings if finding.rule != "output")
        lines = [_about_new_folder(folder)]
    else:
        lines = []
    lines += [Line(finding.severity, _sentence(finding.message)) for finding in findings]
    said = {finding.rule for finding in findings} | ({"output"} if lines else set())
    lines += [Line("ok", text) for rule, text in _passed(microscope, output) if rule not in said]
    return tuple(sorted(lines, key=lambda line: ("error", "warning", "ok").index(line.severity)))


def proposed_name(folder: Path, name: str) -> str:
    """The next store name in a folder that is not taken, without its ending."""
    from parfocal.ui.store_names import SUFFIX, free_store

    return free_store(folder, name).name.removesuffix(SUFFIX)


def has_errors(lines: tuple[Line, ...]) -> bool:
    """Whether something has to be changed before it can run."""
    return any(line.severity == "error" for line in lines)


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
    return message[:1].upper() + message[1:] + ("" if message.endswith(".") else ".")


def _field_of_view(camera: CameraFacts) -> tuple[float, float]:
    return camera.width * camera.pixel_size_um, camera.height * camera.pixel_size_um
