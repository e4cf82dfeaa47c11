"""Random plans that can be run, small enough to lay out many."""

from __future__ import annotations

from typing import Any

import useq
from hypothesis import strategies as st

from parfocal.plan import Experiment, Hold, Item, Phase, Wait, batch_fields

PLACES = [(0, 0, 0), (50, 0, 0), (50, 50, 10), (90, 0, 0)]
CHANNELS = ["DAPI", "FITC", "Cy5"]


@st.composite
def _phases(draw: st.DrawFn) -> Phase:
    loops = draw(st.integers(1, 9))
    every = draw(st.lists(st.integers(1, 3), max_size=2))
    first = draw(st.integers(0, 2))
    names = CHANNELS[first:] + CHANNELS[:first]
    plan: dict[str, Any] = {
        "axis_order": "tpgcz" if any(n > 1 for n in every) else draw(st.sampled_from(ORDERS)),
        "time_plan": {"interval": draw(st.sampled_from([0, 0.1, 0.7, 10])), "loops": loops},
        "stage_positions": draw(st.permutations(PLACES))[: draw(st.integers(0, 3))],
        "channels": [
            {
                "config": names[c],
                "exposure": draw(st.sampled_from([None, 5, 900])),
                "acquire_every": n if c else 1,
                "do_stack": draw(st.booleans()),
            }
            for c, n in enumerate(every)
        ],
    }
    planes = draw(st.integers(0, 3))
    if planes:
        plan["z_plan"] = {"range": planes, "step": 1, "go_up": draw(st.booleans())}
    if draw(st.booleans()):
        plan["autofocus_plan"] = {"autofocus_motor_offset": 1, "axes": ["p"]}
    phase = Phase(
        name=draw(st.sampled_from("abc")),
        sequence=useq.MDASequence(**plan),
        reference=draw(st.none() | _beside(loops, {"channels": [names[2]]})),
        stimulate=draw(
            st.none()
            | _beside(
                loops, {"exposure": 50, "mode": draw(st.sampled_from(["current", "previous"]))}
            )
        ),
    )
    if phase.sequence.axis_order[0] == "t" and draw(st.booleans()):
        return batch_fields(phase, draw(st.sampled_from([0.2, 3.0, 20.0])))
    return phase


def _beside(loops: int, more: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    numbers = st.lists(st.integers(-loops, loops - 1), min_size=1, max_size=3)
    ranges = st.builds(
        lambda start, step: {"start": start, "step": step},
        st.integers(-loops, loops - 1),
        st.integers(1, 4),
    )
    return (numbers | ranges).map(lambda which: {**more, "timepoints": which})


ORDERS = ["tpgcz", "tpgzc", "tcpgz", "ptgcz", "pgczt"]
_barriers: st.SearchStrategy[Item] = st.builds(
    Wait, seconds=st.sampled_from([0, 0.1, 3, 100])
) | st.just(Hold(message="go on"))

runnable_items: st.SearchStrategy[tuple[Item, ...]] = st.lists(
    _phases() | _barriers, min_size=1, max_size=3
).map(tuple)
runnable_plans = st.builds(
    lambda before, phase, after: Experiment(items=(*before, phase, *after)),
    st.lists(_barriers, max_size=2),
    _phases(),
    st.lists(_phases() | _barriers, max_size=3),
)
