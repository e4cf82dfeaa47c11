"""Measure the strip chain against its parts: a copy, its hashes, and a bare conversion; then the
queue, and a recording beside it."""

import shutil
import subprocess
import threading
from pathlib import Path
from time import perf_counter

import numpy as np

from parfocal.cli.bench import _queue_claims
from parfocal.cli.bench._converters import sync_folder
from parfocal.cli.bench._pairs import Row, paired
from parfocal.cli.bench._process import back_memory, in_a_process, scratch
from parfocal.cli.bench._strip_yields import recording_row
from parfocal.cli.bench._synthetic import camera_frames
from parfocal.convert import Wishes, convert
from parfocal.jobs import (
    Config,
    Database,
    State,
    Thresholds,
    Worker,
    admit,
    is_idle,
    list_jobs,
)

__all__ = ["rows"]

SIDE, FILES, PER_FILE, DISTINCT = 2048, 75, 8, 8  # 5.03 GB of raw pixels
BACKED = 3 * 2**30
NAME = "strip-vs-parts"
NOTE = (
    f"{FILES * PER_FILE} frames of {SIDE}² uint16 in {FILES} spool files (5.03 GB); all files are "
    "on the disk (syncfs) when the time ends, on both sides. Ours: archive with hashes on the way, "
    "the copy read again, compression with every chunk compared and a strict check, the store "
    "decoded again, projection, preview, report; both sides at a time in one worker. Peer: cp -r, "
    "sha256sum of the copy, then our conversion alone, one after the other"
)
INI = """\
[data]
AOIHeight = {side}
AOIWidth = {side}
AOIStride = {stride}
PixelEncoding = Mono16
ImageSizeBytes = {size}
[multiimage]
ImagesPerFile = {per_file}
"""


def rows(runs: int) -> list[Row]:
    """The rows of `parfocal bench strip`."""
    with scratch() as folder:
        raw = in_a_process(_write_strip, folder)

        def ours() -> float:
            return in_a_process(_ours, raw, folder)

        def peer() -> float:
            return in_a_process(_peer, raw, folder)

        ours()
        peer()  # what is read lies in the page cache for both, as far as it fits
        strip = paired(NAME, ours, peer, unit="s", better="lower", runs=runs, note=NOTE)
        return [strip, recording_row(raw, runs), *_queue_claims.rows(runs)]


def _write_strip(folder: Path) -> Path:
    raw = folder / "scan" / "Run1"
    raw.mkdir(parents=True)
    frames = camera_frames(DISTINCT, (SIDE, SIDE))
    told = INI.format(side=SIDE, stride=2 * SIDE, size=2 * SIDE * SIDE, per_file=PER_FILE)
    (raw / "acquisitionmetadata.ini").write_text(told)
    for number in range(FILES):
        file = raw / (f"{number:010}"[::-1] + "spool.dat")
        with file.open("wb") as opened:
            for frame in range(PER_FILE):
                opened.write(np.ascontiguousarray(frames[frame % DISTINCT]).tobytes())
    sync_folder(folder)
    return raw


def _ours(raw: Path, folder: Path) -> float:
    back_memory(BACKED)
    config = Config(
        project="bench",
        output=folder / "stores",
        archive=folder / "backup",
        stable_seconds=0,
        minimum_strip_gb=0,
        bandwidth_mb_s=None,
        voxel_size_um=(2.0, 0.4, 0.4),
        thresholds=Thresholds(store_gb=0, mip_mb=0),
    )
    name = config.name_of(raw)
    assert name is not None
    database = Database(folder / "queue.sqlite")
    began = perf_counter()
    admit(database, name, raw, config)
    Worker(database).run(threading.Event(), lambda: is_idle(database))
    sync_folder(folder)
    seconds = perf_counter() - began
    assert {job.state for job in list_jobs(database)} == {State.DONE}
    database.close()
    for left in folder.glob("queue.sqlite*"):
        left.unlink()
    shutil.rmtree(folder / "stores")
    shutil.rmtree(folder / "backup")
    return seconds


def _peer(raw: Path, folder: Path) -> float:
    back_memory(BACKED)
    copy, store = folder / "copy", folder / "peer.ome.zarr"
    began = perf_counter()
    subprocess.run(["cp", "-r", str(raw), str(copy)], check=True)
    files = [str(path) for path in sorted(copy.iterdir())]
    subprocess.run(["sha256sum", *files], check=True, stdout=subprocess.DEVNULL)
    convert(raw, store, Wishes(axes="zyx", voxel_um=(2.0, 0.4, 0.4)), action="ingest")
    sync_folder(folder)
    seconds = perf_counter() - began
    shutil.rmtree(copy)
    shutil.rmtree(store)
    return seconds
