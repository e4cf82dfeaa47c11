"""Settle what a useq sequence leaves open: where the stage is, how large a field is."""

from typing import Any

import useq

__all__ = ["FieldOfView", "StagePoint", "own_sequences", "placed"]

FieldOfView = tuple[float, float]
StagePoint = tuple[float, float, float]


def placed(
    sequence: useq.MDASequence, field_of_view: FieldOfView | None, stage: StagePoint | None
) -> useq.MDASequence:
    """A copy with its grids spaced by the camera and its relative plans tied to the stage.

    useq lets a relative z plan without a position start at z = 0: on a real microscope that is
    millimetres away from the sample. It starts where the stage is instead.
    """
    positions = tuple(sequence.stage_positions)
    if stage is not None:
        if not positions and _is_relative(sequence):
            positions = (useq.Position(),)
        positions = tuple(_tied(position, sequence, stage) for position in positions)
    return _renewed(
        sequence,
        field_of_view,
        stage_positions=tuple(_with_own_sequence(place, field_of_view) for place in positions),
    )


def own_sequences(sequence: useq.MDASequence) -> list[useq.MDASequence]:
    """What single positions do in their own way; the fields of a plate are all taken alike."""
    places = sequence.stage_positions
    if isinstance(places, useq.WellPlatePlan):  # there are thousands of them to look at
        return []
    return [place.sequence for place in places if place.sequence is not None]


def _is_relative(sequence: useq.MDASequence) -> bool:
    plans = (sequence.z_plan, sequence.grid_plan)
    return any(plan is not None and plan.is_relative for plan in plans)


def _tied(position: useq.Position, parent: useq.MDASequence, stage: StagePoint) -> useq.Position:
    own = position.sequence
    z_plan = (own.z_plan if own else None) or parent.z_plan
    grid = (own.grid_plan if own else None) or parent.grid_plan
    update: dict[str, float] = {}
    if z_plan is not None and z_plan.is_relative and position.z is None:
        update["z"] = stage[2]
    if grid is not None and grid.is_relative:
        if position.x is None:
            update["x"] = stage[0]
        if position.y is None:
            update["y"] = stage[1]
    return position.model_copy(update=update) if update else position


def _with_own_sequence(position: useq.Position, field_of_view: FieldOfView | None) -> useq.Position:
    if position.sequence is None:
        return position
    return position.model_copy(update={"sequence": _renewed(position.sequence, field_of_view)})


def _renewed(
    sequence: useq.MDASequence, field_of_view: FieldOfView | None, **update: Any
) -> useq.MDASequence:
    """Copy, so that neither useq's nor pymmcore-plus' writes reach the experiment's own value."""
    if sequence.autofocus_plan is not None:
        # an autofocus plan remembers the last index it saw: iterated a second time, a plan with
        # one position would focus no more
        focus = sequence.autofocus_plan
        update["autofocus_plan"] = type(focus)(**dict(focus))
    if sequence.grid_plan is not None and field_of_view is not None:
        width, height = field_of_view
        update["grid_plan"] = sequence.grid_plan.model_copy(
            update={"fov_width": width, "fov_height": height}
        )
    return sequence.model_copy(update=update)
