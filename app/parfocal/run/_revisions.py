"""Change the plan of a run in mid-run: totals, store and saved plan follow, or nothing does."""

from collections.abc import Iterable, Sequence

from parfocal.plan import (
    Index,
    Item,
    RevisionKind,
    Schedule,
    Step,
    continue_with,
    extend,
    plan_as_json,
    replace_remaining,
    revise,
)
from parfocal.run._program import Place
from parfocal.run._refusal import RunRefused
from parfocal.run._shared import Shared
from parfocal.run._standpoint import Standpoint
from parfocal.run._state import RunState

__all__ = ["Revisions"]

ENDED = frozenset({RunState.FINISHING, RunState.CANCELLING}) | {
    state for state in RunState if state.is_terminal
}


class Revisions:
    """Called in the thread of whoever asks; laying out 100,000 steps takes some seconds."""

    def __init__(self, shared: Shared, standpoint: Standpoint) -> None:
        self._shared = shared
        self._standpoint = standpoint

    def change(self, kind: RevisionKind, items: Iterable[Item]) -> None:
        """Replace what was not handed out yet, or add to the end; refused when it is too late."""
        shared, program = self._shared, self._shared.program
        self._refuse_when_ended()
        # what was handed out decides what is replaced: the run stands still meanwhile
        with program.revising(standing=kind == "replace") as place:
            done = place.done if kind == "replace" else len(place.schedule.steps)
            items = tuple(items)
            schedule = self._revised(place, kind, items)
            experiment = revise(program.experiment, kind, done, items)
            added = [step for step in schedule.steps[done:] if step.index is not None]
            self._refuse_when_ended()
            reaction = shared.reaction
            prepared = None if reaction is None else reaction.prepare(experiment, schedule)
            shared.recording.extend(
                [step.index for step in added if step.index is not None],
                [step.due for step in added],
                fields=self._standpoint.field_infos(schedule.fields[len(place.schedule.fields) :]),
                dropped=_dropped(place.schedule.steps[done:], added),
                plan=plan_as_json(experiment),
            )
            if reaction is not None and prepared is not None:
                reaction.adopt(prepared)
            if not program.adopt(experiment, schedule):
                self._refuse_when_ended()
        shared.events.note("plan changed", kind=kind, done=done, frames=schedule.frames)
        shared.control.wake()

    def _revised(self, place: Place, kind: RevisionKind, items: tuple[Item, ...]) -> Schedule:
        here = self._standpoint
        view, stage = here.view_um, here.stage_um
        before = place.schedule
        if kind == "replace":
            return replace_remaining(
                before, place.done, items, field_of_view_um=view, stage_um=stage
            )
        if kind == "extend":
            return extend(before, items, field_of_view_um=view, stage_um=stage)
        return continue_with(before, items, field_of_view_um=view, stage_um=stage)

    def _refuse_when_ended(self) -> None:
        state = self._shared.control.state
        if state in ENDED or self._shared.program.closed:
            raise RunRefused(
                f"the run into {self._shared.recording.path} is {state} and its store takes "
                "nothing more; start another run, and keep its store open at the end if you may "
                "want to continue it"
            )


def _dropped(before: Sequence[Step], added: Sequence[Step]) -> list[Index]:
    """What was planned and is not any more."""
    planned = {step.index for step in added}
    return [step.index for step in before if step.index is not None and step.index not in planned]
