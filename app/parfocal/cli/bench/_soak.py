"""Offer a minute of a fast camera's frames to the recording writer, and see what becomes of them.

It is the whole road of a run but for the camera: flushes to the disk, the journal, all checks.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

import numpy as np

from parfocal import ParfocalError
from parfocal.cli._long_work import LongWork, long_work
from parfocal.cli.bench._pairs import Row
from parfocal.cli.bench._process import back_memory, in_a_process, peak_memory, reset_peak, scratch
from parfocal.cli.bench._synthetic import camera_frames
from parfocal.cli.bench._writers import recording_spec
from parfocal.store import Recording, StoreReader, check

SHAPE = (2048, 2048)
FRAMES_A_SECOND = 100
FRAME_MB = SHAPE[0] * SHAPE[1] * 2 / 1e6
OFFERED = FRAME_MB * FRAMES_A_SECOND
BUDGET = 2**30
DISTINCT = 4  # and each carries its number
WARM_UP = 32
SAMPLED = 60
# These frames compress 3.3 times; without room to spare it is the disk's end that is measured
COMPRESSED = 2.5


@dataclass(frozen=True, slots=True)
class Soaked:
    """One soak; seconds, bytes and frames. `waits` are how long each `put` took."""

    put: int
    stored: int
    seconds: float
    waits: tuple[float, ...]
    blocked_s: float
    close_s: float
    over_budget: int
    verified: int


def rows(seconds: int) -> list[Row]:
    """The row of `parfocal bench soak`."""
    with scratch() as folder:
        frames = seconds * FRAMES_A_SECOND
        _refuse_a_small_disk(folder, frames)
        soaked = in_a_process(_soak, folder, frames)
    if soaked.stored != soaked.put:
        raise ParfocalError(f"{soaked.put} frames were put and {soaked.stored} are stored")
    rate = soaked.stored * FRAME_MB / soaked.seconds
    half, rare = (1e3 * float(np.quantile(soaked.waits, part)) for part in (0.5, 0.999))
    note = (
        f"{soaked.put} frames of 2048² uint16 offered at {FRAMES_A_SECOND} a second for "
        f"{seconds} s, all of them stored, 0 dropped; put took {half:.2f} ms (p50), "
        f"{rare:.1f} ms (p99.9), {1e3 * max(soaked.waits):.1f} ms at most; {soaked.blocked_s:.2f} "
        f"s blocked; closing took {soaked.close_s:.1f} s of the whole {soaked.seconds:.1f} s; peak "
        f"memory was the buffer budget of {BUDGET / 1e6:.0f} MB "
        f"{soaked.over_budget / 1e6:+.0f} MB; flushed to the disk every 5 s; checked, and "
        f"{soaked.verified} planes compared"
    )
    return [
        Row(
            name="record-soak",
            ours=round(rate, 1),
            peer=round(OFFERED, 1),
            unit="MB/s",
            ratio=round(rate / OFFERED, 4),
            better="higher",
            runs=1,
            note=note,
        )
    ]


def _refuse_a_small_disk(folder: Path, frames: int) -> None:
    needed = frames * FRAME_MB * 1e6 / COMPRESSED
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ParfocalError(
            f"{folder.parent} has {free / 1e9:.1f} GB free, and the soak needs {needed / 1e9:.1f} "
            "GB; free some, or soak for fewer --seconds"
        )


def _soak(folder: Path, frames: int) -> Soaked:
    bank = camera_frames(DISTINCT, SHAPE)
    with long_work() as work:
        _record(folder / "warm.ome.zarr", bank, WARM_UP, LongWork())
        back_memory(BUDGET)
        baseline = reset_peak()
        path = folder / "soak.ome.zarr"
        began = perf_counter()
        waits, blocked_s, close_s = _record(path, bank, frames, work)
        seconds = perf_counter() - began
        over_budget = peak_memory() - baseline - BUDGET
        stored, verified = _verify(path, bank)
    return Soaked(frames, stored, seconds, tuple(waits), blocked_s, close_s, over_budget, verified)


def _record(
    path: Path, bank: np.ndarray, frames: int, work: LongWork
) -> tuple[list[float], float, float]:
    """Put each frame when the camera has it, or as soon as it is taken."""
    recording = Recording.create(path, recording_spec(frames, SHAPE), budget_bytes=BUDGET)
    waits: list[float] = []
    began = perf_counter()
    for t in range(frames):
        if work.cancelled.is_set():
            recording.close("interrupted", "stopped by hand")
            raise ParfocalError(f"the soak was stopped after {t} of {frames} frames")
        sleep(max(0.0, began + t / FRAMES_A_SECOND - perf_counter()))
        plane = _stamped(bank, t)
        before = perf_counter()
        recording.put((t, 0, 0, 0), plane, {"exposure_ms": 1e3 / FRAMES_A_SECOND})
        waits.append(perf_counter() - before)
        work.show(t / frames, f"frame {t} of {frames}")
    blocked_s = recording.status().blocked_s
    ended = perf_counter()
    recording.close()
    return waits, blocked_s, perf_counter() - ended


def _stamped(bank: np.ndarray, t: int) -> np.ndarray:
    """A frame that carries its number, so that no two are alike."""
    plane: np.ndarray = bank[t % DISTINCT]
    plane[0, :2] = divmod(t, 2**16)
    return plane


def _verify(path: Path, bank: np.ndarray) -> tuple[int, int]:
    """How many frames the store has, and how many of them were compared; a fault is an error."""
    report, reader = check(path), StoreReader(path)
    if not report.ok:
        raise ParfocalError(f"{path}: {report.findings[0].message}")
    planned = reader.info.planned
    compared = sorted({round(n) for n in np.linspace(0, planned - 1, SAMPLED)})
    for t in compared:
        if not np.array_equal(reader.plane((t, 0, 0, 0)), _stamped(bank, t)):
            raise ParfocalError(f"frame t={t} of {path} came back with other pixels")
    return reader.info.acquired, len(compared)
