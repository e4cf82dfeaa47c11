"""A strip goes through its chain: copied, compressed, judged, told; and only then cleaned away."""

from __future__ import annotations

import numpy as np
import pytest
from camera import Camera
from rig import Rig, files_of
from zarr_stores import pixels_of

from parfocal.jobs import Database, read_config, story_of
from parfocal.store import check, info


@pytest.fixture
def rig(tmp_path, database: Database) -> Rig:
    return Rig(tmp_path, database)


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
    import tifffile

    mip = tifffile.imread(rig.product(".mip.tif")).squeeze()
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
