"""How the plans of a lab lie in shards, as docs/store.md tells it and as a run is told before."""

from __future__ import annotations

from pathlib import Path

import pytest
from shard_plans import BUDGET, PLANS, table

from parfocal.store import forecast_shards
from parfocal.store._geometry import SEAL_TIMEOUT_S
from parfocal.store._shard_planning import LARGEST_SHARD, plan_geometries
from parfocal.store._spec import validated

PAGE = Path(__file__).parents[2] / "docs" / "store.md"
# plan: (frames, depth, open shards, longest open) of each camera
CHOSEN = {
    "fast 2-D, 100 frames/s": [(16, 1, 1, 0.15)],
    "small region, 1,000 frames/s of 256²": [(64, 1, 1, 0.063)],
    "channel fastest, 3 at 10/s": [(32, 1, 3, 9.3)],
    "4 fields every 0.1 s": [(32, 1, 4, 3.1)],
    "stream without an end, 100 frames/s": [(32, 1, 1, 0.31)],
    "two cameras, 50 frames/s each": [(16, 1, 1, 0.3), (64, 1, 1, 1.26)],
    "z-stack of 51, every minute": [(1, 26, 1, 1.25)],
    "z-stack of 200 (1.7 GB)": [(1, 50, 1, 2.45)],
    "both channels at each z": [(1, 21, 2, 4.0)],
    "31 fields × 2 channels, every 5 min": [(1, 1, 1, 0.0)],
    "one frame an hour for a night": [(1, 1, 1, 0.0)],
    "384 wells × 2 channels × 5 z": [(1, 5, 1, 0.4)],
}


@pytest.mark.parametrize("name", PLANS)
def test_the_shards_of_twelve_plans(name: str) -> None:
    forecasts = forecast_shards(PLANS[name](), BUDGET)
    assert [
        (each.frames, each.depth, each.open_shards, pytest.approx(each.open_s))
        for each in forecasts
    ] == CHOSEN[name]
    assert sum(each.memory_bytes for each in forecasts) <= BUDGET
    for each in forecasts:
        assert each.shard_bytes <= LARGEST_SHARD
        assert each.open_s <= SEAL_TIMEOUT_S


@pytest.mark.parametrize("name", [name for name in PLANS if "without an end" not in name])
def test_a_forecast_is_what_becomes_of_the_plan(name: str) -> None:
    """Plane by plane: a shard is open from its first planned plane to its last."""
    spec = validated(PLANS[name](), "lz4", BUDGET)
    geometries = plan_geometries(spec, BUDGET)
    for forecast, geometry in zip(forecast_shards(spec, BUDGET), geometries, strict=True):
        mine = list(zip(spec.planned, spec.due_s, strict=True))
        left: dict[object, int] = {}
        for index, _ in mine:
            if index[2] in forecast.channels:
                key = geometry.shard_of(index)
                left[key] = left.get(key, 0) + 1
        opened: dict[object, float] = {}
        most, longest = 0, 0.0
        for index, due in mine:
            if index[2] not in forecast.channels:
                continue
            key = geometry.shard_of(index)
            opened.setdefault(key, due)
            most = max(most, len(opened))
            longest = max(longest, due - opened[key])
            left[key] -= 1
            if not left[key]:
                del opened[key]
        assert (forecast.open_shards, forecast.open_s) == (most, pytest.approx(longest))


def test_the_page_shows_the_table_that_the_code_makes() -> None:
    assert "\n".join(table()) in PAGE.read_text(encoding="utf-8")
