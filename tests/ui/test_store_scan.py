"""A scan for stores goes from the top down, never into a store, and is bounded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from parfocal.ui.store_workspace import _scan as scanning
from parfocal.ui.store_workspace._scan import Listing, scan
from parfocal.ui.tasks import Task
from ui.store_parts import bare


def task() -> Task:
    return Task(1, "a scan", lambda _task: None, lambda _task: None)


def found(folder: Path, **more: Any) -> list[Listing]:
    listings: list[Listing] = []
    scan(folder, task(), listings.append, **more)
    return listings


def test_a_scan_goes_from_the_top_down_and_never_into_a_store(tmp_path: Path) -> None:
    for place in ("b.ome.zarr", "a.zarr", "monday/deep/c.ome.zarr", "unnamed", ".hidden/d.zarr"):
        bare(tmp_path / place)
    bare(tmp_path / "a.zarr" / "inside.zarr")
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.n5" / "0").mkdir(parents=True)
    listings = found(tmp_path)
    assert [one.name for one in listings[0].stores] == ["a.zarr", "b.ome.zarr", "unnamed"]
    assert listings[0].folders == ("empty", "monday")
    where = {str(one.folder.relative_to(tmp_path)): len(one.stores) for one in listings}
    assert where == {".": 3, "empty": 0, "monday": 0, "monday/deep": 1}


def test_a_scan_is_bounded_and_leaves_when_nobody_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / "/".join("abcdefghijk") / "deep.zarr"
    bare(deep)
    assert sum(len(one.stores) for one in found(tmp_path)) == 0  # too deep
    for number in range(7):
        bare(tmp_path / f"{number}.zarr")
    monkeypatch.setattr(scanning, "MOST_STORES", 5)
    (first, *_others) = found(tmp_path)
    assert (len(first.stores), first.cut) == (5, True)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert len(found(tmp_path)) < 50
    cancelled, listings = task(), list[Listing]()
    cancelled.cancel()
    cancelled.work = lambda one: scan(tmp_path, one, listings.append)
    cancelled.execute()
    assert listings == []
