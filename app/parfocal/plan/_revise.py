"""Change a schedule that is being run: what was done stays, what comes is another plan's."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from parfocal.plan._errors import PlanError
from parfocal.plan._experiment import Experiment, Revision, RevisionKind
from parfocal.plan._items import Item
from parfocal.plan._join import Joiner
from parfocal.plan._layout import lay_out
from parfocal.plan._placing import FieldOfView, StagePoint
from parfocal.plan._schedule import Part, Schedule, Step

__all__ = ["continue_with", "extend", "replace_remaining", "revise", "revised_schedule"]


def revise(
    experiment: Experiment, kind: RevisionKind, done: int, items: tuple[Item, ...]
) -> Experiment:
    """The plan with a revision written down: `compile_schedule` gives the schedule as run.

    `done` counts the steps that were handed out before it.
    """
    change = Revision(kind=kind, done=done, items=items)
    return experiment.model_copy(update={"revisions": (*experiment.revisions, change)})


def replace_remaining(
    schedule: Schedule,
    done: int,
    items: tuple[Item, ...],
    *,
    field_of_view_um: FieldOfView | None = None,
    stage_um: StagePoint | None = None,
) -> Schedule:
    """The first `done` steps as they are, and then these items instead of what was to come.

    What was done keeps ordinal, event and index. New timepoints, events, fields and channels get
    numbers after all that are known; a place that is known already keeps its field.
    """
    kept = _kept(schedule, done)
    return Joiner(lay_out, field_of_view_um, stage_um, kept).join(items)


def extend(
    schedule: Schedule,
    items: tuple[Item, ...],
    *,
    field_of_view_um: FieldOfView | None = None,
    stage_um: StagePoint | None = None,
) -> Schedule:
    """The whole schedule, and then these items, on the same clock."""
    return replace_remaining(
        schedule,
        len(schedule.steps),
        items,
        field_of_view_um=field_of_view_um,
        stage_um=stage_um,
    )


def continue_with(
    schedule: Schedule,
    items: tuple[Item, ...],
    *,
    field_of_view_um: FieldOfView | None = None,
    stage_um: StagePoint | None = None,
) -> Schedule:
    """A schedule that was run to its end, and then these items: they begin when asked for."""
    joiner = Joiner(lay_out, field_of_view_um, stage_um, schedule, when_asked=True)
    return joiner.join(items)


def revised_schedule(
    schedule: Schedule,
    kind: RevisionKind,
    done: int,
    items: tuple[Item, ...],
    *,
    field_of_view_um: FieldOfView | None = None,
    stage_um: StagePoint | None = None,
) -> Schedule:
    """The schedule after one revision: `replace` drops what comes after `done` steps, `extend`
    and `continue` add to the end of what is left of it."""
    kept = _kept(schedule, done) if kind != "extend" else schedule
    joiner = Joiner(lay_out, field_of_view_um, stage_um, kept, when_asked=kind == "continue")
    return joiner.join(items)


def _kept(schedule: Schedule, done: int) -> Schedule:
    """The first steps, and what of the parts and anchors they need."""
    if not 0 <= done <= len(schedule.steps):
        raise PlanError(
            f"{done} steps cannot have been done of a schedule with {len(schedule.steps)}"
        )
    steps = schedule.steps[:done]
    cut = schedule.steps[done].item if done < len(schedule.steps) else len(schedule.parts)
    parts = tuple(_cut(part, cut, steps) for part in schedule.parts)
    used = 1 + max((step.anchor for step in steps), default=0)
    if steps and steps[-1].event is None:  # the wait has ended, and what it opens is still open
        used += 1
    return replace(schedule, steps=steps, parts=parts, anchors=schedule.anchors[:used])


def _cut(part: Part, cut: int, steps: Sequence[Step]) -> Part:
    """A part of which only these steps were done."""
    if part.item < cut:
        return part
    done = [step for step in steps if step.item == part.item and step.index is not None]
    last = done[-1].index if done else None
    if last is None:
        return replace(part, timepoints=0, kept=False)
    # in batches a timepoint comes once for each batch: the last stretch of it is what counts
    stretch = takewhile(lambda step: step.index is not None and step.index.t == last.t, done[::-1])
    return replace(
        part,
        timepoints=max(step.index.t for step in done if step.index) + 1 - part.first_t,
        last_due=min(step.due for step in stretch),
    )
