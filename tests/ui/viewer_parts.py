"""A viewer without a window, for tests of what is drawn of one."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any

from parfocal.viewer import Viewer, ViewerRecord, ViewerStatus

STORE_PATH = Path("/data/kinase/drug response.ome.zarr")


def record_of(pid: int, title: str) -> ViewerRecord:
    """What is written down of a viewer that was kept open."""
    nowhere = Path("/nowhere")
    return ViewerRecord(
        pid, started=1.0, token="", folder=nowhere, title=title, store=STORE_PATH, kept=True
    )


class StillViewer(Viewer):
    """Is as it is told to be, and remembers what was asked of it."""

    def __init__(self, status: ViewerStatus, log: str = "") -> None:
        super().__init__(status.title)
        self.shown = status
        self.said = log
        self.asked: list[str] = []

    @property
    def log(self) -> str:
        return self.said

    def status(self) -> ViewerStatus:
        return self.shown

    def request(self, op: str, *, timeout: float = 30.0, **_values: Any) -> Future[dict[str, Any]]:
        assert timeout > 0
        self.asked.append(op)
        return Future()

    def detach(self, timeout: float = 5.0) -> ViewerRecord:
        assert timeout > 0
        self.asked.append("detach")
        return record_of(self.shown.pid or 0, self.title)

    def close(self, timeout: float = 5.0) -> None:
        assert timeout > 0
        self.asked.append("close")
