"""Random plans for hypothesis, and short ways to write one."""

from __future__ import annotations

from typing import Any

import useq
from hypothesis import strategies as st

from parfocal.plan import (
    PRODUCTS,
    Experiment,
    Hold,
    Item,
    OnTrouble,
    Phase,
    Reference,
    Revision,
    Schedule,
    Stimulation,
    Storage,
    TimeRange,
    View,
    Wait,
    compile_schedule,
)

lengths = st.floats(-1e4, 1e4, allow_nan=False).map(lambda value: round(value, 3))
seconds = st.floats(0, 1e5, allow_nan=False).map(lambda value: round(value, 3))
steps = st.floats(0.1, 50).map(lambda value: round(value, 3))
words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12
)
loops = st.builds(
    useq.TIntervalLoops,
    interval=seconds,
    loops=st.integers(1, 50),
    prioritize_duration=st.booleans(),
)
time_plans = loops | st.builds(
    useq.MultiPhaseTimePlan, phases=st.lists(loops, min_size=1, max_size=3)
)
z_plans = (
    st.builds(useq.ZRangeAround, range=steps, step=steps, go_up=st.booleans())
    | st.builds(useq.ZAboveBelow, above=steps, below=steps, step=steps)
    | st.builds(useq.ZRelativePositions, relative=st.lists(lengths, min_size=1, max_size=4))
)
grids = st.builds(
    useq.GridRowsColumns,
    rows=st.integers(1, 3),
    columns=st.integers(1, 3),
    overlap=st.tuples(st.floats(0, 50), st.floats(0, 50)),
    mode=st.sampled_from(list(useq.OrderMode)),
) | st.builds(
    useq.RandomPoints,
    num_points=st.integers(1, 4),
    max_width=steps,
    max_height=steps,
    random_seed=st.integers(0, 99),
)
channels = st.builds(
    useq.Channel,
    config=words,
    group=words,
    exposure=st.none() | steps,
    do_stack=st.booleans(),
    z_offset=lengths,
    acquire_every=st.integers(1, 4),
)
positions = st.builds(
    useq.Position,
    x=lengths,
    y=lengths,
    z=st.none() | lengths,
    name=st.none() | words,
    sequence=st.none() | st.builds(useq.MDASequence, z_plan=z_plans),
)
sequences = st.builds(
    useq.MDASequence,
    axis_order=st.sampled_from(["tpgcz", "ptgcz", "tpgzc", "tpcz"]),
    time_plan=st.none() | time_plans,
    stage_positions=st.lists(positions, max_size=3),
    channels=st.lists(channels, max_size=3),
    z_plan=st.none() | z_plans,
    grid_plan=st.none() | grids,
    keep_shutter_open_across=st.sampled_from([(), ("z",), ("z", "c")]),
)
metadata = st.dictionaries(words, st.integers() | words | st.lists(st.booleans()), max_size=3)

numbers = st.lists(st.integers(-9, 9), min_size=1, max_size=4).map(tuple)
ranges = st.builds(
    TimeRange,
    start=st.integers(-9, 9),
    stop=st.none() | st.integers(-9, 9),
    step=st.integers(1, 9),
)
stimulations = st.builds(
    Stimulation,
    timepoints=numbers | ranges,
    mode=st.sampled_from(["current", "previous"]),
    exposure=steps | st.lists(steps, min_size=1, max_size=4).map(tuple),
    power=st.none() | steps,
    stimulator=st.none() | words,
    channel=st.none() | channels,
    on_late=st.sampled_from(["dark", "skip", "previous", "stop"]),
)
references = st.builds(
    Reference,
    channels=st.lists(
        channels.map(lambda channel: channel.replace(acquire_every=1)), min_size=1, max_size=2
    ).map(tuple),
    timepoints=numbers | ranges,
)
names = st.none() | st.lists(words, max_size=2).map(tuple)
products = st.sampled_from(PRODUCTS)
product_views = st.builds(View, viewer=st.none() | words, wells=names, fields=names, channels=names)
a_view = st.builds(
    View,
    viewer=st.none() | words,
    wells=names,
    fields=names,
    channels=names,
    steps=st.none() | st.lists(products, max_size=2).map(tuple),
)
views = st.lists(a_view, max_size=2).map(tuple)
phases = st.builds(
    Phase,
    name=words,
    sequence=sequences,
    reference=st.none() | references,
    stimulate=st.none() | stimulations,
    power=st.dictionaries(words, steps, max_size=2),
    seconds_per_field=st.none() | steps,
    view=views,
    products=st.dictionaries(products, st.lists(product_views, max_size=2).map(tuple), max_size=2),
    pipeline=st.none() | metadata,
    metadata=metadata,
)
barriers: st.SearchStrategy[Item] = st.builds(Wait, seconds=seconds) | st.builds(
    Hold, message=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
)
plan_items = st.tuples(
    st.lists(barriers, max_size=2), phases, st.lists(phases | barriers, max_size=2)
).map(lambda parts: (*parts[0], parts[1], *parts[2]))
revisions = st.builds(
    Revision,
    kind=st.sampled_from(["replace", "extend", "continue"]),
    done=st.integers(0, 1000),
    items=st.lists(barriers | phases, max_size=2).map(tuple),
)
experiments = st.builds(
    Experiment,
    name=words,
    policy=st.sampled_from(["catch-up", "shift"]),
    on_trouble=st.builds(
        OnTrouble,
        action=st.sampled_from(["skip", "retry", "abort"]),
        deadline=steps,
        retries=st.integers(1, 9),
    ),
    storage=st.builds(
        Storage, codec=st.sampled_from(["lz4", "zstd", "none"]), pyramid=st.booleans()
    ),
    view=views,
    metadata=metadata,
    items=plan_items,
    revisions=st.lists(revisions, max_size=2).map(tuple),
)


def phase(name: str = "a", /, **more: Any) -> Phase:
    """A phase of one channel; what is no key of a phase goes to its sequence."""
    own = {key: more.pop(key) for key in list(more) if key in Phase.model_fields}
    return Phase(name=name, sequence=useq.MDASequence(**{"channels": ["DAPI"], **more}), **own)


def series(name: str = "a", /, interval: float = 10, loops: int = 3, **more: Any) -> Phase:
    """A phase with a time series: 0, 10, 20 s."""
    return phase(name, time_plan={"interval": interval, "loops": loops}, **more)


def wait(seconds: float) -> Wait:
    return Wait(seconds=seconds)


def hold() -> Hold:
    return Hold(message="pipette the drug, then continue")


def compiled(*items: Item) -> Schedule:
    return compile_schedule(Experiment(items=items))


def dues(schedule: Schedule) -> list[float]:
    """When the frames are due."""
    return list(schedule.due_times())
