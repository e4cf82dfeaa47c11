"""Find the viewers that were kept open by an earlier start of the program."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ViewerRecord:
    """A viewer that goes on without the program that started it."""

    pid: int
    started: float
    token: str
    folder: Path
    title: str
    store: Path
    kept: bool = False
    says: str = ""


def detached_viewers() -> tuple[ViewerRecord, ...]:
    """All that are there now."""
    return ()
