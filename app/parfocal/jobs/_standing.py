"""Say in one word where a strip stands, as a grid of thousands shows it: by colour and letter."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["LETTERS", "StageState", "Standing", "standing_of"]


class Standing(StrEnum):
    """Where a strip stands; what wants a person comes before what goes on."""

    WAITING = "waiting"
    SETTLING = "settling"
    ARCHIVING = "archiving"
    COMPRESSING = "compressing"
    VERIFYING = "verifying"
    PREVIEWING = "previewing"
    REPORTED = "reported"
    CLEANING = "cleaning"
    CLEANED = "cleaned"
    PARKED = "parked"
    CORRUPT = "corrupt"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RESET = "reset"
    ASKED = "asked"
    """The same name came again with other data: a person is asked which is meant."""

    @property
    def needs_person(self) -> bool:
        """Whether nothing goes on before somebody does something."""
        return self in {self.PARKED, self.CORRUPT, self.FAILED, self.ASKED}


@dataclass(frozen=True, slots=True)
class StageState:
    """One stage of a strip, as far as the grid is concerned."""

    kind: str
    state: str
    begun: bool
    trouble: str


LETTERS: Mapping[Standing, str] = {
    Standing.SETTLING: "S",
    Standing.ARCHIVING: "A",
    Standing.COMPRESSING: "C",
    Standing.VERIFYING: "V",
    Standing.PREVIEWING: "P",
    Standing.REPORTED: "R",
    Standing.CLEANING: "L",
    Standing.CLEANED: "✓",
    Standing.PARKED: "!",
    Standing.CORRUPT: "‼",
    Standing.FAILED: "✗",
    Standing.CANCELLED: "■",
    Standing.ASKED: "?",
    Standing.RESET: "·",
}
STAGES: Mapping[str, Standing] = {
    "settle": Standing.SETTLING,
    "inspect": Standing.SETTLING,
    "archive": Standing.ARCHIVING,
    "verify_archive": Standing.VERIFYING,
    "compress": Standing.COMPRESSING,
    "verify_store": Standing.VERIFYING,
    "preview": Standing.PREVIEWING,
    "report": Standing.PREVIEWING,
    "cleanup": Standing.CLEANING,
    "purge": Standing.CLEANING,
}
"""Along the chain; a stage of a later version counts as compressing."""
BEHIND = ("cleanup", "purge")


def standing_of(stages: Iterable[StageState], *, asked: bool = False) -> tuple[Standing, str]:
    """The word and the letters: a large letter for each of the two sides that goes on, a small
    one for what it waits for."""
    told = list(stages)
    standing, letters = _standing_of(told)
    if asked and not any(one.state == "running" for one in told):
        return Standing.ASKED, LETTERS[Standing.ASKED]
    return standing, letters


def _standing_of(stages: list[StageState]) -> tuple[Standing, str]:
    if not stages:
        return Standing.RESET, LETTERS[Standing.RESET]
    stages = sorted(stages, key=lambda one: _place(one.kind))
    if (bad := _trouble(stages)) is not None:
        return bad, LETTERS[bad]
    running = [one for one in stages if one.state == "running"]
    if running:
        standings = list(dict.fromkeys(_of(one.kind) for one in running))
        return standings[-1], "".join(LETTERS[one] for one in standings)[-2:]
    first = stages[0]
    if first.kind == "settle" and first.state == "ready" and first.begun:
        return Standing.SETTLING, LETTERS[Standing.SETTLING]
    done = {one.kind for one in stages if one.state == "done"}
    if all(one.state == "done" for one in stages if one.kind not in BEHIND):
        end = Standing.CLEANED if "cleanup" in done else Standing.REPORTED
        return end, LETTERS[end]
    following = next((one for one in stages if one.state == "ready"), stages[0])
    return Standing.WAITING, LETTERS[_of(following.kind)].lower()


def _trouble(stages: list[StageState]) -> Standing | None:
    if any(one.state == "parked" and one.trouble == "corrupt" for one in stages):
        return Standing.CORRUPT
    for state in (Standing.PARKED, Standing.FAILED, Standing.CANCELLED):
        if any(one.state == state for one in stages):
            return state
    return None


def _of(kind: str) -> Standing:
    return STAGES.get(kind, Standing.COMPRESSING)


def _place(kind: str) -> int:
    known = list(STAGES)
    return known.index(kind) if kind in STAGES else known.index("compress")
