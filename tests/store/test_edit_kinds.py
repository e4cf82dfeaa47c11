"""Edits fit stores of two cameras, plates, converted ones, and disks that cannot be written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from store_recordings import grid, plane_of, spec_of

from parfocal.convert import Wishes, convert
from parfocal.store import (
    ChannelEdit,
    ChannelInfo,
    FieldInfo,
    Recording,
    StoreEdit,
    StoreError,
    StoreReader,
    VoxelEdit,
    check,
    edit_store,
    info,
    read_store_metadata,
    write_store_metadata,
)

WHY = "the objective was another one"


def multiscale(store: Path, place: str) -> tuple[list[float], list[float]]:
    """Scale and translation of an image's full resolution (y, x)."""
    told = json.loads((store / place / "zarr.json").read_text())["attributes"]["ome"]
    scale, moved = told["multiscales"][0]["datasets"][0]["coordinateTransformations"]
    return scale["scale"][3:], moved["translation"][3:]


def test_images_of_another_camera_keep_their_proportion(tmp_path: Path) -> None:
    large, small = (64, 48), (16, 12)
    channels = [
        ChannelInfo("DAPI"),
        ChannelInfo("phase", plane_shape=small, dtype="uint8", voxel_um=(2.0, 2.0, 1.0)),
    ]
    planned = grid(c=2)
    store = tmp_path / "two.ome.zarr"
    recording = Recording.create(store, spec_of(planned, shape=large, channels=channels))
    recording.put(planned[0], plane_of(planned[0], large))
    recording.put(planned[1], plane_of(planned[1], small, "uint8"))
    recording.close()
    edit_store(store, StoreEdit(voxel=VoxelEdit((2.0, 1.0, 0.5), WHY)))
    assert multiscale(store, "A/1/0")[0] == [1.0, 0.5]
    assert multiscale(store, "A/1/1")[0] == [4.0, 2.0]
    middles = []
    for place, shape in (("A/1/0", large), ("A/1/1", small)):
        scale, moved = multiscale(store, place)
        middles.append([moved[n] + (shape[n] - 1) / 2 * scale[n] for n in range(2)])
    assert middles[0] == pytest.approx(middles[1])  # both look at the same place still
    edit_store(store, StoreEdit(channels={1: ChannelEdit("light", "FFFFFF", (0, 99))}))
    assert info(store).channels == ("DAPI", "light")
    assert check(store, deep=True).ok


def test_a_converted_store_keeps_the_place_of_its_first_voxel(tmp_path: Path) -> None:
    source, store = tmp_path / "scan.npy", tmp_path / "scan.ome.zarr"
    np.save(source, np.arange(3 * 40 * 50, dtype=np.uint16).reshape(3, 40, 50))
    convert(source, store, Wishes(axes="zyx", voxel_um=(2.0, 0.5, 0.5)))
    before = multiscale(store, "A/1/0")[1]
    back = edit_store(store, StoreEdit({0: "scan 1"}, voxel=VoxelEdit((2.0, 0.6, 0.6), WHY)))
    found = info(store)
    assert (found.voxel_size_um, found.voxel_size_source) == ((2.0, 0.6, 0.6), "user_correction")
    assert found.voxel_size_conflicts == ()
    assert found.fields == ("scan 1",)
    assert multiscale(store, "A/1/0")[1] == before
    assert check(store, deep=True).findings == ()
    edit_store(store, back)
    assert info(store).voxel_size_um == (2.0, 0.5, 0.5)


def test_a_plate_is_edited_well_by_well_in_one_step(tmp_path: Path) -> None:
    wells = [f"{row}/{column}" for row in "ABCDEFGH" for column in range(1, 13)]
    planned = grid(p=len(wells))
    fields = [FieldInfo(f"field {n}", well=well) for n, well in enumerate(wells)]
    store = tmp_path / "plate.ome.zarr"
    spec = spec_of(planned, fields=fields, plate=(8, 12), channels=[ChannelInfo("DAPI")])
    recording = Recording.create(store, spec)
    for index in planned:
        recording.put(index, plane_of(index))
    recording.close()
    edit_store(store, StoreEdit(channels={0: ChannelEdit("Hoechst", "0000FF")}))
    labels = {
        json.loads((store / well / "0/zarr.json").read_text())["attributes"]["ome"]["omero"][
            "channels"
        ][0]["label"]
        for well in wells
    }
    assert labels == {"Hoechst"}
    assert check(store).ok
    plane = StoreReader(store).plane((0, 95, 0, 0))
    assert np.array_equal(plane, plane_of((0, 95, 0, 0)))


def test_what_stands_in_the_metadata_besides_stays(tmp_path: Path) -> None:
    store = tmp_path / "cells.ome.zarr"
    recording = Recording.create(store, spec_of(grid()))
    recording.put((0, 0, 0, 0), plane_of((0, 0, 0, 0)))
    recording.close()
    metadata = read_store_metadata(store)
    from dataclasses import replace

    write_store_metadata(store, replace(metadata, source_uri="D:/old", legacy={"kept": [1]}))
    edit_store(store, StoreEdit(voxel=VoxelEdit((2.0, 1.0, 1.0), WHY)))
    after = read_store_metadata(store)
    assert (after.source_uri, after.legacy) == ("D:/old", {"kept": [1]})
    write_store_metadata(store, after)  # and whoever writes the metadata keeps the correction
    assert info(store).voxel_size_source == "user_correction"


def test_a_disk_that_cannot_be_written_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "cells.ome.zarr"
    recording = Recording.create(store, spec_of(grid()))
    recording.put((0, 0, 0, 0), plane_of((0, 0, 0, 0)))
    recording.close()
    opened = os.open

    def read_only(path: Any, flags: int, *more: Any) -> int:
        if str(path).endswith("parfocal/lock"):
            raise OSError(30, os.strerror(30))
        return opened(path, flags, *more)

    monkeypatch.setattr(os, "open", read_only)
    with pytest.raises(StoreError, match=r"cells.ome.zarr cannot be written: .*Read-only"):
        edit_store(store, StoreEdit({0: "left"}))
