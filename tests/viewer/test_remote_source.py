"""A run at a rig as a viewer far away has it: the same planes, newest frames, and no waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from parfocal.store import Recording, write_pyramid
from parfocal.viewer import Ring, ViewerError
from parfocal.viewer._store_source import StoreSource
from parfocal.viewer.remote import Found, RemoteSource, RigAddress, write_pair
from parfocal.viewer.remote import _peer as peer
from parfocal.viewer.remote import _remote_source as remote_source
from viewer.cells import MISSING, SHAPE, frame, record, spec
from viewer.rig import Rig, elsewhere, serving
from viewer.waiting import eventually

ON_ITS_WAY = "on its way from the rig"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("data") / "cells.ome.zarr")


@pytest.fixture
def rig(tmp_path: Path, store: Path) -> Iterator[Rig]:
    with serving(tmp_path, lambda: Found(store)) as rig:
        yield rig


@pytest.fixture
def source(rig: Rig) -> Iterator[RemoteSource]:
    with closing(RemoteSource(rig.address)) as source:
        yield source


def test_facts_planes_and_contrast_are_those_of_the_store(
    store: Path, source: RemoteSource
) -> None:
    with closing(StoreSource(store)) as here:
        assert source.facts == here.facts
        for index in [*spec().planned[::5], (*MISSING, 1)]:
            far = elsewhere(lambda index=index: source.plane(index))
            assert np.array_equal(far, here.plane(index))
            assert far.dtype == here.plane(index).dtype
        for channel in range(2):
            assert eventually(lambda channel=channel: source.contrast(channel))
            assert source.contrast(channel) == here.contrast(channel)


def test_coarser_levels_come_too(tmp_path: Path) -> None:
    large = replace(spec(), plane_shape=(700, 600), planned=[(0, 0, 0, 0)], due_s=[0.0])
    recording = Recording.create(tmp_path / "large.ome.zarr", large)
    recording.put((0, 0, 0, 0), np.arange(700 * 600, dtype="uint16").reshape(700, 600))
    recording.close()
    write_pyramid(recording.path)
    with (
        closing(StoreSource(recording.path)) as here,
        serving(tmp_path, lambda: Found(recording.path)) as rig,
        closing(RemoteSource(rig.address)) as source,
    ):
        assert len(here.facts.levels) > 1
        for level in range(len(here.facts.levels)):
            far = elsewhere(lambda level=level: source.plane((0, 0, 0, 0), level))
            assert np.array_equal(far, here.plane((0, 0, 0, 0), level))


def test_a_plane_that_was_not_acquired_is_told_with_its_reason(source: RemoteSource) -> None:
    index = (MISSING[0], MISSING[1], MISSING[2], 1)
    assert not source.stored(index)
    assert elsewhere(lambda: source.absence(index)) == "not acquired (the shutter was stuck)"
    assert source.plane(index).max() == 0
    assert elsewhere(lambda: source.absence((1, 0, 0, 0))) == ""
    assert eventually(lambda: source.stored((0, 0, 0, 0)))
    assert source.absence((0, 0, 0, 0)) == ""


def test_a_window_never_waits_long_and_has_the_plane_when_it_has_come(
    rig: Rig, source: RemoteSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer, "SILENT_S", 0.1)  # who waits for an answer is not gone
    show = rig.server._lookout.current
    assert show is not None
    read = show.source.plane
    held = threading.Event()

    def slow(*place: Any) -> Any:
        held.wait(20)
        return read(*place)

    show.source.plane = slow
    waited = []
    for z in range(4):
        began = time.monotonic()
        assert source.plane((0, 0, 1, z)).max() == 0
        waited.append(time.monotonic() - began)
    assert sum(waited) < 3  # 0.15 s each, and some for a busy machine
    assert not source.stored((0, 0, 1, 3))
    assert source.absence((0, 0, 1, 3)) == ON_ITS_WAY
    time.sleep(1)
    assert not source.stored((0, 0, 1, 3))
    held.set()
    for z in range(4):
        assert eventually(lambda z=z: source.stored((0, 0, 1, z)))
        assert np.array_equal(source.plane((0, 0, 1, z)), frame((0, 0, 1, z)))


def test_what_was_asked_for_last_is_there_first_and_much_scrubbing_asks_no_more_than_it_may(
    rig: Rig, source: RemoteSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_source, "_WINDOW_S", 0.001)
    show = rig.server._lookout.current
    assert show is not None
    read, held, order = show.source.plane, threading.Event(), []

    def slow(index: Any, level: int = 0) -> Any:
        held.wait(20)
        order.append(index)
        return read(index, level)

    show.source.plane = slow
    for _ in range(20):
        for index in spec().planned:
            source.plane(index)
    assert len(rig.server._peers) <= 2
    assert sum(peer.reading for peer in rig.server._peers.values()) <= 2
    newest = [index for index in spec().planned if index[:3] != MISSING][-1]
    held.set()
    assert eventually(lambda: source.stored(newest))
    assert newest in order[:4]


def test_the_viewer_goes_on_when_the_rigs_server_was_started_anew(
    tmp_path: Path, store: Path
) -> None:
    with serving(tmp_path, lambda: Found(store)) as rig:
        port, source = rig.server.endpoint.port, RemoteSource(rig.address)
        assert np.array_equal(elsewhere(lambda: source.plane((0, 0, 0, 0))), frame((0, 0, 0, 0)))
        show, held = rig.server._lookout.current, threading.Event()
        assert show is not None
        read = show.source.plane
        show.source.plane = lambda *place: held.wait(20) and read(*place)
        for z in (0, 1):  # as many as may be on their way
            assert source.plane((2, 0, 0, z)).max() == 0
    held.set()
    with closing(source):
        assert eventually(lambda: source.note.startswith("no connection to the rig at 127.0.0.1"))
        assert np.array_equal(source.plane((0, 0, 0, 0)), frame((0, 0, 0, 0)))  # was seen before
        assert source.plane((1, 0, 0, 0)).max() == 0
        assert source.absence((1, 0, 0, 0)) == ON_ITS_WAY
        with serving(tmp_path, lambda: Found(store), port=port):
            assert eventually(lambda: source.stored((1, 0, 0, 0)))
            assert np.array_equal(source.plane((1, 0, 0, 0)), frame((1, 0, 0, 0)))
            assert eventually(lambda: source.note == "")
            assert eventually(lambda: source.stored((2, 0, 0, 0)))
            assert np.array_equal(source.plane((2, 0, 0, 0)), frame((2, 0, 0, 0)))


def test_another_run_is_told_and_the_viewer_stays_where_it_is(tmp_path: Path, store: Path) -> None:
    other = record(tmp_path / "other.ome.zarr")
    ring = Ring.create(SHAPE, "uint16")
    found = [Found(store)]
    with (
        closing(ring),
        serving(tmp_path, lambda: found[0]) as rig,
        closing(RemoteSource(rig.address)) as source,
    ):
        assert eventually(lambda: source.watching)
        found[0] = Found(other, ring.address, running=True)
        assert eventually(lambda: source.note.startswith("another run has begun at the rig: cells"))
        ring.publish(np.zeros(SHAPE, "uint16"), {})
        assert np.array_equal(elsewhere(lambda: source.plane((2, 0, 0, 2))), frame((2, 0, 0, 2)))
        with closing(RemoteSource(rig.address)) as second:
            assert second.watching != source.watching
            assert eventually(second.frames.fresh)
        assert source.frames.fresh() == []


def test_a_run_that_grows_is_told_and_a_plane_of_it_comes_when_it_is_stored(
    tmp_path: Path,
) -> None:
    recording = Recording.create(tmp_path / "growing.ome.zarr", spec())
    first, *others = spec().planned
    recording.put(first, frame(first))
    with (
        serving(tmp_path, lambda: Found(recording.path, running=True)) as rig,
        closing(RemoteSource(rig.address)) as source,
    ):
        assert source.facts.state == "recording"
        last = others[-1]
        assert eventually(lambda: source.absence(last) == "not acquired yet")
        for index in others:
            recording.put(index, frame(index))
        recording.close()
        assert eventually(lambda: source.stored(last))
        assert np.array_equal(elsewhere(lambda: source.plane(last)), frame(last))
        assert eventually(source.refresh)
        assert source.facts.state == "completed"


def test_a_rig_that_shows_nothing_is_told_in_a_sentence(tmp_path: Path) -> None:
    with (
        serving(tmp_path, lambda: None) as rig,
        pytest.raises(ViewerError, match="no run goes on at the rig, and no store is on show"),
    ):
        RemoteSource(rig.address)


def test_a_key_that_is_no_key_opens_nothing(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(remote_source, "_OPENING_S", 0.5)
    with pytest.raises(ViewerError, match=r"is the rig's key"):
        RemoteSource(RigAddress(rig.address.endpoint, rig.keys[0]))
    _, other, _ = write_pair(tmp_path / "other")
    with pytest.raises(ViewerError, match=r"shows nothing: it does not answer"):
        RemoteSource(RigAddress(rig.address.endpoint, other))
