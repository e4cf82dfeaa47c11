"""Start napari in a child process, talk to it, and see what it is doing."""

from concurrent.futures import Future
from pathlib import Path
from typing import Any

from parfocal.viewer._address import RingAddress
from parfocal.viewer._status import ViewerStatus


class Viewer:
    """One napari window in a process of its own."""

    def __init__(self, title: str = "Parfocal viewer", *, dark: bool = True) -> None:
        raise NotImplementedError

    def start(self, store: Path | None, live: RingAddress | None = None) -> None:
        """Start the child and return at once (< 50 ms)."""
        raise NotImplementedError

    def status(self) -> ViewerStatus:
        """Say what it is doing; never waits."""
        raise NotImplementedError

    def request(self, op: str, *, timeout: float = 30.0, **values: Any) -> Future[dict[str, Any]]:
        """Ask the child for something; the future holds its answer or a ViewerError."""
        raise NotImplementedError

    def close(self, timeout: float = 5.0) -> None:
        """Ask it to close, then end our own process; returns when it is gone."""
        raise NotImplementedError
