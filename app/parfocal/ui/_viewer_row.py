"""What the desk knows of one viewer: the viewer, what it was opened on, how it may leave."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from parfocal.viewer import LiveFilter, RingAddress, ViewerRecord, ViewerStatus


class AnyViewer(Protocol):
    """What the desk asks of a viewer."""

    @property
    def title(self) -> str:
        """The title of its window."""
        ...

    @property
    def log(self) -> str:
        """The end of what it wrote to stderr."""
        ...

    def status(self) -> ViewerStatus:
        """How it is; never waits."""
        ...

    def request(self, op: str, *, timeout: float = 30.0, **values: Any) -> Future[dict[str, Any]]:
        """Ask it for something."""
        ...

    def detach(self) -> ViewerRecord:
        """Let it outlive the program."""
        ...

    def close(self, timeout: float = 5.0) -> object:
        """Ask it to close, then end it; waits."""
        ...


@dataclass(frozen=True, slots=True)
class Opening:
    """What a viewer is opened on: enough to open it once more."""

    title: str
    store: Path
    live: RingAddress | None = None
    only: LiveFilter | None = None


@dataclass(slots=True)
class ViewerRow:
    """One viewer of the desk."""

    number: int
    viewer: AnyViewer
    opening: Opening
    leaving: bool = False
    """It was asked to close, or to make room for another: gone means gone from the list."""
    told: bool = False
    """Its end was told."""

    @property
    def exited(self) -> bool:
        """Whether its process has ended."""
        return self.viewer.status().state == "exited"
