"""What may be edited in a finished store is edited whole, told in its history, and taken back."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import zarr
from foreign_stores import write_image
from ome_zarr.io import parse_url
from ome_zarr.reader import Reader
from store_recordings import grid, put_all, spec_of

from parfocal.store import (
    ChannelEdit,
    Recording,
    StageAxisMap,
    StageMapEdit,
    StoreEdit,
    StoreError,
    VoxelEdit,
    check,
    content_identity,
    edit_store,
    find_reusable,
    info,
    publish_result,
    read_provenance,
    read_store_metadata,
    resolve_voxel_size,
    write_labels,
    write_pyramid,
)
from parfocal.store._results_documents import ResultImage

SIZE, TRUE = (2.0, 0.5, 0.25), (2.0, 0.52, 0.26)
WHY = "the stage micrometer says so"


def record(path: Path, shape: tuple[int, int] = (600, 500), **more: Any) -> Path:
    planned = grid(t=1, p=2, c=2, z=2)
    recording = Recording.create(path, spec_of(planned, shape=shape, **more))
    put_all(recording, planned, shape)
    recording.close()
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two fields of two channels with levels and labels."""
    path = record(tmp_path_factory.mktemp("edit") / "cells.ome.zarr")
    write_pyramid(path)
    with write_labels(path, "A/1/0", "cells") as labels:
        labels.put(0, zarr.open_array(path / "A/1/0/0", mode="r")[0, 0, 0] > 100, 0)
    return path


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "cells.ome.zarr"))


def documents(root: Path) -> dict[str, Any]:
    return {
        str(file.relative_to(root)): json.loads(file.read_text())
        for file in sorted(root.rglob("zarr.json"))
        if "provenance" not in file.parts
    }


def pixels(root: Path) -> dict[str, tuple[int, int]]:
    return {
        str(file): (file.stat().st_ino, file.stat().st_mtime_ns)
        for file in root.rglob("c/*/*/*/*/*")
    }


def test_names_colours_and_contrast_are_seen_by_other_readers(store: Path) -> None:
    before = pixels(store)
    edit = StoreEdit(
        field_names={1: " control "},
        channels={0: ChannelEdit("DAPI", "#0080ff", (90.0, 400.0)), 1: ChannelEdit(window=(1, 2))},
    )
    edit_store(store, edit)
    found = info(store)
    assert found.fields == ("field 0", "control")
    assert found.channels == ("DAPI", "channel 1")
    group = dict(zarr.open_group(store / "A/1/1", mode="r").attrs)["ome"]
    first, second = group["omero"]["channels"]
    assert (first["label"], first["color"]) == ("DAPI", "0080FF")
    assert (first["window"]["start"], first["window"]["end"]) == (90.0, 400.0)
    assert (second["window"]["start"], second["window"]["end"]) == (1.0, 2.0)
    location = parse_url(store / "A/1/0", mode="r")
    assert location is not None
    (node, *_labels) = Reader(location)()
    assert node.metadata["channel_names"] == ["DAPI", "channel 1"]
    assert node.metadata["contrast_limits"][0] == [90.0, 400.0]
    assert pixels(store) == before
    assert check(store, deep=True).findings == ()


def test_the_voxel_size_is_corrected_on_every_level_and_says_by_whom_and_why(store: Path) -> None:
    middle = _middle(store)
    edit_store(store, StoreEdit(voxel=VoxelEdit(TRUE, WHY)))
    found = info(store)
    assert found.voxel_size_um == TRUE
    assert found.voxel_size_source == "user_correction"
    assert found.voxel_size_conflicts == ()
    (note,) = found.voxel_size_notes
    assert note.endswith(f"from z 2, y 0.5, x 0.25 µm: {WHY}")
    level = resolve_voxel_size(store, "A/1/1/1")
    assert (level.y, level.x, level.source) == (1.04, 0.52, "user_correction")
    labels = resolve_voxel_size(store, "A/1/0/labels/cells")
    assert (labels.y, labels.x) == TRUE[1:]
    assert _middle(store) == pytest.approx(middle)  # there the stage stood
    assert check(store, deep=True).findings == ()
    told = read_provenance(store)[-1]
    (change,) = told.parameters["changes"]
    assert (told.action, change["what"], change["reason"]) == ("edit", "voxel size", WHY)
    assert (change["old"], change["new"]) == (list(SIZE), list(TRUE))


def _middle(store: Path) -> list[float]:
    """Where the middle of the first field's picture lies on the stage (y, x)."""
    told = json.loads((store / "A/1/0/zarr.json").read_text())["attributes"]["ome"]
    (scale, translation) = told["multiscales"][0]["datasets"][0]["coordinateTransformations"]
    sizes, places = scale["scale"][3:], translation["translation"][3:]
    return [p + (n - 1) / 2 * s for p, n, s in zip(places, (600, 500), sizes, strict=True)]


def test_every_edit_can_be_taken_back_and_made_again(store: Path) -> None:
    before = documents(store)
    identity = content_identity(store, "A/1/0")
    edit = StoreEdit(
        field_names={0: "left"},
        channels={1: ChannelEdit("FITC", "00FF00", (5.0, 50.0))},
        voxel=VoxelEdit(TRUE, WHY),
        stage_map=StageMapEdit(StageAxisMap("+z", "-y", "+x")),
    )
    back = edit_store(store, edit)
    edited = documents(store)
    again = edit_store(store, back)
    assert info(store).voxel_size_source == "component:A/1/0"
    assert content_identity(store, "A/1/0") == identity
    assert _rounded(documents(store)) == _rounded(_with_metadata(before))
    edit_store(store, again)
    assert _rounded(documents(store)) == _rounded(edited)
    assert [one.action for one in read_provenance(store)][-3:] == ["edit"] * 3
    assert check(store).findings == ()


def _with_metadata(before: dict[str, Any]) -> dict[str, Any]:
    """The group of the store's metadata stays, without a word in it."""
    empty = {"zarr_format": 3, "node_type": "group", "attributes": {"parfocal": {}}}
    return {"parfocal/metadata/zarr.json": empty, **before}


def _rounded(told: Any) -> Any:
    if isinstance(told, dict):
        return {key: _rounded(value) for key, value in sorted(told.items())}
    if isinstance(told, list):
        return [_rounded(value) for value in told]
    return round(told, 9) if isinstance(told, float) else told


def test_a_guessed_size_that_was_corrected_is_no_guess_any_more(tmp_path: Path) -> None:
    path = record(tmp_path / "guess.ome.zarr", (24, 20), guessed=("z", "y", "x"))
    assert info(path).voxel_size_source == "default"
    edit_store(path, StoreEdit(voxel=VoxelEdit(TRUE, WHY)))
    edit_store(path, StoreEdit(voxel=VoxelEdit((3.0, 1.0, 1.0), "it was the other objective")))
    found = info(path)
    assert (found.voxel_size_um, found.voxel_size_source) == ((3.0, 1.0, 1.0), "user_correction")
    assert found.voxel_size_conflicts == ()


def test_what_was_made_with_the_old_size_is_not_used_again(store: Path) -> None:
    asked: dict[str, Any] = {"parameters": {}, "code_version": "1", "inputs": ["A/1/0"]}
    with publish_result(store, "bright", [ResultImage("A/1/0")], **asked) as result:
        result.put((0, 0, 0), zarr.open_array(store / "A/1/0/0", mode="r")[0, 0, 0])
    assert find_reusable(store, "bright", **asked) is not None
    edit_store(store, StoreEdit(voxel=VoxelEdit(TRUE, WHY)))
    assert find_reusable(store, "bright", **asked) is None
    assert resolve_voxel_size(store, f"results/bright/{result.run}/A/1/0").x == SIZE[2]
    assert check(store).ok


def test_the_stage_map_is_kept_with_the_metadata(store: Path) -> None:
    axes = StageAxisMap("-f", "none", "+y")
    back = edit_store(store, StoreEdit(stage_map=StageMapEdit(axes)))
    assert read_store_metadata(store).spatial_calibration == axes
    assert back.stage_map == StageMapEdit(None)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (StoreEdit(channels={0: ChannelEdit("channel 1")}), "two channels of the name 'channel 1'"),
        (StoreEdit(channels={0: ChannelEdit(" ")}), "is no name of a channel"),
        (StoreEdit(field_names={0: "a\nb"}), "is no name of a field"),
        (StoreEdit(channels={2: ChannelEdit("x")}), "has no channel 2; it has 2"),
        (StoreEdit(field_names={7: "x"}), "has no field 7; it has 2"),
        (StoreEdit(channels={0: ChannelEdit(color="blue")}), "is not RRGGBB"),
        (StoreEdit(channels={0: ChannelEdit(window=(3.0, 3.0))}), "from 3 to 3 is no window"),
        (StoreEdit(voxel=VoxelEdit((1.0, 0.0, 1.0), WHY)), "is not above zero everywhere"),
        (StoreEdit(voxel=VoxelEdit(TRUE, " ")), "say why the voxel size is another one"),
    ],
)
def test_nonsense_is_refused_and_nothing_changes(store: Path, edit: StoreEdit, said: str) -> None:
    before = documents(store)
    with pytest.raises(StoreError, match=said):
        edit_store(store, edit)
    assert documents(store) == before
    assert [one.action for one in read_provenance(store)].count("edit") == 0


def test_two_names_can_be_exchanged(store: Path) -> None:
    edit = StoreEdit(channels={0: ChannelEdit("channel 1"), 1: ChannelEdit("channel 0")})
    edit_store(store, edit)
    assert info(store).channels == ("channel 1", "channel 0")


def test_an_edit_of_what_is_so_already_writes_nothing(store: Path) -> None:
    edit_store(store, StoreEdit(channels={0: ChannelEdit("channel 0")}))
    assert [one.action for one in read_provenance(store)].count("edit") == 0


def test_stores_that_are_recorded_killed_or_of_others_are_refused(tmp_path: Path) -> None:
    edit = StoreEdit(field_names={0: "left"})
    going = tmp_path / "going.ome.zarr"
    recording = Recording.create(going, spec_of(grid(c=2)))
    try:
        with pytest.raises(StoreError, match="is being recorded right now"):
            edit_store(going, edit)
    finally:
        recording.close("interrupted", "enough")
    edit_store(going, edit)  # what was interrupted in good order is closed
    theirs = tmp_path / "theirs.zarr"
    write_image(theirs)
    with pytest.raises(StoreError, match="was not made by Parfocal"):
        edit_store(theirs, edit)
    with pytest.raises(StoreError, match="is no folder"):
        edit_store(tmp_path / "nowhere.ome.zarr", edit)


def test_a_full_disk_changes_nothing(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = documents(store)
    write = Path.write_text

    def full(self: Path, *words: Any, **more: Any) -> int:
        if self.parent == store / "A/1/1":
            raise OSError(28, os.strerror(28))
        return write(self, *words, **more)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(StoreError, match="the disk is full"):
        edit_store(store, StoreEdit(channels={0: ChannelEdit("DAPI")}))
    assert documents(store) == before
    assert list(store.rglob("*.edited*")) == []
    assert check(store).findings == ()
