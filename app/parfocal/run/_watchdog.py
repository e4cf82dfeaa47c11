"""Judge from outside whether a run is in trouble: frames that stopped, a disk that stalls or fills.

Pure: what was remembered and what is seen now give what is remembered next and what is to be told.
It tells each trouble once, and once that it is over, and it is patient wherever the plan itself
waits: for a due time, in a wait, a hold or a pause.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from parfocal.run._state import RunState
from parfocal.run._words import size_in_words

__all__ = ["Alarm", "Memory", "Patience", "Sight", "Trouble", "look"]

Trouble = Literal["silent", "stalled", "little room", "failed"]

EXPECTING = frozenset({RunState.RUNNING, RunState.PAUSING})
WRITING = EXPECTING | {
    RunState.PAUSED, RunState.WAITING, RunState.HOLDING, RunState.FINISHING, RunState.CANCELLING,
}  # fmt: skip
OVER_SHARE = 1.05
"""So much more than is needed must be free before little room is over: it must not flicker."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long nothing may happen. A look counts for `look_s` at most: a computer that slept, or a
    watchdog that was held up, is no trouble of the run."""

    frames: float = 5.0
    """Times the longest gap that is expected between two frames."""
    least_s: float = 15.0
    stall_s: float = 10.0
    """While the run is held back because its buffers are full."""
    unwritten_s: float = 45.0
    """For frames in memory: an open shard is written after ten seconds."""
    look_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Sight:
    """A run at one moment, as far as the judgement wants it."""

    at_s: float
    """On any clock that only goes forward."""
    state: RunState
    acquired: int = 0
    stored: int = 0
    expected: int = 0
    sleeps: bool = False
    """Whether the run sleeps until the next event is due."""
    gap_s: float = 0.0
    """The longest that is expected between two frames that are due."""
    blocked_s: float = 0.0
    disk_bytes: int = 0
    free_bytes: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Memory:
    """What is kept from one look to the next."""

    last: Sight | None = None
    waited_s: float = 0.0
    """How long frames have been due and none came."""
    held_s: float = 0.0
    unwritten_s: float = 0.0
    open: Mapping[Trouble, float] = field(default_factory=dict)
    """What was told and is not over, and since when."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something to tell: a trouble that began, or one that is over."""

    trouble: Trouble
    over: bool
    words: str


def look(
    memory: Memory, now: Sight, patience: Patience | None = None
) -> tuple[Memory, tuple[Alarm, ...]]:
    """What is remembered after this look, and what is to be told because of it."""
    patient = Patience() if patience is None else patience
    memory = _counted(memory, now, patient)
    open_ = dict(memory.open)
    told: list[Alarm] = []
    for trouble, words in _judged(memory, now, patient).items():
        if words and trouble not in open_:
            open_[trouble] = now.at_s
            told.append(Alarm(trouble, False, words))
        elif not words and trouble in open_:
            lasted = now.at_s - open_.pop(trouble)
            told.append(Alarm(trouble, True, _over(trouble, now, lasted)))
    return replace(memory, last=now, open=open_), tuple(told)


def _counted(memory: Memory, now: Sight, patient: Patience) -> Memory:
    """Let the time since the last look count for what did not happen in it."""
    last = memory.last
    if last is None:
        return memory
    passed = min(patient.look_s, max(0.0, now.at_s - last.at_s))
    came, written = now.acquired > last.acquired, now.stored > last.stored
    held_back = now.blocked_s > last.blocked_s
    due = now.state in EXPECTING and not now.sleeps and not held_back
    owes = now.state in WRITING and now.stored < now.acquired
    return replace(
        memory,
        waited_s=0.0 if came else memory.waited_s + passed * due,
        held_s=0.0 if written or not owes else memory.held_s + passed * held_back,
        unwritten_s=0.0 if written or not owes else memory.unwritten_s + passed,
    )


def _judged(memory: Memory, now: Sight, patient: Patience) -> dict[Trouble, str]:
    """Every trouble, with the sentence that tells it; empty where there is none."""
    if now.state.is_terminal:
        failed = now.reason or "it failed" if now.state is RunState.FAILED else ""
        return {"silent": "", "stalled": "", "little room": "", "failed": failed}
    least = max(patient.least_s, patient.frames * now.gap_s)
    silent = memory.waited_s >= least and now.acquired < now.expected
    stalled = memory.held_s >= patient.stall_s or memory.unwritten_s >= patient.unwritten_s
    return {
        "silent": (
            f"no frame has come for {memory.waited_s:.0f} s although frames are due "
            f"({now.acquired} of {now.expected} came)"
            if silent
            else ""
        ),
        "stalled": (
            f"nothing was written for {max(memory.held_s, memory.unwritten_s):.0f} s; "
            f"{now.acquired - now.stored} frames are in memory only"
            if stalled
            else ""
        ),
        "little room": _little_room(now, was_told="little room" in memory.open),
        "failed": "",
    }


def _little_room(now: Sight, *, was_told: bool) -> str:
    if now.free_bytes is None or now.stored == 0 or now.disk_bytes == 0:
        return ""
    left = max(0, now.expected - now.stored)
    needed = left * now.disk_bytes / now.stored
    if now.free_bytes >= needed * (OVER_SHARE if was_told else 1.0):
        return ""
    return (
        f"the disk will be full before the end: {size_in_words(now.free_bytes)} are free, and "
        f"the rest needs about {size_in_words(round(needed))}"
    )


def _over(trouble: Trouble, now: Sight, lasted: float) -> str:
    """A run that ended in the midst of a trouble did not get over it."""
    if now.state.is_terminal:
        return f"the run ended ({now.state}) after {lasted:.0f} s of it"
    return {
        "silent": f"frames come again, after {lasted:.0f} s",
        "stalled": f"it is written again, after {lasted:.0f} s",
        "little room": "there is room for the rest of the run again",
        "failed": "",
    }[trouble]
