"""Measure the recording writer: speed against its peers, bytes written twice, peak memory."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from parfocal.cli.bench._pairs import Row, paired
from parfocal.cli.bench._process import (
    back_memory,
    in_a_process,
    peak_memory,
    reset_peak,
    scratch,
    written_bytes,
)
from parfocal.cli.bench._synthetic import camera_frames
from parfocal.cli.bench._writers import BUDGET, ENCODERS, WRITERS, recording_spec
from parfocal.store import frames_a_shard

SHAPE = (2048, 2048)
DISTINCT = 8
FRAMES = 256  # 2.15 GB of raw pixels
WARM_UP = 32
BACKED = 5 * 2**29  # what the hungriest side needs, its files in the page cache included


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of one writer in a process of its own; bytes and seconds."""

    seconds: float
    written: int
    stored: int
    peak: int
    baseline: int

    @property
    def rate(self) -> float:
        """MB of raw pixels a second."""
        return FRAMES * SHAPE[0] * SHAPE[1] * 2 / 1e6 / self.seconds


def rows(runs: int) -> list[Row]:
    """The rows of `parfocal bench record`."""
    with scratch() as folder:
        bank = folder / "frames.npy"
        np.save(bank, camera_frames(DISTINCT, SHAPE))
        ours: list[Measured] = []

        def measure(writer: str) -> Callable[[], float]:
            def run() -> float:
                measured = in_a_process(_measure, writer, folder, bank)
                if writer == "parfocal":
                    ours.append(measured)
                return measured.rate

            return run

        shards = f"{_frames_a_shard()} frames a shard, chunks of 1024², lz4-1-bitshuffle"
        same = (
            f"{FRAMES} frames of 2048² uint16, {shards}; ours in {BUDGET // 2**20} MiB of buffers; "
            "no side flushes to the disk"
        )
        notes = {
            "acquire-zarr": f"{same}; {ENCODERS} threads each; ours adds HCS metadata, a journal, "
            "a frame table and a crc32c in every chunk",
            "ome-writers": f"{same} (its own blosc-lz4 settings); its thread limit is "
            f"TensorStore's default, ours {ENCODERS}; it appends frame by frame",
            "copy-and-encode": f"{same}; {ENCODERS} encoder threads each; the peer writes nothing",
        }
        table = [
            paired(
                f"record-vs-{peer}",
                measure("parfocal"),
                measure(peer),
                unit="MB/s",
                better="higher",
                runs=runs,
                note=note,
            )
            for peer, note in notes.items()
        ]
        return [*table, _amplification(ours)]


def _amplification(ours: list[Measured]) -> Row:
    written = median(run.written for run in ours) / 1e6
    stored = median(run.stored for run in ours) / 1e6
    over = median(run.peak - run.baseline for run in ours) - BUDGET
    return Row(
        name="record-amplification",
        ours=round(written, 1),
        peer=round(stored, 1),
        unit="MB",
        ratio=round(written / stored, 4),
        better="lower",
        runs=len(ours),
        note="bytes given to write calls / bytes of the store's files; peak memory was "
        f"the buffer budget of {BUDGET / 1e6:.0f} MB {over / 1e6:+.0f} MB",
    )


def _measure(writer: str, folder: Path, bank_file: Path) -> Measured:
    write = WRITERS[writer]
    bank = np.load(bank_file)
    with scratch(folder) as warm:
        # imports and thread pools belong to the session, not to the recording
        write(warm, bank, WARM_UP, _frames_a_shard())
    with scratch(folder) as target:
        if hasattr(os, "sync"):
            os.sync()  # or the disk would still be busy with the run before
        back_memory(BACKED)
        baseline = reset_peak()
        before = written_bytes()
        began = perf_counter()
        write(target, bank, FRAMES, _frames_a_shard())
        seconds = perf_counter() - began
        written = written_bytes() - before
        stored = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
        return Measured(seconds, written, stored, peak_memory(), baseline)


def _frames_a_shard() -> int:
    return frames_a_shard(recording_spec(FRAMES, SHAPE), BUDGET)
