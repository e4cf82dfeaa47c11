"""Measure the live view: the ring, what a viewer costs a run, and what a viewer shows of it."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import useq

from parfocal import ParfocalError
from parfocal.cli.bench._block_per_frame import block_per_frame
from parfocal.cli.bench._live_stream import (
    Shown,
    bell_us,
    mixed_frames,
    ring_frames,
    shown_of_a_stream,
)
from parfocal.cli.bench._pairs import Row, paired
from parfocal.cli.bench._process import in_a_process, scratch
from parfocal.cli.bench._synthetic import camera_frames
from parfocal.plan import experiment_from_sequence
from parfocal.run import RunState
from parfocal.scope import Microscope, open_microscope
from parfocal.viewer import Viewer, virtual_display
from parfocal.viewer.child.plain_loop import displayed_per_second
from parfocal.wiring import Session, prepare_run

__all__ = ["rows"]

SIDE = 2048
FRAMES = 300
RUN_FRAMES = 150
EXPOSURE_MS, FREE_MS = 10.0, 0.1
SHOWN_S = 6.0
DISTINCT = 4
START_S = 120.0
MB = 2**20

RING_NOTE = (
    "{frames} frames of 2048² uint16 to another process, until it has the last one; one copy each "
    "side. Ours: a ring of 10 slots, the reader takes the newest, {accepted:.0f} of them; to wake "
    "one takes {bell:.1f} µs of a publish. Peer: a shared block a frame, its name over a pipe, "
    "the reader copies it and answers; no sleeps"
)
RUN_NOTE = (
    "Run.execute() of {frames} hardware-sequenced 2048² uint16 frames of DemoCamera (FastImage=1, "
    "{exposure:g} ms exposures), recording and live ring on, until they are in the closed store. "
    "Ours: {viewer}. Peer: the same without a viewer"
)
SHOWN_NOTE = (
    "2048² uint16, both windows equally nice. Ours: a viewer child, frames published at 100 a "
    "second, {accepted:.0f} accepted a second. Peer: napari's own loop in a process of its own, "
    "layer.data after each draw. Publishing took {publish[0]:.2f} ms (p50), {publish[1]:.1f} ms "
    "(p99); a frame was accepted {got[0]:.1f} / {got[1]:.1f} / {got[2]:.1f} ms and drawn "
    "{drawn[0]:.0f} / {drawn[1]:.0f} / {drawn[2]:.0f} ms after it was published (p50 / p95 / p99); "
    "{mixed} of {checked} frames mixed; {sent} sent = {displayed} displayed + {dropped} dropped"
)


def rows(runs: int) -> list[Row]:
    """The rows of `parfocal bench live`."""
    with virtual_display(), scratch() as folder:
        return [
            _ring_row(runs),
            *_run_rows(runs, folder),
            _displayed_row(runs, folder),
        ]


def _ring_row(runs: int) -> Row:
    accepted: list[int] = []

    def ours() -> float:
        rate, taken = ring_frames(FRAMES, SIDE)
        accepted.append(taken)
        return rate

    peer = partial(block_per_frame, FRAMES, SIDE)
    row = paired("live-vs-block-per-frame", ours, peer, unit="frames/s", better="higher", runs=runs)
    return replace(
        row, note=RING_NOTE.format(frames=FRAMES, accepted=median(accepted), bell=bell_us())
    )


Watch = Callable[[Session], AbstractContextManager[Any]]


def _run_rows(runs: int, folder: Path) -> Iterator[Row]:
    microscope = open_microscope("demo-camera", camera_size=(SIDE, SIDE))
    viewers = {
        "live-acquire-with-viewer": (EXPOSURE_MS, _watching, "a viewer child shows it"),
        "live-acquire-stopped-viewer": (
            *(EXPOSURE_MS, _stopped),
            "a viewer child that was stopped (SIGSTOP) when it was ready",
        ),
        "live-free-running": (FREE_MS, _watching, "a viewer child shows it"),
    }
    try:
        core = microscope.core
        core.setProperty("Camera", "PixelType", "16bit")
        core.setProperty("Camera", "FastImage", "1")
        core.setCircularBufferMemoryFootprint(RUN_FRAMES * SIDE * SIDE * 2 // MB + 64)
        for name, (exposure, viewer, said) in viewers.items():
            run = partial(_run, microscope, folder, exposure)
            run(_nobody)  # the first sequence allocates the camera's buffer
            yield paired(
                name,
                partial(run, viewer),
                partial(run, _nobody),
                unit="frames/s",
                better="higher",
                runs=runs,
                note=RUN_NOTE.format(frames=RUN_FRAMES, exposure=exposure, viewer=said),
            )
    finally:
        microscope.close()


@contextmanager
def _nobody(_: Session) -> Iterator[None]:
    yield


@contextmanager
def _watching(session: Session) -> Iterator[Viewer]:
    """A viewer child that is ready."""
    viewer = Viewer("bench")
    try:
        viewer.start(session.run.store, session.live)
        viewer.request("settle", timeout=START_S).result()
        yield viewer
    finally:
        viewer.close()


@contextmanager
def _stopped(session: Session) -> Iterator[None]:
    """The same, and then it does nothing at all any more."""
    with _watching(session) as viewer:
        pid = viewer.status().pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


def _run(microscope: Microscope, folder: Path, exposure: float, viewer: Watch) -> float:
    """Frames a second of a whole run, with this viewer on it."""
    sequence = useq.MDASequence(
        axis_order=("t", "c"),
        time_plan=useq.TIntervalLoops(interval=0, loops=RUN_FRAMES),  # type: ignore[arg-type] # pydantic casts seconds
        channels=(useq.Channel(config="DAPI", exposure=exposure),),
    )
    with scratch(folder) as here:
        session = prepare_run(
            experiment_from_sequence(sequence, "bench"), microscope, here / "run.ome.zarr"
        )
        try:
            with viewer(session):
                began = perf_counter()
                session.run.execute()
                seconds = perf_counter() - began
        finally:
            session.close()
        status = session.run.status()
    if status.state is not RunState.COMPLETED or status.frames_stored != RUN_FRAMES:
        raise ParfocalError(f"the benchmark's run was {status.state}: {status.reason}")
    return RUN_FRAMES / seconds


def _displayed_row(runs: int, folder: Path) -> Row:
    frames = camera_frames(DISTINCT, (SIDE, SIDE))
    shown: list[Shown] = []

    def ours() -> float:
        shown.append(shown_of_a_stream(folder, frames, SHOWN_S))
        return shown[-1].displayed_per_second

    def peer() -> float:
        return in_a_process(displayed_per_second, frames, SHOWN_S)

    row = paired("live-displayed", ours, peer, unit="frames/s", better="higher", runs=runs)
    mixed, checked = mixed_frames(round(SHOWN_S * 100), SIDE)
    last = shown[-1]
    note = SHOWN_NOTE.format(
        accepted=median(each.accepted_per_second for each in shown),
        publish=[median(each.publish_ms[part] for each in shown) for part in range(2)],
        got=[median(each.accepted_ms[part] for each in shown) for part in range(3)],
        drawn=[median(each.displayed_ms[part] for each in shown) for part in range(3)],
        mixed=mixed,
        checked=checked,
        sent=last.sent,
        displayed=last.displayed,
        dropped=last.dropped,
    )
    return replace(row, note=note)
