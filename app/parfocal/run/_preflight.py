"""Refuse a run that cannot work, before anything is created."""

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

from parfocal.plan import Experiment, PlanError, Schedule, compile_schedule, outline
from parfocal.run._finding import Finding
from parfocal.run._preflight_hardware import about_channels, about_devices, about_state
from parfocal.run._preflight_output import about_disk, about_output
from parfocal.run._preflight_plan import about_phases
from parfocal.run._preflight_recording import about_recording
from parfocal.run._refusal import RunRefused
from parfocal.run._standpoint import Standpoint
from parfocal.scope import Microscope, MicroscopeError

__all__ = ["preflight", "refuse"]

Compile = Callable[..., Schedule]
BUDGET_BYTES = 2**30


def preflight(
    experiment: Experiment,
    microscope: Microscope,
    output: Path,
    *,
    overwrite: bool = False,
    budget_bytes: int = BUDGET_BYTES,
    cancelled: Event | None = None,
) -> tuple[Finding, ...]:
    """Everything that speaks against starting, errors first; empty when nothing does.

    Once it is `cancelled`, what is found does not matter any more, and it looks no further.
    """

    def outlined(experiment: Experiment, **standpoint: Any) -> Schedule:
        # only figures are judged here, so a long series need not be compiled at every look
        _leave_if(cancelled)
        schedule = outline(experiment, **standpoint)
        _leave_if(cancelled)
        return schedule

    try:
        found, _ = _examine(experiment, microscope, output, outlined, overwrite, budget_bytes)
    except _Cancelled:
        return ()
    return found


class _Cancelled(Exception):  # noqa: N818 - no fault: nobody wants to know any more
    pass


def _leave_if(cancelled: Event | None) -> None:
    if cancelled is not None and cancelled.is_set():
        raise _Cancelled


def refuse(
    experiment: Experiment,
    microscope: Microscope,
    output: Path,
    *,
    overwrite: bool = False,
    budget_bytes: int = BUDGET_BYTES,
) -> Schedule:
    """Raise `RunRefused` with the first error that `preflight` finds; or else the schedule."""
    found, schedule = _examine(
        experiment, microscope, output, compile_schedule, overwrite, budget_bytes
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
    overwrite: bool,
    budget_bytes: int,
) -> tuple[tuple[Finding, ...], Schedule | None]:
    found = [*about_output(output, overwrite=overwrite), *about_state(microscope)]
    if any(finding.rule == "microscope" for finding in found):
        return tuple(found), None
    try:
        here = Standpoint.of(microscope)
        schedule = compiled(experiment, field_of_view_um=here.view_um, stage_um=here.stage_um)
        found += about_phases(experiment, microscope, here)
        if schedule.frames == 0:
            name = experiment.name
            message = f"the plan {name!r} has no frames: it names no channel, time or place"
            found.append(Finding("plan", "error", message, "edit-plan"))
        found += about_channels(schedule, microscope)
        found += about_devices(schedule, microscope, here.camera.pixel_size_um)
        found += about_disk(schedule, here.camera, output)
        if schedule.frames:
            found += about_recording(experiment, schedule, here, microscope.name, budget_bytes)
    except PlanError as error:
        return (*found, Finding("plan", "error", str(error), "edit-plan")), None
    except MicroscopeError as error:
        return (*found, Finding("microscope", "error", str(error), "reopen-microscope")), None
    return tuple(sorted(found, key=lambda finding: finding.severity)), schedule
