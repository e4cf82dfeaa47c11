"""Snap and record with both demos: Micro-Manager's own camera, and the living sample."""

from pathlib import Path

import numpy as np
import useq

from parfocal.cli.selftest._course import Course, SelfTestError
from parfocal.plan import Experiment, Phase
from parfocal.scope import open_microscope
from parfocal.store import check
from parfocal.wiring import prepare_run

__all__ = ["PROFILES", "check_store", "record", "snap"]

PROFILES = ("demo-camera", "demo")
RUN_S = 60.0


def snap(profile: str) -> str:
    """Take one picture that is not all of one value."""
    microscope = open_microscope(profile)
    try:
        pixels = microscope.snap()
    finally:
        microscope.close()
    if np.ptp(pixels) == 0:
        raise SelfTestError(f"every pixel of the picture is {pixels.flat[0]}")
    rows, columns = pixels.shape
    return f"{rows} × {columns} {pixels.dtype}, {pixels.min()} to {pixels.max()}"


def record(profile: str, course: Course) -> str:
    """Run a small experiment into a store, with the ring that live viewers read."""
    store = course.folder / f"{profile}.ome.zarr"
    microscope = open_microscope(profile)
    try:
        session = prepare_run(_experiment(profile), microscope, store)
        try:
            if session.ring is None:
                raise SelfTestError("there is no shared memory for live frames")
            session.run.start()
            if not session.run.wait(RUN_S):
                raise SelfTestError(f"the run was not over after {RUN_S:.0f} s")
            status = session.run.status()
        finally:
            session.close()
    finally:
        microscope.close()
    if str(status.state) != "completed" or status.frames_stored != status.frames_expected:
        raise SelfTestError(
            f"the run ended {status.state} with {status.frames_stored} of "
            f"{status.frames_expected} frames: {status.reason}"
        )
    course.keep(f"record-{profile}", store)
    return f"{status.frames_stored} frames"


def check_store(store: Path) -> str:
    """Validate a store strictly, every chunk."""
    report = check(store, deep=True)
    if not report.ok:
        first = report.findings[0]
        raise SelfTestError(f"{first.path}: {first.message}")
    return "every chunk"


def _experiment(name: str) -> Experiment:
    sequence = useq.MDASequence(
        axis_order=("t", "p", "c", "z"),
        time_plan=useq.TIntervalLoops(interval=0, loops=2),  # type: ignore[arg-type] # pydantic casts seconds
        stage_positions=(useq.Position(x=0, y=0, z=0), useq.Position(x=150, y=0, z=0)),
        channels=(
            useq.Channel(config="DAPI", exposure=10),
            useq.Channel(config="FITC", exposure=10),
        ),
        z_plan=useq.ZRangeAround(range=4, step=2),
    )
    return Experiment(name=f"selftest {name}", items=(Phase(name="all", sequence=sequence),))
