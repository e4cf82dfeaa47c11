"""Which viewer shows what: inherited from experiment to phase to product, resolved to the store."""

from __future__ import annotations

from pathlib import Path

import pytest
import useq
from hypothesis import given
from hypothesis import strategies as st
from plan_values import a_view, phase, product_views, products, series, views, wait

from parfocal.plan import (
    MAIN,
    NO_VIEWER,
    Experiment,
    Phase,
    PlanError,
    Product,
    Reference,
    Shown,
    Stimulation,
    Stream,
    View,
    combine_fields,
    compile_schedule,
    inherited,
    read_plan,
    streams_of,
    views_of,
    write_plan,
)

PARTS = ("viewer", "wells", "fields", "channels")
WELLS = useq.WellPlatePlan(
    plate="96-well", a1_center_xy=(0, 0), selected_wells=([0, 1, 1], [0, 1, 2])
)
FITC = Reference(channels=(useq.Channel(config="FITC", exposure=20),), timepoints=(-1,))


def streams(experiment: Experiment) -> dict[str, Stream]:
    return {one.viewer: one for one in streams_of(experiment, compile_schedule(experiment))}


def made(*items: Phase, view: object = ()) -> Experiment:
    return Experiment(items=items, view=view)


@given(levels=st.tuples(*[st.none() | product_views] * 3), product=products)
def test_each_level_says_what_it_says_and_has_the_rest_from_the_one_above(
    levels: tuple[View | None, ...], product: Product
) -> None:
    above, own, last = (() if one is None else (one,) for one in levels)
    one = phase(view=own, products={product: last} if last else {})
    resolved = views_of(made(one, view=above), one, product)
    for part in PARTS:
        said = [getattr(level, part) for level in levels if level is not None]
        said = [value for value in said if value is not None]
        nearest = said[-1] if said else (MAIN if part == "viewer" else ())
        if part == "viewer" and nearest == NO_VIEWER:
            assert resolved == ()
            break
        assert [getattr(view, part) for view in resolved] == [nearest]


@given(above=st.lists(a_view, min_size=1, max_size=2).map(tuple), own=views)
def test_a_level_of_views_has_these_viewers_and_no_others(
    above: tuple[View, ...], own: tuple[View, ...]
) -> None:
    resolved = inherited(above, own)
    named = {view.viewer for view in own if view.viewer is not None}
    unnamed = any(view.viewer is None for view in own)
    everyone = {view.viewer for view in above}
    if not own:
        assert resolved == above
    else:
        assert {view.viewer for view in resolved} == (named | everyone if unnamed else named)
    assert inherited(above, ()) == above


def test_a_plan_without_a_word_is_one_viewer_of_everything_that_nobody_declared() -> None:
    experiment = made(series(reference=FITC))
    assert streams(experiment) == {
        MAIN: Stream(MAIN, declared=False, shown=(Shown(((0, 3),), ((0, 1),), ((0, 2),)),))
    }


def test_wells_fields_channels_and_steps_become_the_numbers_of_the_store() -> None:
    light = Stimulation(exposure=5)
    before = series("before", channels=["DAPI", "FITC"], stage_positions=WELLS)
    after = series("after", stage_positions=WELLS, reference=FITC, stimulate=light)
    after = after.model_copy(
        update={
            "view": (View(wells=("b03",), channels=()),),
            "products": {"reference": (View(viewer="read-out", wells=(), fields=("2",)),)},
        }
    )
    experiment = Experiment(
        view=View(viewer="overview", channels=("DAPI",)), items=(before, wait(5), after)
    )
    channels = [(one.name, one.kind) for one in compile_schedule(experiment).channels]
    assert [kind for _, kind in channels] == ["imaging", "imaging", "reference", "stimulation"]
    found = streams(experiment)
    assert all(stream.declared for stream in found.values())
    assert set(found["overview"].shown) == {
        Shown(((0, 3),), ((0, 3),), ((0, 1),)),
        Shown(((3, 6),), ((2, 3),), ((0, 2), (3, 4))),
    }
    assert found["read-out"].shown == (Shown(((3, 6),), ((1, 2),), ((2, 3),)),)


def test_what_goes_to_no_viewer_is_in_none_and_what_fits_nothing_is_said_to_be_empty() -> None:
    experiment = made(
        series(reference=FITC, products={"reference": (View(viewer=NO_VIEWER),)}),
        view=({"viewer": "all"}, {"viewer": "lost", "wells": ["C/9"]}),
    )
    found = streams(experiment)
    assert found["all"].shown == (Shown(((0, 3),), ((0, 1),), ((0, 1),)),)
    assert found["lost"] == Stream("lost", declared=True, shown=())


def test_only_the_phases_that_say_something_declare_a_viewer() -> None:
    found = streams(made(series("a"), series("b", view=(View(viewer="detail"),))))
    assert (found[MAIN].declared, found["detail"].declared) == (False, True)
    assert found[MAIN].shown[0].t == ((0, 3),)
    assert found["detail"].shown[0].t == ((3, 6),)


def test_phases_that_are_shown_elsewhere_do_not_become_one() -> None:
    places = [{"x": 0, "y": 0}]
    one = series("a", stage_positions=places)
    other = series("b", stage_positions=places, view=(View(viewer="detail"),))
    with pytest.raises(PlanError, match="their view differs"):
        combine_fields(one, other)


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("{viewer: main}", (View(viewer="main"),)),
        ("{wells: B/3, fields: [1, edge]}", (View(wells=("B/3",), fields=("1", "edge")),)),
        ("{channels: []}", (View(channels=()),)),
        ("{}", (View(),)),
        (
            "[{viewer: a, steps: imaging}, {viewer: b}]",
            (View(viewer="a", steps=("imaging",)), View(viewer="b")),
        ),
    ],
)
def test_a_view_is_written_as_short_as_it_was_read(
    text: str, view: tuple[View, ...], tmp_path: Path
) -> None:
    path = tmp_path / "plan.parfocal.yaml"
    path.write_text(f"parfocal: 1\nview: {text}\nitems: [{{phase: a, sequence: {{}}}}]\n")
    experiment = read_plan(path)
    assert experiment.view == view
    write_plan(experiment, path)
    assert read_plan(path) == experiment
    assert ("- viewer" in path.read_text()) == (len(view) > 1)
