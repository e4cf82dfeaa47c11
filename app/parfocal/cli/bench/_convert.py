"""Measure conversion: against a plain copy, and against what a user would write by hand."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from parfocal.cli.bench._converters import CONVERTERS, check_pixels, installed, sync_folder
from parfocal.cli.bench._pairs import Row, paired
from parfocal.cli.bench._process import back_memory, in_a_process, peak_memory, reset_peak, scratch
from parfocal.cli.bench._synthetic import camera_frames
from parfocal.convert import convert

__all__ = ["rows"]

SIDE, FRAMES, DISTINCT = 2048, 260, 8  # 2.18 GB of raw pixels
TIMES = 10
RAW_MB = SIDE * SIDE * 2 * FRAMES / 1e6
BACKED = 3 * 2**30

Frames: TypeAlias = NDArray[np.uint16]

SAME = (
    f"{FRAMES} frames of {SIDE}² uint16 (2.18 GB) as an sCMOS camera gives them; all files are on "
    "the disk (syncfs) when the time ends, on both sides; ours plans, converts, compares every "
    "chunk with the source and runs the strict check"
)
NOTES = {
    "repack": f"{SAME}. Source: Zarr v2, chunks of 1024², blosc-lz4-1-bitshuffle; peer: cp -r",
    "transcode": f"{SAME}. Source: Zarr v2, chunks of 1024², lz4; the peer proves nothing",
    "ingest-tiff": f"{SAME}. Source: OME-TIFF, uncompressed; the peer proves nothing",
}


def rows(runs: int) -> list[Row]:
    """The rows of `parfocal bench convert`."""
    table = []
    with scratch() as folder:
        for kind in NOTES:
            source = in_a_process(_write_source, kind, folder, FRAMES)
            peers = ["cp"] if kind == "repack" else installed()
            table += [_row(kind, peer, source, folder, runs) for peer in peers]
            if kind != "transcode":
                table.append(_larger(kind, source, folder, runs))
            _remove(source)
    return table


def _larger(kind: str, source: Path, folder: Path, runs: int) -> Row:
    """Ours against ours on a tenth: what costs more than it should as a store grows."""
    (folder / "tenth").mkdir()
    tenth = in_a_process(_write_source, kind, folder / "tenth", FRAMES // TIMES)
    row = paired(
        f"{kind}-{TIMES}-times-larger",
        lambda: in_a_process(_ours, source, folder)[0],
        lambda: in_a_process(_ours, tenth, folder)[0],
        unit="s",
        better="lower",
        runs=runs,
        note=f"{NOTES[kind].partition(';')[0]}, against {FRAMES // TIMES} of them; at most 11",
    )
    shutil.rmtree(folder / "tenth")
    return row


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _row(kind: str, peer: str, source: Path, folder: Path, runs: int) -> Row:
    peaks: list[int] = []

    def ours() -> float:
        seconds, peak = in_a_process(_ours, source, folder)
        peaks.append(peak)
        return seconds if peer == "cp" else RAW_MB / seconds

    def theirs() -> float:
        seconds = in_a_process(_theirs, kind, peer, source, folder)
        return seconds if peer == "cp" else RAW_MB / seconds

    ours()  # what is read lies in the page cache for both
    peaks.clear()
    row = paired(
        f"{kind}-vs-{peer}",
        ours,
        theirs,
        unit="s" if peer == "cp" else "MB/s",
        better="lower" if peer == "cp" else "higher",
        runs=runs,
    )
    memory = f"Our memory at its peak: {median(peaks) / 1e6:.0f} MB more than before"
    return replace(row, note=f"{NOTES[kind]}. {memory}")


def _ours(source: Path, folder: Path) -> tuple[float, int]:
    target = folder / "ours.ome.zarr"
    back_memory(BACKED)
    baseline = reset_peak()
    began = perf_counter()
    convert(source, target)
    seconds = perf_counter() - began
    peak = peak_memory() - baseline
    shutil.rmtree(target)
    return seconds, peak


def _theirs(kind: str, peer: str, source: Path, folder: Path) -> float:
    target = folder / "peer.zarr"
    back_memory(BACKED)
    began = perf_counter()
    if peer == "cp":
        subprocess.run(["cp", "-r", str(source), str(target)], check=True)
    else:
        CONVERTERS[peer](kind, source, target)
    sync_folder(folder)
    seconds = perf_counter() - began
    if peer != "cp":
        check_pixels(target, _frame(17))
    shutil.rmtree(target)
    return seconds


def _frame(number: int) -> Frames:
    frame: Frames = camera_frames(DISTINCT, (SIDE, SIDE))[number % DISTINCT]
    return frame


def _write_source(kind: str, folder: Path, count: int) -> Path:
    frames = camera_frames(DISTINCT, (SIDE, SIDE))
    writer: Callable[..., Path] = _write_tiff if kind == "ingest-tiff" else _write_zarr
    return writer(kind, folder, frames, count)


def _write_zarr(kind: str, folder: Path, frames: Frames, count: int) -> Path:
    import numcodecs
    import zarr

    codec = numcodecs.LZ4() if kind == "transcode" else numcodecs.Blosc("lz4", 1, 2)
    root = zarr.open_group(folder / f"{kind}.zarr", mode="w", zarr_format=2)
    array = root.create_array(
        "0",
        shape=(count, 1, 1, SIDE, SIDE),
        dtype="<u2",
        chunks=(1, 1, 1, 1024, 1024),
        compressors=codec,
        chunk_key_encoding={"name": "v2", "separator": "/"},
    )
    for number in range(count):
        array[number, 0, 0] = frames[number % DISTINCT]
    kinds = {"t": "time", "c": "channel"}
    axes = [{"name": axis, "type": kinds.get(axis, "space")} for axis in "tczyx"]
    scale = [{"type": "scale", "scale": [1.0, 1.0, 1.0, 0.1, 0.1]}]
    datasets: list[Any] = [{"path": "0", "coordinateTransformations": scale}]
    root.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": datasets}]
    return folder / f"{kind}.zarr"


def _write_tiff(kind: str, folder: Path, frames: Frames, count: int) -> Path:
    import tifffile

    file = folder / f"{kind}.ome.tif"
    pages = (frames[number % DISTINCT] for number in range(count))
    told = {"axes": "TYX", "PhysicalSizeX": 0.1, "PhysicalSizeY": 0.1}
    tifffile.imwrite(
        file, pages, shape=(count, SIDE, SIDE), dtype="uint16", metadata=told, bigtiff=True
    )
    return file
