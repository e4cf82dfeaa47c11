"""Whoever reads changes nothing: not a byte, not a name, not a time, and no disk must allow it."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from disks import small_disk
from foreign_stores import write_image, write_labelled, write_plate
from store_recordings import grid, put_all, spec_of

from parfocal.store import (
    Recording,
    StoreReader,
    check,
    info,
    read_provenance,
    resolve_voxel_size,
)
from parfocal.store._layout import journal_path
from parfocal.ui.store_workspace._entry import look

PLANNED = grid(t=3, p=2, c=2, z=2)


def tree(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Every name below a folder with its times and its content."""
    found = {}
    for path in sorted(folder.rglob("*")):
        facts = path.lstat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path.relative_to(folder))] = (facts.st_mtime_ns, facts.st_mode, content)
    return found


def make_stores(folder: Path) -> None:
    """A whole recording, one whose process was killed, and what other programs write."""
    recording = Recording.create(folder / "whole.ome.zarr", spec_of(PLANNED))
    put_all(recording, PLANNED)
    recording.close()
    elsewhere = folder / "elsewhere.ome.zarr"
    recording = Recording.create(elsewhere, spec_of(PLANNED))
    put_all(recording, PLANNED[:5])
    while len(recording.committed()) < 4:
        pass
    killed = folder / "killed.ome.zarr"
    shutil.copytree(elsewhere, killed)
    shutil.copyfile(journal_path(elsewhere), journal_path(killed))
    recording.close("interrupted")
    write_labelled(folder / "labelled.ome.zarr")
    write_plate(folder / "plate.ome.zarr")
    write_image(folder / "legacy.ome.zarr", version="0.4")


def read_everything(path: Path) -> None:
    """All that is for reading."""
    assert info(path).planned > 0
    check(path)
    check(path, deep=True)
    resolve_voxel_size(path)
    read_provenance(path)
    reader = StoreReader(path)
    for field in reader.info.field_paths:
        resolve_voxel_size(path, field)
    assert reader.plane((0, 0, 0, 0)).size
    # as the Store workspace shows it
    assert look(path, threading.Event()).pictures


@pytest.mark.parametrize("mode", ["rw", "ro"])
def test_reading_changes_not_one_byte(mode: str) -> None:
    with small_disk("32m") as disk:
        make_stores(disk)
        before = tree(disk)
        subprocess.run(["mount", "-o", f"remount,{mode}", str(disk)], check=True)
        stores = sorted(disk.glob("*.ome.zarr"))
        assert len(stores) == 6
        for path in stores:
            read_everything(path)
        assert info(disk / "killed.ome.zarr").state == "interrupted"
        assert tree(disk) == before
