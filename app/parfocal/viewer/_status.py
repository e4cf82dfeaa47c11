"""Read what a viewer is doing."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class ViewerState(StrEnum):
    """The words of a viewer's light."""

    STARTING = "starting"
    READY = "ready"
    BUSY = "busy"
    NOT_RESPONDING = "not responding"
    EXITED = "exited"
    DETACHED = "detached"


@dataclass(frozen=True, slots=True)
class ViewerStatus:
    """One moment of a viewer. Counters are live frames; `problem` is empty when all is well.

    `queued` requests wait for their answer; a `kept` viewer stays open when its program ends.
    """

    state: ViewerState
    pid: int | None = None
    accepted: int = 0
    displayed: int = 0
    dropped: int = 0
    exit_code: int | None = None
    problem: str = ""
    queued: int = 0
    title: str = ""
    store: Path | None = None
    kept: bool = False
