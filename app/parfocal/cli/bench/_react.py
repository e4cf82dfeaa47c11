"""Measure the closed loop against the same functions of scikit-image called bare."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import useq
from numpy.typing import NDArray

from parfocal import ParfocalError
from parfocal.cli.bench._pairs import Row, paired
from parfocal.plan import Experiment, Index, Phase, Stimulation, compile_schedule
from parfocal.react import Loop
from parfocal.scope import open_microscope

__all__ = ["rows"]

ROWS = {"react-vs-bare": (512, 12), "react-2048": (2048, 3)}
FIELDS = 4
ROUNDS = 8
THREADS = 2
PATIENCE_S = 120.0
# the defaults of the part `otsu`, so that both do the same
SMOOTH, THRESHOLD, APART, SMALLEST = 1.5, 0.6, 7, 40

Picture = NDArray[Any]
Mask = NDArray[np.bool_]

NOTE = (
    "{side}² uint16 pictures of the living sample. Ours: from Loop.offer of the frame until its "
    "mask (otsu, whole-cell) is there, p50 {p50:.1f} ms, p95 {p95:.1f} ms. Peer: the same "
    "functions of scikit-image and SciPy in one thread, until the same mask. Neither projects it"
)
FIELDS_NOTE = (
    "{fields} fields of 512², all offered at once, tracked by nobody; both in {threads} threads. "
    "From offer to mask, waiting for the others included: p50 {p50:.0f} ms, p95 {p95:.0f} ms"
)


def rows(runs: int) -> list[Row]:
    """One row for each size of picture, and one for four fields at once."""
    found = []
    small: Sequence[Picture] = ()
    for name, (side, count) in ROWS.items():
        pictures = _pictures(side, count)
        small = small or pictures
        found.append(_row(name, side, pictures, runs))
    return [*found, _fields_row(small, runs)]


def _row(name: str, side: int, pictures: Sequence[Picture], runs: int) -> Row:
    latencies: list[float] = []

    def ours() -> float:
        loop = _loop(side, len(pictures), 1)
        began = time.perf_counter()
        for t, picture in enumerate(pictures):
            offered = time.perf_counter()
            loop.offer(Index(t, 0, 0, 0), picture)
            _wait(loop, t, 0)
            latencies.append(time.perf_counter() - offered)
        seconds = time.perf_counter() - began
        loop.close()
        return seconds / len(pictures)

    def peer() -> float:
        began = time.perf_counter()
        for picture in pictures:
            bare_mask(picture)
        return (time.perf_counter() - began) / len(pictures)

    ours()
    peer()
    latencies.clear()
    row = paired(name, ours, peer, unit="s/image", better="lower", runs=runs)
    return replace(row, note=NOTE.format(side=side, **_quantiles(latencies)))


def _fields_row(pictures: Sequence[Picture], runs: int) -> Row:
    latencies: list[float] = []
    offered = [(t, p) for t in range(ROUNDS) for p in range(FIELDS)]

    def of(number: int) -> Picture:
        return pictures[number % len(pictures)]

    def ours() -> float:
        loop = _loop(pictures[0].shape[0], ROUNDS, FIELDS)
        began = time.perf_counter()
        for number, (t, p) in enumerate(offered):
            loop.offer(Index(t, p, 0, 0), of(number))
        for t, p in offered:
            _wait(loop, t, p)
            latencies.append(time.perf_counter() - began)
        loop.close()
        return len(offered) / latencies[-1]

    def peer() -> float:
        began = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda number: bare_mask(of(number)), range(len(offered))))
        return len(offered) / (time.perf_counter() - began)

    row = paired("react-four-fields", ours, peer, unit="images/s", better="higher", runs=runs)
    note = FIELDS_NOTE.format(fields=FIELDS, threads=THREADS, **_quantiles(latencies))
    return replace(row, note=note)


def bare_mask(image: Picture) -> Mask:
    """What the part `otsu` and the stimulator `whole-cell` do, and nothing around it."""
    from scipy import ndimage
    from skimage.feature import peak_local_max
    from skimage.filters import gaussian, threshold_otsu
    from skimage.morphology import remove_small_objects
    from skimage.segmentation import watershed

    smooth = gaussian(image, SMOOTH, preserve_range=True)
    darkest = np.median(smooth[::4, ::4])
    bright = smooth > darkest + THRESHOLD * (threshold_otsu(smooth) - darkest)
    bright = remove_small_objects(bright, max_size=SMALLEST - 1)
    depth = gaussian(ndimage.distance_transform_edt(bright), 1.0)
    pieces, _ = ndimage.label(bright)
    peaks = peak_local_max(depth, min_distance=APART, labels=pieces, exclude_border=False)
    seeds = np.zeros(image.shape, np.int32)
    seeds[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
    parted = watershed(-depth, seeds, mask=bright)
    small = np.bincount(parted.ravel()) < SMALLEST
    return np.asarray(np.where(small[parted], 0, parted) > 0)


def _pictures(side: int, count: int) -> list[Picture]:
    microscope = open_microscope("demo", camera_size=(side, side))
    try:
        return [np.array(microscope.imaging.snap()) for _ in range(count)]
    finally:
        microscope.close()


def _loop(side: int, loops: int, fields: int) -> Loop:
    sequence = useq.MDASequence.model_validate(
        {
            "axis_order": "tpc",
            "time_plan": {"interval": 1, "loops": loops},
            "stage_positions": [(float(p), 0.0, 0.0) for p in range(fields)],
            "channels": ["DAPI"],
        }
    )
    phase = Phase(
        sequence=sequence, stimulate=Stimulation(exposure=1.0), pipeline={"segment": "otsu"}
    )
    experiment = Experiment(items=(phase,))
    loop = Loop(shape=(side, side), pixel_um=0.5, pixels_of=lambda _index: None, threads=THREADS)
    loop.adopt(loop.prepare(experiment, compile_schedule(experiment)))
    return loop


def _wait(loop: Loop, t: int, p: int) -> None:
    given = loop.wait(t, p, time.perf_counter() + PATIENCE_S, threading.Event())
    if given.value is None:
        raise ParfocalError(f"the benchmark's loop gave no mask: {given.how.value}")


def _quantiles(seconds: Sequence[float]) -> dict[str, float]:
    p50, p95 = np.quantile(seconds, (0.5, 0.95))
    return {"p50": 1000 * float(p50), "p95": 1000 * float(p95)}
