"""What the desk knows of one viewer: the viewer, what it was opened on, how it may leave."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parfocal.viewer import LiveFilter, RingAddress, Viewer


@dataclass(frozen=True, slots=True)
class Opening:
    """What a viewer is opened on: enough to open it once more."""

    title: str
    store: Path
    live: RingAddress | None = None
    only: LiveFilter | None = None
    fields: tuple[int, ...] = ()
    """Of the store; all of them when there is none."""


@dataclass(slots=True)
class ViewerRow:
    """One viewer of the desk."""

    number: int
    viewer: Viewer
    opening: Opening
    leaving: bool = False
    """It was asked to close, or to make room for another: gone means gone from the list."""
    told: bool = False
    """Its end was told."""

    @property
    def exited(self) -> bool:
        """Whether its process has ended."""
        return self.viewer.status().state == "exited"
