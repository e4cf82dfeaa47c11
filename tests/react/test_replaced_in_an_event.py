"""A plan that is replaced between two channels of a picture holds no later picture up."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import useq
from loops import MINE, SHAPE, bright, picture

from parfocal.plan import Experiment, Phase, compile_schedule, replace_remaining, revise
from parfocal.react import Catalogue, Loop

PATIENCE_S = 20.0


def phase(name: str, **more: object) -> Phase:
    return Phase(
        name=name,
        sequence=useq.MDASequence.model_validate(
            {
                "axis_order": "tpcz",
                "time_plan": {"interval": 0.2, "loops": 3},
                "stage_positions": [(0, 0, 0)],
                "channels": ["DAPI", "FITC"],
                **more,
            }
        ),
        pipeline={"segment": "mine", "track": "near"},
    )


@pytest.mark.parametrize(
    ("cut", "stack", "analysed", "told"),
    [
        # t 0, and of t 1 one channel
        (3, {}, 5, []),
        # t 0, of t 1 one channel and a plane of the other, below the one that is looked at
        (10, {"z_plan": {"range": 4, "step": 2}}, 4, ["t 1 of field 0 is not analysed: "]),
    ],
    ids=["between channels", "in a stack"],
)
def test_what_was_seen_in_part_holds_no_successor_up(
    tmp_path: Path, cut: int, stack: dict[str, object], analysed: int, told: list[str]
) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    parts = Catalogue(tmp_path)
    parts.part("segment", "mine").do = staticmethod(bright)
    errors: list[str] = []
    loop = Loop(
        shape=SHAPE,
        pixel_um=0.5,
        pixels_of=lambda _index: None,
        catalogue=parts,
        on_error=lambda _source, error: errors.append(str(error)),
    )
    experiment = Experiment(items=(phase("a", **stack),))
    schedule = compile_schedule(experiment)
    loop.adopt(loop.prepare(experiment, schedule))
    for step in schedule.steps[:cut]:
        assert step.index is not None
        loop.offer(step.index, picture(step.index.t))
    items = (phase("b"),)
    after = replace_remaining(schedule, cut, items)
    loop.adopt(loop.prepare(revise(experiment, "replace", cut, items), after))
    for step in after.steps[cut:]:
        assert step.index is not None
        loop.offer(step.index, picture(step.index.t))
    token = threading.Event()
    timer = threading.Timer(PATIENCE_S, token.set)
    timer.start()
    assert loop.drain(token), "a picture waits for one that will never come"
    timer.cancel()
    timer.join()
    counts = loop.counts()
    loop.close()
    assert (counts.analysed, counts.failed, counts.frames) == (analysed, len(told), 0)
    assert errors == [f"{words}the plan was changed" for words in told]
