"""Measure what recording and the live view cost a hardware sequence."""

import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

import useq
from pymmcore_plus.mda import MDAEngine, MDARunner

from parfocal import ParfocalError
from parfocal.cli.bench._pairs import Row, paired
from parfocal.plan import experiment_from_sequence
from parfocal.run import RunState, RunStatus
from parfocal.scope import Microscope, open_microscope
from parfocal.wiring import prepare_run

__all__ = ["rows"]

ROWS = {"acquire-vs-bare-runner": 1024, "acquire-512": 512, "acquire-2048": 2048}
FRAMES = 200
SEQUENCE = useq.MDASequence(
    axis_order=("t", "c"),
    time_plan=useq.TIntervalLoops(interval=0, loops=FRAMES),  # type: ignore[arg-type] # pydantic casts seconds
    channels=(useq.Channel(config="DAPI", exposure=1.0),),
)
MB = 2**20

NOTE = (
    "{side}² uint16 frames of DemoCamera (FastImage=1, 1 ms exposures), hardware-sequenced. These "
    "frames are all alike (constant pixels), so they compress to almost nothing: what is measured "
    "is the way of a frame, not the disk; `bench record` has real noise. Ours: "
    "Run.execute() with recording and live ring, from its call until all {frames} frames are in "
    "the closed store. Peer: MDARunner.run() of the same sequence, which stores nothing. Both with "
    "a camera buffer for all frames, since the peer's one sequence overflows MMCore's default at "
    "2048². Our acquisition alone, until the last frame is in our buffers: {acquisition:.0f} "
    "frames/s"
)


def rows(runs: int) -> list[Row]:
    """One row for each camera size."""
    with tempfile.TemporaryDirectory(prefix="parfocal-bench-") as folder:
        return [_row(name, side, runs, Path(folder)) for name, side in ROWS.items()]


def _row(name: str, side: int, runs: int, folder: Path) -> Row:
    microscope = open_microscope("demo-camera", camera_size=(side, side))
    acquisitions: list[float] = []

    def ours() -> float:
        whole, acquisition = _record(microscope, folder / "bench.ome.zarr")
        acquisitions.append(acquisition)
        return FRAMES / whole

    def peer() -> float:
        return FRAMES / _run_bare(microscope)

    try:
        core = microscope.core
        core.setProperty("Camera", "PixelType", "16bit")
        core.setProperty("Camera", "FastImage", "1")
        core.setCircularBufferMemoryFootprint(FRAMES * side * side * 2 // MB + 64)
        ours()  # the first sequence of either allocates the camera's buffer
        peer()
        acquisitions.clear()
        row = paired(name, ours, peer, unit="frames/s", better="higher", runs=runs)
    finally:
        microscope.close()
    note = NOTE.format(side=side, frames=FRAMES, acquisition=FRAMES / median(acquisitions))
    return replace(row, note=note)


def _record(microscope: Microscope, store: Path) -> tuple[float, float]:
    """Seconds of a whole run, and of its acquisition until the store began to be closed."""
    experiment = experiment_from_sequence(SEQUENCE, "bench")
    session = prepare_run(experiment, microscope, store)
    moments: dict[RunState, float] = {}

    def note_moment(status: RunStatus) -> None:
        moments[status.state] = time.perf_counter()

    try:
        session.run.on_status(note_moment)
        began = time.perf_counter()
        session.run.execute()
        whole = time.perf_counter() - began
        status = session.run.status()
    finally:
        session.close()
        shutil.rmtree(store, ignore_errors=True)
    if status.state is not RunState.COMPLETED or status.frames_stored != FRAMES:
        raise ParfocalError(f"the benchmark's run was {status.state}: {status.reason}")
    return whole, moments[RunState.FINISHING] - began


def _run_bare(microscope: Microscope) -> float:
    """Seconds of pymmcore-plus' own runner and engine over the same sequence."""
    runner = MDARunner()
    runner.set_engine(MDAEngine(microscope.core))
    frames = 0

    def count(*_: object) -> None:
        nonlocal frames
        frames += 1

    runner.events.frameReady.connect(count)
    began = time.perf_counter()
    runner.run(SEQUENCE)
    seconds = time.perf_counter() - began
    if frames != FRAMES:
        raise ParfocalError(f"the bare runner gave {frames} of {FRAMES} frames")
    return seconds
