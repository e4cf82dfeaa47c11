"""A store says the scale, places, channels and shape that its plan asked for, for every kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from run_sessions import plan

from parfocal.run import preflight
from parfocal.scope import Microscope
from parfocal.store import info
from parfocal.wiring import Session

HERE = [(0, 0, 10)]
DAPI = {"config": "DAPI", "exposure": 1}
FITC = {"config": "FITC", "exposure": 1}
# 64 pixels of 0.5 µm: the middle of the first one lies this far from the middle of the picture
CORNER = -31.5 * 0.5


class Case(NamedTuple):
    """A sequence; where the stage stands at each field's lowest plane (z, y, x); what info says."""

    sequence: dict[str, Any]
    places: list[tuple[float, float, float]]
    shape: tuple[int, int, int] = (1, 1, 1)
    frames: int = 1
    z_um: float = 1.0
    time_s: float | None = None
    channels: tuple[str, ...] = ("DAPI",)


PLATE = {
    "plate": "384-well",
    "a1_center_xy": (100, 200),
    "selected_wells": ([0, 1], [0, 0]),
    "well_points_plan": {"rows": 1, "columns": 2, "fov_width": 40, "fov_height": 40},
}
OWN = [
    {"x": 0, "y": 0, "z": 1},
    {"x": 50, "y": 5, "z": 2, "sequence": {"z_plan": {"range": 6, "step": 3}}},
    {"x": 90, "y": 5, "z": 4, "sequence": {"channels": [FITC]}},
]
OTHER = {"range": 6, "step": 3}
CASES = {
    "one frame": Case({"stage_positions": HERE}, [(10, 0, 0)]),
    "a relative stack": Case(
        {"stage_positions": [(3, 4, 100)], "z_plan": {"relative": [-2.5, 0, 2.5]}},
        [(97.5, 4, 3)], (1, 1, 3), 3, 2.5,
    ),
    "an absolute stack": Case(
        {"stage_positions": HERE, "z_plan": {"bottom": 4, "top": 10, "step": 1.5}},
        [(4, 0, 0)], (1, 1, 5), 5, 1.5,
    ),
    "a stack taken downwards": Case(
        {"stage_positions": HERE, "z_plan": {"range": 4, "step": 2, "go_up": False}},
        [(8, 0, 0)], (1, 1, 3), 3, 2.0,
    ),
    "a grid spaced by the camera": Case(
        {"stage_positions": HERE, "grid_plan": {"rows": 1, "columns": 2, "overlap": 25}},
        [(10, 0, -12), (10, 0, 12)], (1, 1, 1), 2,
    ),
    "an area to cover": Case(
        {"grid_plan": {"left": 0, "right": 64, "bottom": 0, "top": 32}, "stage_positions": []},
        [(0, 16, 16), (0, 16, 48)], (1, 1, 1), 2,
    ),
    "a plate of wells with two points each": Case(
        {"stage_positions": PLATE},
        [(0, 200, 80), (0, 200, 120), (0, -4300, 80), (0, -4300, 120)],
        (1, 1, 1), 4,
    ),
    "positions with their own stack and channel": Case(
        {"stage_positions": OWN}, [(1, 0, 0), (-1, 5, 50), (4, 5, 90)],
        (1, 2, 3), 5, 3.0, None, ("DAPI", "FITC"),
    ),
    "a channel every other time": Case(
        {
            "stage_positions": HERE, "channels": [DAPI, {**FITC, "acquire_every": 2}],
            "time_plan": {"interval": 0.02, "loops": 3},
        },
        [(10, 0, 0)], (3, 2, 1), 5, 1.0, 0.02, ("DAPI", "FITC"),
    ),
    "a channel without a stack": Case(
        {
            "stage_positions": HERE, "channels": [{**FITC, "do_stack": False}, DAPI],
            "z_plan": {"range": 4, "step": 2},
        },
        [(8, 0, 0)], (1, 2, 3), 4, 2.0, None, ("FITC", "DAPI"),
    ),
    "times in two phases": Case(
        {
            "stage_positions": HERE,
            "time_plan": [{"interval": 0.02, "loops": 4}, {"interval": 0.05, "loops": 2}],
        },
        [(10, 0, 0)], (5, 1, 1), 5, 1.0, 0.02,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CASES)
def test_the_store_says_what_the_plan_asked_for(
    kind: str, demo: Microscope, prepare: Callable[..., Session]
):
    case = CASES[kind]
    demo.core.setXYPosition(0, 0)
    demo.core.setPosition(0)
    session = prepare(plan(**case.sequence), demo)
    session.run.execute()
    session.close()
    stored = info(session.run.store)
    assert (stored.state, stored.acquired, stored.planned) == (
        "completed",
        case.frames,
        case.frames,
    )
    assert stored.shape == (*case.shape, 64, 64)
    assert stored.voxel_size_um == (case.z_um, 0.5, 0.5)
    assert stored.time_step_s == case.time_s
    assert stored.channels == case.channels
    assert len(stored.origins_um) == len(case.places)
    for origin, (z, y, x) in zip(stored.origins_um, case.places, strict=True):
        assert origin == pytest.approx((z, y + CORNER, x + CORNER))


UNEVEN = {
    "one stack": {"stage_positions": HERE, "z_plan": {"absolute": [1, 2, 9]}},
    "a position's own": {
        "stage_positions": [*HERE, {"x": 5, "y": 0, "z": 9, "sequence": {"z_plan": OTHER}}],
        "z_plan": {"range": 4, "step": 2},
    },
}


@pytest.mark.parametrize("kind", UNEVEN)
def test_a_distance_of_planes_that_is_not_that_of_all_is_a_guess_and_said_before(
    kind: str, demo: Microscope, prepare: Callable[..., Session], tmp_path: Path
):
    experiment = plan(**UNEVEN[kind])
    (finding,) = preflight(experiment, demo, tmp_path / "a.ome.zarr")
    assert (finding.rule, finding.severity) == ("z step", "warning")
    session = prepare(experiment, demo)
    session.run.execute()
    session.close()
    assert any("along z is a guess" in note for note in info(session.run.store).voxel_size_notes)


def test_a_plate_and_the_hardware_are_in_the_record(
    demo: Microscope, prepare: Callable[..., Session]
):
    demo.core.setPosition(7)
    session = prepare(plan(stage_positions=PLATE), demo)
    session.run.execute()
    session.close()
    store = session.run.store
    assert info(store).field_paths == ("A/1/0", "A/1/1", "B/1/0", "B/1/1")
    plate = _attributes(store)["ome"]["plate"]
    assert (len(plate["rows"]), len(plate["columns"])) == (16, 24)
    assert [(w["path"], w["rowIndex"], w["columnIndex"]) for w in plate["wells"]] == [
        ("A/1", 0, 0), ("B/1", 1, 0),
    ]  # fmt: skip
    hardware = _attributes(store / "parfocal/run")["parfocal"]["hardware"]
    assert hardware["start"]["z"] == pytest.approx(7)
    assert "Channel" in hardware["end"]["presets"]
    assert hardware["end"]["exposure_ms"] > 0


def _attributes(group: Path) -> dict[str, Any]:
    return json.loads((group / "zarr.json").read_text())["attributes"]
