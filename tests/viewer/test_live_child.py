"""A real viewer child on a live stream: it counts exactly, follows, and neither side grows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from parfocal.store import (
    ChannelInfo,
    FieldInfo,
    Recording,
    RecordingSpec,
    append_table,
    write_labels,
)
from parfocal.viewer import Ring, Viewer
from viewer.ring_parts import plane
from viewer.waiting import eventually

SHAPE, LARGER = (120, 160), (240, 320)
TIMES = 10_000
NAMES = ('GFP 🔬 "a"\n' + "x" * 900, "RFP")
KEPT = 500  # the newest planes are kept, up to 192 MB of them: fewer, so that growth is seen
START_S = 60.0


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[Recording]:
    """A long time-lapse whose first frame is stored."""
    planned = [(t, 0, c, 0) for t in range(TIMES // 2) for c in range(2)]
    spec = RecordingSpec(
        "live \"cells\" \\ 'x' 🔬",
        [FieldInfo("Pos “ü” \\ 1")],
        [ChannelInfo("GFP 🔬 \"a\"\n'b' \\" + "x" * 900), ChannelInfo("RFP")],
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


def publish(ring: Ring, times: range, pause: float, channels: tuple[int, ...] = (0, 1)) -> None:
    for t in times:
        for c in channels:
            place = {"t": t % KEPT, "p": 0, "c": c, "z": 0}
            ring.publish(plane(t % KEPT + c, SHAPE), place, NAMES[c])
        time.sleep(pause)


def drawn(viewer: Viewer, name: str, said: str) -> int | None:
    """What the window says of the layer of a result; None while it has none."""
    layers = ask(viewer, "results")["layers"]
    return next((layer[said] for layer in layers if layer["name"] == name), None)


def masks_and_tracks_are_followed(viewer: Viewer, store: Path, stream: Ring) -> None:
    """They come while frames do, for the plane that is on screen already."""
    cells = np.zeros(SHAPE, np.uint32)
    cells[10:20, 10:30], cells[50:60, 80:90] = 1, 2

    def rows(*times: int) -> list[dict[str, Any]]:
        each = (("t", 0), ("p", 0), ("z", 0), ("y", 15.0), ("x", 20.0), ("parent", 0))
        return [{**dict(each), "t": t, "track": track} for t in times for track in (1, 2)]

    with write_labels(store, "A/1/0", "cells") as labels:
        labels.put(3, cells)  # found long ago
        append_table(store, "tracks-a", rows(229, 230))
        assert eventually(lambda: drawn(viewer, "labels · cells", "objects") == 0, 30)
        labels.put(230, cells)
        assert eventually(lambda: drawn(viewer, "labels · cells", "objects") == 2, 30)
        assert eventually(lambda: drawn(viewer, "tracks · tracks-a", "until") == 230, 30)
        publish(stream, range(231, 232), 0)
        assert eventually(lambda: drawn(viewer, "labels · cells", "objects") == 0, 30)
        labels.put(231, cells)
        append_table(store, "tracks-a", rows(231))
        assert eventually(lambda: drawn(viewer, "labels · cells", "objects") == 2, 30)
        assert eventually(lambda: drawn(viewer, "tracks · tracks-a", "until") == 231, 30)
        assert drawn(viewer, "tracks · tracks-a", "objects") == 2
    assert "live" in ask(viewer)["text"].splitlines()[-1]


def all_counted(viewer: Viewer, ring: Ring) -> bool:
    said = ask(viewer)
    return said["displayed"] + said["dropped"] == ring.published


def test_shown_and_dropped_are_what_was_sent_and_results_are_followed(
    viewer: Viewer, recording: Recording, stream: Ring
) -> None:
    def at(t: int) -> bool:
        return bool(ask(viewer)["coordinates"]["t"] == t)

    publish(stream, range(150), 0.004)
    assert eventually(lambda: all_counted(viewer, stream), 20)
    said = ask(viewer)
    assert said["coordinates"]["t"] == 149
    assert 0 < said["displayed"] <= said["accepted"] <= stream.published == 300
    assert [layer["max"] for layer in said["layers"]] == [149, 150]

    stream.publish(plane(7, LARGER), {"t": 300})  # has no place here, but needs new slots
    assert eventually(lambda: stream.published == 301)
    publish(stream, range(151, 200), 0.004)
    assert eventually(lambda: at(199), 20)
    assert eventually(lambda: all_counted(viewer, stream), 20)

    ask(viewer, "show_plane", t=0)  # looking elsewhere pauses: what comes is not shown
    shown = ask(viewer)["displayed"]
    publish(stream, range(200, 230), 0.004)
    assert eventually(lambda: all_counted(viewer, stream), 20)
    assert ask(viewer)["displayed"] == shown
    ask(viewer, "follow", on=True)
    assert eventually(lambda: at(229), 20)
    assert eventually(lambda: ask(viewer)["displayed"] == shown + 2, 20)
    assert "t 229" in ask(viewer)["text"]

    publish(stream, range(230, 231), 0, channels=(1,))  # and then nothing for a long time
    assert eventually(lambda: at(230), 20)
    assert eventually(lambda: ask(viewer)["displayed"] == shown + 3, 20)

    masks_and_tracks_are_followed(viewer, recording.path, stream)

    ages = ask(viewer, "ages")
    assert ages["displayed"]["count"] == shown + 5
    assert ages["accepted"]["count"] == ask(viewer)["accepted"]
    assert min(ages["displayed"]["ms"]) > 0
    stream.close()
    assert eventually(lambda: "live" not in ask(viewer)["text"].splitlines()[-1], 20)
    said = ask(viewer)
    assert said["displayed"] + said["dropped"] == stream.published == 462
    assert viewer.log == ""
    assert psutil.Process(viewer.status().pid).net_connections("inet") == []


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_ten_thousand_frames_leave_a_viewer_child_as_it_was(viewer: Viewer, stream: Ring) -> None:
    child = psutil.Process(viewer.status().pid)
    publish(stream, range(1000), 0.01)
    memory, files = child.memory_info().rss, child.num_fds()
    publish(stream, range(1000, TIMES // 2), 0.01)
    assert eventually(lambda: all_counted(viewer, stream), 20)
    assert stream.published == TIMES
    assert child.num_fds() <= files
    assert child.memory_info().rss - memory < 32e6
