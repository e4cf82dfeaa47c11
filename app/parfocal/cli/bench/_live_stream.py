"""Send frames through a ring to a reader or to a viewer child, and hear what became of them."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.cli.bench._process import scratch
from parfocal.cli.bench._writers import recording_spec
from parfocal.store import Recording
from parfocal.viewer import Ring, RingAddress, RingReader, Viewer

FRAMES_A_SECOND = 100
WARM_UP_S = 2.0
START_S = 120.0


@dataclass(frozen=True, slots=True)
class Shown:
    """What a viewer child made of a stream; latencies as p50, p95 and p99 in ms."""

    displayed_per_second: float
    accepted_per_second: float
    publish_ms: tuple[float, float]
    accepted_ms: tuple[float, ...]
    displayed_ms: tuple[float, ...]
    sent: int
    displayed: int
    dropped: int


def ring_frames(count: int, side: int) -> tuple[float, int]:
    """Frames a second until the reader has the last, and how many of them it took."""
    frame = np.full((side, side), 7, np.uint16)
    with _ring_and_reader(side) as (ring, pipe):
        began = perf_counter()
        for t in range(count):
            ring.publish(frame, {"t": t})
        ring.close()
        accepted, _ = pipe.recv()
        return count / (perf_counter() - began), accepted


def bell_us(readers: int = 8, count: int = 500) -> float:
    """What it adds to a publish to wake a reader, in µs: the median, of several readers."""
    frame = np.zeros((8, 8), np.uint16)
    medians = []
    for number in (0, readers):
        ring = Ring.create(frame.shape, frame.dtype)
        woken = [RingReader.attach(ring.address) for _ in range(number)]
        took = []
        for t in range(count):
            before = perf_counter()
            ring.publish(frame, {"t": t})
            took.append(perf_counter() - before)
            for reader in woken:
                reader.wait(1.0)
        for reader in woken:
            reader.close()
        ring.close()
        medians.append(1e6 * median(took))
    return (medians[1] - medians[0]) / readers


def mixed_frames(count: int, side: int) -> tuple[int, int]:
    """How many frames of a paced stream arrived mixed, and how many were looked at."""
    frames = [np.full((side, side), t, np.uint16) for t in range(8)]
    with _ring_and_reader(side) as (ring, pipe):
        _publish(ring, frames, 0, count)
        ring.close()
        accepted, mixed = pipe.recv()
        return mixed, accepted


def shown_of_a_stream(folder: Path, frames: NDArray[np.uint16], seconds: float) -> Shown:
    """Publish at 100 frames a second for so long to a viewer child that follows."""
    warm_up, count = (round(time * FRAMES_A_SECOND) for time in (WARM_UP_S, seconds))
    shape = frames.shape[1:]
    with scratch(folder) as here:
        recording = Recording.create(here / "live.ome.zarr", recording_spec(warm_up + count, shape))
        recording.put((0, 0, 0, 0), frames[0])
        ring, viewer = Ring.create(shape, frames.dtype), Viewer("bench")
        try:
            viewer.start(recording.path, ring.address)
            _ask(viewer, "settle")
            _publish(ring, frames, 0, warm_up)
            before = _ask(viewer, "displayed")
            _ask(viewer, "ages")
            began = perf_counter()
            waits = _publish(ring, frames, warm_up, count)
            after, took = _ask(viewer, "displayed"), perf_counter() - began
            ages = _ask(viewer, "ages")
            sent = ring.published
            at_last = _all_counted(viewer, sent)
        finally:
            viewer.close()
            ring.close()
            recording.close("interrupted", "the benchmark is over")
    p50, p99 = (1e3 * float(np.quantile(waits, part)) for part in (0.5, 0.99))
    return Shown(
        (after["displayed"] - before["displayed"]) / took,
        (after["accepted"] - before["accepted"]) / took,
        (p50, p99),
        tuple(ages["accepted"]["ms"]),
        tuple(ages["displayed"]["ms"]),
        sent,
        at_last["displayed"],
        at_last["dropped"],
    )


def _ask(viewer: Viewer, op: str) -> dict[str, Any]:
    return viewer.request(op, timeout=START_S).result()


def _all_counted(viewer: Viewer, sent: int) -> dict[str, Any]:
    """The counts once the last frame was drawn, or as they are after a while."""
    deadline = perf_counter() + 5.0
    while True:
        counts = _ask(viewer, "displayed")
        if counts["displayed"] + counts["dropped"] >= sent or perf_counter() > deadline:
            return counts
        sleep(0.05)


def _publish(ring: Ring, frames: Any, first: int, count: int) -> list[float]:
    """Publish at the pace of a camera; how long each took."""
    waits = []
    began = perf_counter()
    for number in range(count):
        sleep(max(0.0, began + number / FRAMES_A_SECOND - perf_counter()))
        t = first + number
        before = perf_counter()
        ring.publish(frames[t % len(frames)], {"t": t, "c": 0}, "bench")
        waits.append(perf_counter() - before)
    return waits


@contextmanager
def _ring_and_reader(side: int) -> Iterator[tuple[Ring, Connection]]:
    """A ring and a process that reads it until it is closed."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    ring = Ring.create((side, side), np.uint16)
    reader = context.Process(target=_read, args=(theirs, ring.address), daemon=True)
    reader.start()
    try:
        ours.recv()
        yield ring, ours
    finally:
        ring.close()
        reader.join()
        ours.close()


def _read(pipe: Connection, address: RingAddress) -> None:
    """Take the newest frames until the stream ends; a frame of two values was mixed."""
    reader = RingReader.attach(address)
    pipe.send(True)
    mixed = 0
    while not reader.finished:
        reader.wait(0.1)
        for frame in reader.fresh():
            mixed += bool((frame.pixels != frame.pixels[0, 0]).any())
    pipe.send((reader.accepted, mixed))
    reader.close()
