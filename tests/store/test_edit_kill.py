"""An edit that is killed between two files is made whole or has not been, wherever it stopped."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from store_recordings import grid, put_all, spec_of

from parfocal.store import (
    ChannelEdit,
    Recording,
    StoreEdit,
    check,
    edit_store,
    info,
    read_provenance,
    recover,
)
from parfocal.store._layout import EDIT

# The nth rename is the last thing that the process does; one process forks them all, since an
# interpreter with its imports takes a second to start.
VICTIMS = """
import os, shutil, sys
from pathlib import Path
from parfocal.store import ChannelEdit, StoreEdit, VoxelEdit, edit_store
store, rename = Path(sys.argv[1]), Path.replace
edit = StoreEdit({0: "left"}, {0: ChannelEdit("DAPI"), 1: ChannelEdit("FITC")},
                 VoxelEdit((2.0, 1.0, 1.0), "so it is"))
number = 0
while True:
    copy = Path(shutil.copytree(store, store.with_name(f"{number:02}.ome.zarr")))
    child = os.fork()
    if child == 0:
        left = [number]
        def replace(self, target):
            if not left[0]:
                os.kill(os.getpid(), 9)
            left[0] -= 1
            return rename(self, target)
        Path.replace = replace
        edit_store(copy, edit)
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
    number += 1
"""


@pytest.fixture(scope="module")
def victims(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("victims")
    store, planned = folder / "cells.ome.zarr", grid(p=3, c=2)
    recording = Recording.create(store, spec_of(planned))
    put_all(recording, planned)
    recording.close()
    run = subprocess.run([sys.executable, "-c", VICTIMS, str(store)], timeout=120, check=True)
    assert run.returncode == 0
    return sorted(folder.glob("[0-9]*.ome.zarr"))


def says(store: Path) -> list[tuple[list[str], float]]:
    """What every image says of its channels and pixels."""
    said = []
    for number in range(3):
        ome = json.loads((store / f"A/1/{number}/zarr.json").read_text())["attributes"]["ome"]
        (scale, _) = ome["multiscales"][0]["datasets"][0]["coordinateTransformations"]
        said.append(([each["label"] for each in ome["omero"]["channels"]], scale["scale"][-1]))
    return said


OLD = [(["channel 0", "channel 1"], 0.25)] * 3
NEW = [(["DAPI", "FITC"], 1.0)] * 3


def test_recover_ends_an_edit_that_was_decided_on(victims: list[Path]) -> None:
    outcomes: Counter[str] = Counter()
    for store in victims:
        pending = (store / EDIT).is_file()
        report = check(store)
        assert report.ok is not pending, store
        if pending:
            assert [one.rule for one in report.findings if one.severity == "error"] == [
                "edit-pending"
            ]
            assert info(store).state == "interrupted"
        said = recover(store)
        assert ("a change of its metadata was brought to its end" in said.note) is pending
        assert said.changed or not pending
        outcome = "new" if says(store) == NEW else "old" if says(store) == OLD else "half"
        outcomes[outcome] += 1
        assert outcome == "new" if pending else outcome in ("old", "new")
        assert check(store, deep=True).findings == (), store
        edits = [one for one in read_provenance(store) if one.action == "edit"]
        assert len(edits) == (outcome == "new"), store
        assert info(store).state == "completed"
        assert not list(store.rglob("*.edited*"))
    assert not outcomes["half"]
    assert outcomes["old"] >= 4  # the files beside and their list
    assert outcomes["new"] >= 4


def test_whoever_changes_the_store_next_ends_it_too(tmp_path: Path) -> None:
    planned = grid(p=2, c=2)
    store = tmp_path / "cells.ome.zarr"
    recording = Recording.create(store, spec_of(planned))
    put_all(recording, planned)
    recording.close()
    # what a kill leaves when the first file is in its place, and the second is not
    from parfocal.store import _edit_commit

    patch = pytest.MonkeyPatch()
    with patch.context() as patched:
        patched.setattr(_edit_commit, "finish_edit", lambda _root: None)
        edit_store(store, StoreEdit(channels={0: ChannelEdit("DAPI")}))
    assert info(store).channels[0] == "channel 0"
    edit_store(store, StoreEdit(channels={1: ChannelEdit("FITC")}))
    assert info(store).channels == ("DAPI", "FITC")
    assert not (store / EDIT).exists()
    assert check(store).findings == ()
