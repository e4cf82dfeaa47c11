"""A store replayed as a microscope gives what was recorded, and says what it has not got."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import useq
import yaml

from parfocal.plan import experiment_from_sequence
from parfocal.scope import open_microscope, open_replay
from parfocal.store import StoreReader, check, info, list_labels, read_table
from parfocal.wiring import prepare_run

SEQUENCE = {
    "axis_order": "tpcz",
    "time_plan": {"interval": 0.1, "loops": 3},
    "stage_positions": [(0, 0, 0), (80, 0, 0)],
    "channels": [{"config": "DAPI", "exposure": 10}, {"config": "FITC", "exposure": 5}],
    "z_plan": {"range": 2, "step": 2},
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    microscope = open_microscope("demo", camera_size=(128, 160))
    path = tmp_path_factory.mktemp("replay") / "first.ome.zarr"
    experiment = experiment_from_sequence(useq.MDASequence.model_validate(SEQUENCE))
    session = prepare_run(experiment, microscope, path, live=False)
    session.run.execute()
    session.close()
    microscope.close()
    return path


def replayed(store: Path, folder: Path, *words: str, **phase: object) -> tuple[int, str, dict]:
    plan = folder / "plan.parfocal.yaml"
    item = {"phase": "a", "sequence": json.loads(json.dumps(SEQUENCE)), **phase}
    plan.write_text(yaml.safe_dump({"parfocal": 1, "items": [item]}))
    output = folder / "second.ome.zarr"
    verb = ["acquire", str(plan), "-o", str(output), "--replay", str(store), "--json", *words]
    ran = subprocess.run(
        [sys.executable, "-m", "parfocal", *verb], capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stderr, json.loads(ran.stdout) if ran.stdout else {}


def test_a_replay_records_the_same_pixels_and_sizes(store: Path, tmp_path: Path) -> None:
    code, said, value = replayed(store, tmp_path)
    assert code == 0, said
    assert value["frames_stored"] == 24
    first, second = StoreReader(store), StoreReader(value["store"])
    for p in (0, 1):
        for c in (0, 1):
            for t in range(3):
                for z in (0, 1):
                    planes = [one.plane((t, p, c, z)) for one in (first, second)]
                    assert np.array_equal(*planes)
    assert info(value["store"]).voxel_size_um == info(store).voxel_size_um
    assert check(value["store"]).ok


def test_a_closed_loop_can_be_tried_on_a_replay(store: Path, tmp_path: Path) -> None:
    code, said, value = replayed(
        store,
        tmp_path,
        pipeline={"segment": "otsu", "track": "laptrack"},
        stimulate={"exposure": 5, "channel": {"config": "FITC"}, "deadline": 10},
    )
    assert code == 0, said
    assert value["stimulations"] == {"fired": 6, "fallback": 0, "skipped": 0}
    assert list_labels(value["store"])["A/1/0"] == ("cells", "light")
    assert len(read_table(value["store"], "stimulations-a")) == 6


def test_a_plan_larger_than_the_store_fails_with_the_plane_that_is_missing(
    store: Path, tmp_path: Path
) -> None:
    longer = {**SEQUENCE, "time_plan": {"interval": 0.1, "loops": 5}}
    code, said, value = replayed(store, tmp_path, sequence=json.loads(json.dumps(longer)))
    assert code == 1
    assert "has no plane at t 3, p 0, channel 'DAPI', z 0 to replay" in said
    assert value["state"] == "failed"
    assert value["frames_stored"] == 24


def test_two_microscopes_at_once_are_refused(store: Path, tmp_path: Path) -> None:
    code, said, _ = replayed(store, tmp_path, "--profile", "demo")
    assert code == 1
    assert "--replay and --profile are two microscopes" in said
    replay = open_replay(store)
    assert replay.camera().pixel_size_um == 0.5
    assert replay.projector is not None
    assert replay.projector.unfit_for(128, 160) == ""
    replay.close()
