"""Viewers without a window, started and let go of; and a small ring with a reader of it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from parfocal.viewer import Ring, RingReader, Viewer, ViewerRecord, detached_viewers
from parfocal.viewer import _host as host
from parfocal.viewer._identity import ProcessIdentity
from viewer.ring_parts import SHAPE, STARTED, kill
from viewer.waiting import eventually
from viewer.windowless import left_outside, spawn


@pytest.fixture(autouse=True)
def no_process_of_a_failed_test() -> Iterator[None]:
    """One that went on would let the next test fail too."""
    yield
    while STARTED:
        if (process := STARTED.pop()).poll() is None:
            kill(process)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[Viewer]:
    monkeypatch.setattr(host, "take_or_start", spawn)
    viewer = Viewer("a title")
    viewer.start(Path("/data/a.ome.zarr"))
    assert viewer.request("settle").result(10) == {"heard": "settle"}
    pid = viewer.status().pid
    assert pid is not None
    identity = ProcessIdentity.of(pid)
    assert identity is not None
    yield viewer
    viewer.close()
    for record in detached_viewers():
        Viewer.meet(record).close()
    ended = viewer.wait(10)
    if not ended:  # a test that failed still holds it
        identity.signal(signal.SIGKILL)
    assert ended
    assert eventually(lambda: not left_outside()), left_outside()


@pytest.fixture
def kept(started: Viewer) -> ViewerRecord:
    """A viewer that its program has let go of."""
    return started.detach()


@pytest.fixture
def ring() -> Iterator[Ring]:
    """Four small slots."""
    ring = Ring.create(SHAPE, "uint16", slots=4)
    yield ring
    ring.close()


@pytest.fixture
def reader(ring: Ring) -> Iterator[RingReader]:
    """A reader of `ring` in this process."""
    reader = RingReader.attach(ring.address)
    yield reader
    reader.close()
