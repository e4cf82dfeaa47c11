"""Viewers without a window, started and let go of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from parfocal.viewer import Viewer, ViewerRecord, detached_viewers
from parfocal.viewer import _host as host
from viewer.windowless import eventually, left_outside, spawn


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[Viewer]:
    monkeypatch.setattr(host, "start_child", spawn)
    viewer = Viewer("a title")
    viewer.start(Path("/data/a.ome.zarr"))
    assert viewer.request("settle").result(10) == {"heard": "settle"}
    yield viewer
    viewer.close()
    for record in detached_viewers():
        Viewer.meet(record).close()
    assert viewer.wait(10)
    assert eventually(lambda: not left_outside()), left_outside()


@pytest.fixture
def kept(started: Viewer) -> ViewerRecord:
    """A viewer that its program has let go of."""
    return started.detach()
