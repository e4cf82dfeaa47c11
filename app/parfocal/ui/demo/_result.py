"""Name what the demo makes, and what it says when it cannot."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from parfocal.ui.play import StoryError

if TYPE_CHECKING:
    from parfocal.store import CheckReport

__all__ = ["DemoError", "DemoPictures", "DemoResult"]


class DemoError(StoryError):
    """The demo did not come to its end; the sentence says where it stopped and why."""


@dataclass(frozen=True, slots=True)
class DemoPictures:
    """Where the pictures of the window and of the viewer go."""

    window: Path
    viewer: Path


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What came of it."""

    store: Path
    state: str
    frames: int
    pictures: DemoPictures
    check: "CheckReport"
    viewer_matches: bool
