"""Find the strip's cell where a run is: that of its event, or of the wait or hold it stands at."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parfocal.plan import Schedule
    from parfocal.run import RunStatus

__all__ = ["PAUSES", "TERMINAL", "barrier_of", "holds_at_the_end", "strip_progress"]

TERMINAL = frozenset({"completed", "cancelled", "failed"})
STANDING = frozenset({"waiting", "holding"})
PAUSES = frozenset({"pausing", "paused"})


def barrier_of(status: "RunStatus", schedule: "Schedule") -> int | None:
    """The number of the wait or hold that the run stands at, counted from 0; else None.

    A pause in a hold stands at it too, and so does one that was asked for in a wait: it takes
    effect behind it.
    """
    in_pause = status.state in PAUSES and (
        bool(status.message) or status.wait_remaining_s is not None
    )
    if status.state not in STANDING and not in_pause:
        return None
    if holds_at_the_end(status, schedule):
        return None
    kept = [part for part in schedule.parts if part.kind != "phase" and part.kept]
    items = [part.item for part in kept]
    return items.index(status.item) if status.item in items else None


def holds_at_the_end(status: "RunStatus", schedule: "Schedule") -> bool:
    """Whether the plan is done and its store is kept open for more; its message is no hold's."""
    here = [part.name for part in schedule.parts if part.item == status.item]
    return bool(status.message) and status.message not in here


def strip_progress(status: "RunStatus", schedule: "Schedule") -> tuple[int, int | None]:
    """How many cells are past, and which one (from 0) is going on, if any."""
    if str(status.state) == "completed" or holds_at_the_end(status, schedule):
        return schedule.events + len(schedule.barriers), None
    if (barrier := barrier_of(status, schedule)) is not None:
        cell = schedule.cell_of_barrier(barrier)
        return cell, cell
    if not status.event:
        return 0, None
    cell = schedule.cell_of_event(status.event - 1)
    if status.state in TERMINAL:
        return cell + 1, None
    return cell, cell
