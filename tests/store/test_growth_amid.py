"""A plan that changes while frames come: none is lost, held up, or taken for no field."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from store_recordings import grid, plane_of, put_all, spec_of

from parfocal.store import FieldInfo, Recording, StoreError, check, info
from parfocal.store._extender import Extender

MUCH = 100_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cells.ome.zarr"


def all_well(path: Path) -> None:
    report = check(path, deep=True)
    assert not [one for one in report.findings if one.severity == "error"], report.findings


@pytest.mark.parametrize("stored", [False, True])
def test_a_skipped_frame_that_comes_amid_its_second_planning_is_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch, stored: bool
) -> None:
    planned = grid(t=2, z=2)
    recording = Recording.create(path, spec_of(planned))
    recording.skip(planned[0], "the shutter stayed closed")
    files = Extender.extend_files

    def comes_amid(*arguments: object) -> object:
        put_all(recording, planned[:2] if stored else planned[:1])
        while stored and len(recording.committed()) < 2:
            time.sleep(0.005)
        return files(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Extender, "extend_files", comes_amid)
    recording.extend(planned[:1], [0.0])
    with pytest.raises(StoreError, match="came twice"):
        recording.put(planned[0], plane_of(planned[0]))
    put_all(recording, planned[2 if stored else 1 :])
    recording.close()
    assert (info(path).acquired, info(path).missing) == (4, 0)
    all_well(path)


@pytest.mark.parametrize("step", ["reserve_room", "write_planes", "update_record"])
def test_a_field_that_could_not_join_takes_no_frame_and_may_join_later(
    path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    planned, later = grid(t=2), [(t, 1, 0, 0) for t in range(3)]
    recording = Recording.create(path, spec_of(planned))
    put_all(recording, planned[:1])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(f"parfocal.store._extender.{step}", full)
        with pytest.raises(StoreError, match="the disk is full"):
            recording.extend(later, [0.0] * 3, fields=[FieldInfo("joins")], dropped=planned[1:])
    with pytest.raises(StoreError, match="is not in the plan"):
        put_all(recording, later[:1])
    put_all(recording, planned[1:])
    recording.extend(later, [0.0] * 3, fields=[FieldInfo("joins")])
    put_all(recording, later)
    recording.close()
    found = info(path)
    assert (found.planned, found.acquired) == (5, 5)
    assert found.fields == ("field 0", "joins")
    all_well(path)


def test_frames_are_not_held_up_by_long_plans_and_lists(path: Path) -> None:
    """One put waited 0.9 s while 100,000 planes were dropped, and 0.3 s for `committed`."""
    recording = Recording.create(path, spec_of(grid(), shape=(1, 1)))
    longest, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.0005):
            began = time.monotonic()
            recording.status()
            longest[0] = max(longest[0], time.monotonic() - began)

    watching = threading.Thread(target=watch)
    watching.start()
    more = [(1 + t, 0, 0, 0) for t in range(MUCH)]
    recording.extend(more, [0.0] * MUCH)
    recording.extend([], [], dropped=more[1:])
    recording.committed()
    over.set()
    watching.join()
    recording.close("interrupted")
    assert info(path).planned == 2
    assert longest[0] < 0.25


def test_what_was_never_planned_may_be_dropped(path: Path) -> None:
    planned = grid(t=2)
    recording = Recording.create(path, spec_of(planned))
    recording.extend([], [], dropped=[(9, 0, 0, 0), (1, 0, 0, 0), (0, 7, 0, 0), (0, 0, 0, -1)])
    put_all(recording, planned[:1])
    recording.close()
    assert (info(path).planned, info(path).missing) == (1, 0)
    all_well(path)
