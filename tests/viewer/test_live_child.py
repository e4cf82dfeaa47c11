"""A real viewer child on a live stream: it counts exactly, follows, and neither side grows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from parfocal.store import ChannelInfo, FieldInfo, Recording, RecordingSpec
from parfocal.viewer import Ring, Viewer
from viewer.ring_parts import eventually, plane

SHAPE, LARGER = (120, 160), (240, 320)
TIMES = 10_000
KEPT = 500  # the newest planes are kept, up to 192 MB of them: fewer, so that growth is seen
START_S = 60.0


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[Recording]:
    """A long time-lapse whose first frame is stored."""
    planned = [(t, 0, 0, 0) for t in range(TIMES)]
    spec = RecordingSpec(
        "live \"cells\" \\ 'x' 🔬",
        [FieldInfo("Pos “ü” \\ 1")],
        [ChannelInfo("GFP 🔬 \"a\"\n'b' \\" + "x" * 900)],
        planned,
        [0.0] * TIMES,
        SHAPE,
        np.uint16,
    )
    recording = Recording.create(tmp_path / "live “ü” 'x'.ome.zarr", spec)
    recording.put(planned[0], plane(1, SHAPE))
    yield recording
    recording.close("interrupted")


@pytest.fixture
def stream() -> Iterator[Ring]:
    """What the viewer is given the address of."""
    ring = Ring.create(SHAPE, "uint16")
    yield ring
    ring.close()


@pytest.fixture
def viewer(recording: Recording, stream: Ring) -> Iterator[Viewer]:
    """One napari that follows."""
    viewer = Viewer("live")
    viewer.start(recording.path, stream.address)
    viewer.request("settle", timeout=START_S).result()
    yield viewer
    viewer.close()


def ask(viewer: Viewer, op: str = "displayed", **values: Any) -> dict[str, Any]:
    return viewer.request(op, timeout=START_S, **values).result()


def publish(ring: Ring, name: str, times: range, pause: float) -> None:
    for t in times:
        ring.publish(plane(t % 1000, SHAPE), {"t": t % KEPT, "p": 0, "c": 0, "z": 0}, name)
        time.sleep(pause)


def all_counted(viewer: Viewer, ring: Ring) -> bool:
    said = ask(viewer)
    return said["displayed"] + said["dropped"] == ring.published


def test_shown_and_dropped_are_what_was_sent_through_two_generations(
    viewer: Viewer, stream: Ring
) -> None:
    name = 'GFP 🔬 "a"\n' + "x" * 900
    publish(stream, name, range(300), 0.002)
    assert eventually(lambda: all_counted(viewer, stream), 20)
    said = ask(viewer)
    assert said["coordinates"]["t"] == 299
    assert 0 < said["displayed"] <= said["accepted"] <= 300
    assert said["layers"][0]["max"] == 299

    stream.publish(plane(7, LARGER), {"t": 300})  # has no place here, but needs new slots
    assert eventually(lambda: stream.published == 301)
    publish(stream, name, range(301, 400), 0.002)
    assert eventually(lambda: ask(viewer)["coordinates"]["t"] == 399, 20)
    assert eventually(lambda: all_counted(viewer, stream), 20)

    ask(viewer, "show_plane", t=0)  # looking elsewhere pauses: what comes is not shown
    shown = ask(viewer)["displayed"]
    publish(stream, name, range(400, 450), 0.002)
    assert eventually(lambda: all_counted(viewer, stream), 20)
    assert ask(viewer)["displayed"] == shown
    ask(viewer, "follow", on=True)
    assert eventually(lambda: ask(viewer)["coordinates"]["t"] == 449, 20)
    assert eventually(lambda: ask(viewer)["displayed"] == shown + 1, 20)
    assert "t 449" in ask(viewer)["text"]

    ages = ask(viewer, "ages")
    assert ages["displayed"]["count"] == shown + 1
    assert ages["accepted"]["count"] <= 450
    assert min(ages["displayed"]["ms"]) > 0
    stream.close()
    assert eventually(lambda: "live" not in ask(viewer)["text"].splitlines()[-1], 20)
    said = ask(viewer)
    assert said["displayed"] + said["dropped"] == stream.published == 450
    assert viewer.log == ""
    assert psutil.Process(viewer.status().pid).net_connections("inet") == []


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_ten_thousand_frames_leave_a_viewer_child_as_it_was(viewer: Viewer, stream: Ring) -> None:
    child = psutil.Process(viewer.status().pid)
    publish(stream, "x", range(2000), 0.005)
    memory, files = child.memory_info().rss, child.num_fds()
    publish(stream, "x", range(2000, TIMES), 0.005)
    assert eventually(lambda: all_counted(viewer, stream), 20)
    assert stream.published == TIMES
    assert child.num_fds() <= files
    assert child.memory_info().rss - memory < 32e6
