"""Refuse a run that cannot work, before anything is created."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from parfocal.plan import (
    Channel,
    Experiment,
    PlanError,
    Schedule,
    compile_schedule,
    estimate,
    outline,
)
from parfocal.run._refusal import RunRefused
from parfocal.run._standpoint import Standpoint
from parfocal.run._watch import DISK_MARGIN
from parfocal.run._words import size_in_words
from parfocal.scope import CameraFacts, Microscope, MicroscopeError

__all__ = ["Finding", "preflight", "refuse"]

Compile = Callable[..., Schedule]

STORE_ENDING = ".ome.zarr"
# 255 is what file systems take; the journal's and a replacing store's names are longer by 24
LONGEST_NAME_BYTES = 230


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the preflight list: what it is about, how bad, and the sentence."""

    rule: str
    severity: Literal["error", "warning"]
    message: str


def preflight(
    experiment: Experiment, microscope: Microscope, output: Path, *, overwrite: bool = False
) -> tuple[Finding, ...]:
    """Everything that speaks against starting, errors first; empty when nothing does."""
    # only figures are judged here, so a long series need not be compiled at every look
    return _examine(experiment, microscope, output, outline, overwrite=overwrite)[0]


def refuse(
    experiment: Experiment, microscope: Microscope, output: Path, *, overwrite: bool = False
) -> Schedule:
    """Raise `RunRefused` with the first error that `preflight` finds; or else the schedule."""
    found, schedule = _examine(
        experiment, microscope, output, compile_schedule, overwrite=overwrite
    )
    for finding in found:
        if finding.severity == "error":
            raise RunRefused(finding.message)
    assert schedule is not None  # without one there is an error that says why
    return schedule


def _examine(
    experiment: Experiment,
    microscope: Microscope,
    output: Path,
    compiled: Compile,
    *,
    overwrite: bool,
) -> tuple[tuple[Finding, ...], Schedule | None]:
    found = list(_about_output(output, overwrite=overwrite))
    try:
        here = Standpoint.of(microscope)
        camera = here.camera
        schedule = compiled(experiment, field_of_view_um=here.view_um, stage_um=here.stage_um)
        groups = microscope.channel_groups()
    except PlanError as error:
        return (*found, Finding("plan", "error", str(error))), None
    except MicroscopeError as error:
        return (*found, Finding("microscope", "error", str(error))), None
    found.extend(_about_items(experiment))
    if schedule.frames == 0:
        message = f"the plan {experiment.name!r} has no frames: it names no channel, time or place"
        found.append(Finding("plan", "error", message))
    for channel in schedule.channels:
        found.extend(_about_channel(channel, groups))
    found.extend(_about_disk(schedule, camera, output))
    if camera.pixel_size_um <= 0:
        message = (
            f"microscope {microscope.name!r} does not say its pixel size; 1 µm is written instead"
        )
        found.append(Finding("pixel size", "warning", message))
    return tuple(sorted(found, key=lambda finding: finding.severity)), schedule


def _about_output(output: Path, *, overwrite: bool) -> Iterator[Finding]:
    def error(message: str) -> Finding:
        return Finding("output", "error", message)

    if not output.name.endswith(STORE_ENDING) or output.name == STORE_ENDING:
        yield error(f"the store {output} must have a name that ends in {STORE_ENDING}")
        return
    if (length := len(os.fsencode(output.name))) > LONGEST_NAME_BYTES:
        yield error(
            f"the name of the store {output} has {length} bytes; "
            f"shorten it to {LONGEST_NAME_BYTES} or fewer"
        )
        return
    if os.sep == "/" and "\\" in str(output.absolute()):
        # TensorStore takes it for a folder: the planes would land beside the store
        yield error(f"the path {output.absolute()} holds a backslash; choose another without one")
        return
    if os.path.lexists(output):
        if not overwrite:
            yield error(f"{output} exists already; choose another name or allow overwriting")
            return
        if not (output / "zarr.json").is_file():
            yield error(f"{output} is not a store, so it is not overwritten; choose another name")
            return
    parent = output.absolute().parent
    if not parent.is_dir():
        yield error(f"the folder {parent} for the store does not exist; make it first")
    elif not os.access(parent, os.W_OK | os.X_OK):
        yield error(f"the folder {parent} cannot be written; choose another one for the store")


def _about_items(experiment: Experiment) -> Iterator[Finding]:
    """What the feed does not do yet: it has no mask to give light through."""
    for phase in experiment.phases:
        if phase.stimulate is not None:
            message = (
                f"phase {phase.name!r} stimulates, which a run cannot do in this version; "
                "leave `stimulate` out"
            )
            yield Finding("items", "error", message)
        if phase.power or (phase.stimulate is not None and phase.stimulate.power is not None):
            message = f"phase {phase.name!r} sets a power, which a run does not do in this version"
            yield Finding("items", "error", message)


def _about_channel(channel: Channel, groups: dict[str, tuple[str, ...]]) -> Iterator[Finding]:
    if not channel.group:  # the plan names no channel: the microscope stays as it is set
        return
    presets = groups.get(channel.group)
    if presets is None:
        names = ", ".join(groups) or "none"
        message = (
            f"channel {channel.config!r} is asked of the group {channel.group!r}, which this "
            f"microscope does not have; its groups are: {names}"
        )
        yield Finding("channel", "error", message)
    elif channel.config not in presets:
        message = (
            f"there is no channel {channel.config!r} in the group {channel.group!r} of this "
            f"microscope; it has: {', '.join(presets) or 'none'}"
        )
        yield Finding("channel", "error", message)


def _about_disk(schedule: Schedule, camera: CameraFacts, output: Path) -> Iterator[Finding]:
    frame_bytes = camera.width * camera.height * np.dtype(camera.dtype).itemsize
    needed = round(estimate(schedule, frame_bytes).bytes * DISK_MARGIN)
    parent = output.absolute().parent
    try:
        free = shutil.disk_usage(parent).free
    except OSError:  # a folder that is missing has its own finding
        return
    if free < needed:
        message = (
            f"{parent} has {size_in_words(free)} free, and the run needs up to "
            f"{size_in_words(needed)} ({schedule.frames} frames × "
            f"{size_in_words(frame_bytes)}, and a quarter to spare)"
        )
        yield Finding("disk", "error", message)
