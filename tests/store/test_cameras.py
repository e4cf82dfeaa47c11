"""Cameras of different size share a store: each has its own images, about the same middle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import zarr
from store_recordings import grid, plane_of, spec_of

from parfocal.store import (
    ChannelInfo,
    FieldInfo,
    Index,
    Recording,
    RecordingSpec,
    StoreError,
    StoreReader,
    check,
    info,
)

LARGE, SMALL = (24, 20), (10, 30)
# channels 0 and 2 are those of the recording, 1 and 3 of a second camera with larger pixels
CHANNELS = [
    ChannelInfo("GFP"),
    ChannelInfo("phase", plane_shape=SMALL, dtype="uint8", voxel_um=(2.0, 1.0, 2.0)),
    ChannelInfo("RFP"),
    ChannelInfo("light", plane_shape=SMALL, dtype="uint8", voxel_um=(2.0, 1.0, 2.0)),
]
PLANNED = grid(t=3, p=2, c=4, z=2)


def spec(**others: object) -> RecordingSpec:
    return spec_of(PLANNED, channels=CHANNELS, **others)


def pixels(index: Index) -> np.ndarray:
    other = index[2] % 2
    return plane_of(index, SMALL if other else LARGE, "uint8" if other else "uint16")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "two.ome.zarr"


def test_every_plane_of_two_cameras_comes_back_by_its_index(path: Path) -> None:
    recording = Recording.create(path, spec())
    for index in PLANNED:
        recording.put(index, pixels(index))
        np.testing.assert_array_equal(recording.get(index), pixels(index))
    raw = recording.status().raw_bytes
    recording.close()
    assert recording.status().raw_bytes == sum(pixels(i).nbytes for i in PLANNED) >= raw
    reader, found = StoreReader(path), info(path)
    for index in PLANNED:
        np.testing.assert_array_equal(reader.plane(index), pixels(index))
    assert found.channels == ("GFP", "phase", "RFP", "light")
    assert (found.shape, found.dtype) == ((3, 4, 2, *LARGE), "uint16")
    assert found.field_paths == ("A/1/0", "A/1/2")
    assert found.fields == ("field 0", "field 1")
    assert (found.planned, found.acquired) == (48, 48)
    assert found.acquired_per_field == (24, 24)
    # as somebody reads it who knows nothing of Parfocal
    array = zarr.open_group(path, mode="r")["A/1/3/0"]
    np.testing.assert_array_equal(array[2, 1, 1], pixels((2, 1, 3, 1)))
    report = check(path, deep=True)
    assert not report.findings


def test_a_camera_is_an_acquisition_about_the_same_middle(path: Path) -> None:
    recording = Recording.create(path, spec())
    recording.put((0, 0, 0, 0), pixels((0, 0, 0, 0)))
    recording.close("interrupted")
    root = zarr.open_group(path, mode="r")
    plate, well = root.attrs["ome"]["plate"], root["A/1"].attrs["ome"]["well"]
    assert [entry["id"] for entry in plate["acquisitions"]] == [0, 1]
    assert [entry["name"] for entry in plate["acquisitions"]] == ["GFP", "phase"]
    assert plate["field_count"] == 2
    assert [(i["path"], i["acquisition"]) for i in well["images"]] == [
        ("0", 0), ("1", 1), ("2", 0), ("3", 1),
    ]  # fmt: skip
    middles = []
    for name, shape in (("0", LARGE), ("1", SMALL)):
        dataset = root[f"A/1/{name}"].attrs["ome"]["multiscales"][0]["datasets"][0]
        scale, translation = (
            entry[entry["type"]] for entry in dataset["coordinateTransformations"]
        )
        middles.append([translation[3 + n] + (shape[n] - 1) / 2 * scale[3 + n] for n in range(2)])
        assert translation[2] == 1.0
    assert middles[0] == pytest.approx(middles[1])
    record = root["parfocal/run"].attrs["parfocal"]
    assert record["images"][1] == {"path": "A/1/1", "field": 0, "channels": [1, 3]}


def test_a_plane_of_the_wrong_camera_is_refused_by_name(path: Path) -> None:
    recording = Recording.create(path, spec())
    recording.put((0, 0, 0, 0), pixels((0, 0, 0, 0)))
    with pytest.raises(StoreError, match=r"frame t=0 p=0 c=1 z=0 is uint16 \(24, 20\), .*uint8"):
        recording.put((0, 0, 1, 0), pixels((0, 0, 0, 0)))
    with pytest.raises(StoreError, match="frame t=0 p=0 c=4 z=0 is not in the plan"):
        recording.put((0, 0, 4, 0), pixels((0, 0, 0, 0)))
    recording.close("interrupted")
    found = StoreReader(path)
    assert found.info.acquired == 1
    np.testing.assert_array_equal(found.plane((0, 0, 0, 0)), pixels((0, 0, 0, 0)))


def test_two_cameras_share_the_buffers_by_bytes(path: Path) -> None:
    shapes = [(64, 64), (16, 16)]
    channels = [ChannelInfo("large"), ChannelInfo("small", plane_shape=shapes[1])]
    planned = grid(t=40, c=2)
    spec = spec_of(planned, shape=shapes[0], channels=channels, due=[20.0 * i[0] for i in planned])
    budget = 3 * 64 * 64 * 2
    recording = Recording.create(path, spec, budget_bytes=budget)
    held = 0
    for index in planned:
        recording.put(index, plane_of(index, shapes[index[2]]))
        status = recording.status()
        assert status.buffer_bytes <= status.buffer_limit <= budget
        pool = recording._intake.shards.pool
        kept = sum(len(free) * each.buffer_bytes for each, free in pool._free.items())
        held = max(held, kept + pool.used_bytes)
    recording.close()
    assert held <= budget
    reader = StoreReader(path)
    for index in planned:
        np.testing.assert_array_equal(reader.plane(index), plane_of(index, shapes[index[2]]))


@pytest.mark.parametrize(
    ("channel", "sentence"),
    [
        (ChannelInfo("b", plane_shape=(0, 4)), r"planes of shape \(0, 4\) in channel 'b'"),
        (ChannelInfo("b", dtype="complex64"), "pixels of type complex64 in channel 'b'"),
        (ChannelInfo("b", voxel_um=(2.0, 0.0, 1.0)), "not above zero in channel 'b'"),
        (ChannelInfo("b", voxel_um=(3.0, 1.0, 1.0)), "planes 3.0 µm apart in channel 'b'"),
        (ChannelInfo("b", plane_shape=(2**15, 2**15)), "less than one plane of 2147483648"),
    ],
)
def test_a_camera_that_cannot_be_is_refused(
    path: Path, channel: ChannelInfo, sentence: str
) -> None:
    with pytest.raises(StoreError, match=sentence):
        Recording.create(path, spec_of(grid(c=2), channels=[ChannelInfo("a"), channel]))
    assert not path.exists()


WELLS = ["B/3", "A/12", "B/3", "P/24", "B/3"]


def test_a_plate_has_its_real_wells(path: Path) -> None:
    fields = [FieldInfo(f"site {n}", (0.0, n, n), well) for n, well in enumerate(WELLS)]
    planned = grid(t=2, p=5)
    recording = Recording.create(path, spec_of(planned, fields=fields, plate=(16, 24)))
    for index in planned:
        recording.put(index, plane_of(index))
    recording.close()
    root = zarr.open_group(path, mode="r")
    plate = root.attrs["ome"]["plate"]
    assert [row["name"] for row in plate["rows"]] == list("ABCDEFGHIJKLMNOP")
    assert [column["name"] for column in plate["columns"]] == [str(n) for n in range(1, 25)]
    assert plate["wells"] == [
        {"path": "A/12", "rowIndex": 0, "columnIndex": 11},
        {"path": "B/3", "rowIndex": 1, "columnIndex": 2},
        {"path": "P/24", "rowIndex": 15, "columnIndex": 23},
    ]
    assert plate["field_count"] == 3
    found, reader = info(path), StoreReader(path)
    # in the order of the plan, whatever the order of the wells
    assert found.field_paths == ("B/3/0", "A/12/0", "B/3/1", "P/24/0", "B/3/2")
    assert found.fields == tuple(f"site {n}" for n in range(5))
    assert [origin[1] for origin in found.origins_um] == [0.0, 1.0, 2.0, 3.0, 4.0]
    for index in planned:
        np.testing.assert_array_equal(reader.plane(index), plane_of(index))
    np.testing.assert_array_equal(root["B/3/2/0"][1, 0, 0], plane_of((1, 4, 0, 0)))
    assert not check(path, deep=True).findings


def test_the_wells_of_a_plate_of_unknown_size_reach_to_the_last(path: Path) -> None:
    fields = [FieldInfo("one", well="C/2"), FieldInfo("two", well="AB/5")]
    Recording.create(path, spec_of(grid(p=2), fields=fields)).close("interrupted")
    plate = zarr.open_group(path, mode="r").attrs["ome"]["plate"]
    assert (len(plate["rows"]), len(plate["columns"])) == (28, 5)
    assert plate["rows"][27]["name"] == "AB"
    assert [well["rowIndex"] for well in plate["wells"]] == [2, 27]
    assert check(path).ok


@pytest.mark.parametrize("well", ["B3", "b/3", "B/03", "../3", "B/0", "PARFOCAL/1", "I/1"])
def test_what_is_no_well_is_refused(path: Path, well: str) -> None:
    fields = [FieldInfo("site", well=well)]
    with pytest.raises(StoreError, match="field 'site' is in well"):
        Recording.create(path, spec_of(grid(), fields=fields, plate=(8, 12)))
    assert not path.exists()
