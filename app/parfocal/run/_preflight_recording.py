"""Before a run: rehearse the recording of this very plan, and say what it takes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import psutil

from parfocal.plan import Experiment, Schedule
from parfocal.run._finding import Finding
from parfocal.run._recorded import planned_recording
from parfocal.run._standpoint import Standpoint
from parfocal.run._words import size_in_words
from parfocal.scope import Microscope
from parfocal.store import ShardForecast, StoreError, forecast_shards

__all__ = ["about_recording", "recording_in_words"]

# beyond the buffers: what encoding them takes, as measured with noise
ENCODING_BYTES = 400_000_000


def about_recording(
    experiment: Experiment, schedule: Schedule, here: Standpoint, name: str, budget_bytes: int
) -> Iterator[Finding]:
    """What the store would refuse or could not say, and buffers that there is no memory for."""
    if len(schedule.z_steps_um) > 1:
        steps = " and ".join(f"{step:g}" for step in schedule.z_steps_um[:4])
        message = (
            f"the planes of this plan are {steps} µm apart, and a store knows one distance: "
            f"{schedule.z_step_um:g} µm is written for all, marked as a guess; use one z step, or "
            "record into two stores"
        )
        yield Finding("z step", "warning", message, "edit-plan")
    try:
        forecasts = _rehearsed(experiment, schedule, here, name, budget_bytes)
    except StoreError as error:
        yield Finding("recording", "error", str(error), "edit-plan")
        return
    needed = min(budget_bytes, sum(one.memory_bytes for one in forecasts)) + ENCODING_BYTES
    available = psutil.virtual_memory().available
    if needed > available:
        message = (
            f"the recording takes up to {size_in_words(needed)} of memory, and "
            f"{size_in_words(available)} are free ({_in_words(forecasts)}); close other programs, "
            "or give it less"
        )
        yield Finding("memory", "warning", message, "set-memory")


def recording_in_words(
    experiment: Experiment, schedule: Schedule, microscope: Microscope, budget_bytes: int = 2**30
) -> str:
    """How the planes will lie in shards, and the memory that takes: a line for a person."""
    here = Standpoint.of(microscope)
    return _in_words(_rehearsed(experiment, schedule, here, microscope.name, budget_bytes))


def _rehearsed(
    experiment: Experiment, schedule: Schedule, here: Standpoint, name: str, budget_bytes: int
) -> Sequence[ShardForecast]:
    spec = planned_recording(experiment, schedule, here, name)
    # an outline has the steps of one period, which repeats itself
    short = len(spec.planned) < schedule.frames and bool(schedule.time_step_s)
    return forecast_shards(replace(spec, unbounded=short), budget_bytes)


def _in_words(forecasts: Sequence[ShardForecast]) -> str:
    return "; ".join(_one_in_words(one) for one in forecasts)


def _one_in_words(one: ShardForecast) -> str:
    planes = one.frames * one.depth
    what = "a plane a shard"
    if one.depth > 1:
        what = f"stacks of {one.depth} planes a shard"
    elif planes > 1:
        what = f"{planes} timepoints a shard"
    return (
        f"{what} of {size_in_words(one.shard_bytes)}, {one.open_shards} open at once "
        f"({size_in_words(one.memory_bytes)})"
    )
