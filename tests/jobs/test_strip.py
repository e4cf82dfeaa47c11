"""A strip goes through its chain: copied, compressed, judged, told; and only then cleaned away."""

from __future__ import annotations

import os

import numpy as np
import pytest
from camera import Camera
from imagecodecs import jpeg8_decode
from rig import Rig, files_of
from tifffile import imread
from zarr_stores import pixels_of

from parfocal.jobs import Database, _file_work, read_config, story_of
from parfocal.store import check, info


@pytest.fixture
def rig(tmp_path, database: Database) -> Rig:
    return Rig(tmp_path, database)


def test_what_the_configuration_says_of_the_store_is_what_it_is(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[set[int]] = []
    whole = _file_work.convert

    def noted(*words: object, **wishes: object) -> object:
        began.append(os.sched_getaffinity(0))
        threads.append(wishes["threads"])
        return whole(*words, **wishes)

    threads: list[object] = []
    monkeypatch.setattr(_file_work, "convert", noted)
    before = os.sched_getaffinity(0)
    rig.configure(
        stable_seconds=0,
        archive=None,
        codec="zstd",
        shard_mb=1,
        threads=1,
        cpu_affinity=[min(before)],
        preview_window=[100, 140],
        preview_parts=3,
    )
    rig.admit(Camera(files=2, height=256, width=1000).write(rig.raw / "Run1"))
    assert {job.state for job in rig.work().values()} == {"done"}
    layer = rig.product(".ome.zarr") / "A/1/0/0"
    assert '"zstd"' in (layer / "zarr.json").read_text()
    assert sum(path.is_file() for path in (layer / "c").rglob("*")) == 4
    assert (began, threads) == ([{min(before)}], [1])
    assert os.sched_getaffinity(0) == before
    pictures = [jpeg8_decode(rig.product(f".preview-{n}.jpg").read_bytes()) for n in (1, 2, 3)]
    assert sum(picture.shape[1] for picture in pictures) == 1000
    mip = imread(rig.product(".mip.tif")).squeeze()
    # what is above the window is white
    assert np.mean(np.hstack(pictures)[mip >= 140]) > 240


def test_a_strip_is_archived_compressed_judged_and_told(rig: Rig) -> None:
    folder = Camera().write(rig.raw / "Run1")
    raw = files_of(folder)
    assert rig.admit(folder).action == "start"
    jobs = rig.work()
    assert {job.state for job in jobs.values()} == {"done"}, {k: j.error for k, j in jobs.items()}
    assert files_of(folder) == raw
    backup = files_of(rig.backup)
    assert {n: b for n, b in backup.items() if n != "manifest.sha256"} == raw
    store = rig.product(".ome.zarr")
    assert check(store, deep=True).ok
    assert info(store).voxel_size_um == (2.0, 0.5, 0.5)
    mip = imread(rig.product(".mip.tif")).squeeze()
    assert np.array_equal(mip, pixels_of(store).squeeze().max(axis=0))
    assert rig.product(".preview-1.jpg").read_bytes()[:2] == b"\xff\xd8"
    assert not [p for p in rig.root.rglob("*") if ".partial-" in p.name or p.name.endswith(".new")]
    (words,) = [one["words"] for one in story_of(rig.database, jobs["report"])]
    assert words.startswith("Strip 1 of slice 0 (camera-01) processed\nraw: ")
    before = files_of(rig.root, but=lambda path: path.name.startswith("queue.sqlite"))
    decision = rig.admit(folder)
    assert (decision.action, "completed at" in decision.why) == ("skip", True)
    rig.work()
    assert files_of(rig.root, but=lambda path: path.name.startswith("queue.sqlite")) == before
    assert read_config(rig.file)
