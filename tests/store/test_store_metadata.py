"""What a store says of its origin and of its display comes back as it was written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from foreign_stores import write_image
from result_stores import double, recorded
from voxel_size_stores import fingerprint

from parfocal.store import (
    ChannelDisplay,
    DisplaySettings,
    LastView,
    StageAxisMap,
    StageRow,
    StoreError,
    StoreMetadata,
    StoreReader,
    check,
    find_reusable,
    info,
    list_labels,
    list_results,
    list_tables,
    read_display,
    read_provenance,
    read_store_metadata,
    resolve_voxel_size,
    write_display,
    write_store_metadata,
)

FULL = StoreMetadata(
    derived_from=("A/1/0",),
    source_uri="file:///data/experiment.yml",
    source_experiment={"MicroscopeState": {"zoom": "1x"}, "Saving": {"user": "é"}},
    stage_rows=(StageRow("field 0", 1.0, -2.5, 3.0, 4.0, 90.0), StageRow("field 1")),
    spatial_calibration=StageAxisMap("+x", "none", "-f"),
    voxel_size_um=(2.0, 0.5, 0.25),
    voxel_size_source="store_metadata_navigate",
    legacy={"multiscales": [{"version": "0.4"}], "scale": [1, 2, 3], "空": None},
)
DISPLAY = DisplaySettings(
    (ChannelDisplay("DAPI", "0000FF", (90.0, 900.0)), ChannelDisplay("FITC", visible=False)),
    LastView("A/1/1", 1, 2, (10.5, -3.0), 2.0),
)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return recorded(tmp_path / "cells.ome.zarr")


def test_all_of_it_comes_back(store: Path) -> None:
    assert read_store_metadata(store) == StoreMetadata()
    write_store_metadata(store, FULL)
    assert read_store_metadata(store) == FULL
    assert check(store).findings == ()


def test_the_resolver_reads_what_is_written(store: Path) -> None:
    image = store / "A/1/0/zarr.json"
    for file in (image, store / "A/1/1/zarr.json"):
        told = json.loads(file.read_text())
        for dataset in told["attributes"]["ome"]["multiscales"][0]["datasets"]:
            del dataset["coordinateTransformations"]
        file.write_text(json.dumps(told))
    write_store_metadata(store, StoreMetadata(voxel_size_um=(3.0, 2.0, 1.0)))
    found = resolve_voxel_size(store, "A/1/0")
    assert (found.z, found.y, found.x, found.source) == (3.0, 2.0, 1.0, "store_metadata")
    zoom = {"MicroscopeState": {"step_size": 5.0}, "zoom": 1}
    write_store_metadata(store, StoreMetadata(source_experiment=zoom))
    assert read_store_metadata(store).voxel_size_um is None


def test_what_a_foreign_store_said_is_never_changed(store: Path) -> None:
    write_store_metadata(store, FULL)
    with pytest.raises(StoreError, match="never changed"):
        write_store_metadata(store, StoreMetadata())
    with pytest.raises(StoreError, match="never changed"):
        write_store_metadata(store, StoreMetadata(legacy={"scale": [1, 2, 4]}))
    write_store_metadata(store, StoreMetadata(legacy=FULL.legacy, source_uri="x"))
    assert read_store_metadata(store) == StoreMetadata(legacy=FULL.legacy, source_uri="x")


def test_keys_of_other_versions_stay(store: Path) -> None:
    write_store_metadata(store, FULL)
    file = store / "parfocal/metadata/zarr.json"
    told = json.loads(file.read_text())
    told["attributes"]["parfocal"]["from the future"] = 1
    told["attributes"]["others"] = 2
    file.write_text(json.dumps(told))
    write_store_metadata(store, FULL)
    again = json.loads(file.read_text())["attributes"]
    assert (again["parfocal"]["from the future"], again["others"]) == (1, 2)


def test_an_axis_map_reads_what_it_writes() -> None:
    assert StageAxisMap.parse("z=+x,y=none,x=+y") == StageAxisMap("+x", "none", "+y")
    assert StageAxisMap.parse(" y = -f ") == StageAxisMap("+z", "-f", "+x")
    assert StageAxisMap.parse("z=x,x=z") == StageAxisMap("+x", "+y", "+z")
    for axes in (StageAxisMap(), StageAxisMap("none", "none", "none"), StageAxisMap("-f")):
        assert StageAxisMap.parse(str(axes)) == axes
    for text in ("z=+q", "z", "q=+x", "z=+x,z=+y", "z=+x", "z=+", "z=", "z=+x+y", "z==+z"):
        with pytest.raises(StoreError):
            StageAxisMap.parse(text)


def test_senseless_values_are_refused(store: Path) -> None:
    for size in ((0.0, 1.0, 1.0), (float("nan"), 1.0, 1.0)):
        with pytest.raises(StoreError, match="voxel size"):
            write_store_metadata(store, StoreMetadata(voxel_size_um=size))
    with pytest.raises(StoreError, match="leads out"):
        write_store_metadata(store, StoreMetadata(derived_from=("../x",)))
    with pytest.raises(StoreError, match="stage row"):
        StageRow("0", x=float("inf"))
    assert not (store / "parfocal/metadata").exists()


def test_display_settings_come_back(store: Path) -> None:
    assert read_display(store) is None
    write_display(store, DISPLAY)
    assert read_display(store) == DISPLAY
    write_display(store, DisplaySettings())
    assert read_display(store) == DisplaySettings()
    assert check(store).findings == ()


@pytest.mark.parametrize(
    "wrong",
    [
        DisplaySettings((ChannelDisplay("x", window=(2.0, 1.0)),)),
        DisplaySettings((ChannelDisplay("x", window=(float("nan"), 1.0)),)),
        DisplaySettings((ChannelDisplay("x", "red"),)),
        DisplaySettings(view=LastView(t=-1)),
        DisplaySettings(view=LastView(zoom=0.0)),
    ],
)
def test_senseless_settings_are_refused(store: Path, wrong: DisplaySettings) -> None:
    with pytest.raises(StoreError):
        write_display(store, wrong)
    assert read_display(store) is None


def test_nothing_is_written_by_reading_or_into_a_foreign_store(store: Path, tmp_path: Path) -> None:
    double(store)
    foreign = tmp_path / "foreign.zarr"
    write_image(foreign)
    for path in (store, foreign):
        before = fingerprint(path)
        read_store_metadata(path), read_display(path), read_provenance(path)
        list_results(path), list_labels(path), list_tables(path)
        find_reusable(path, "double", {}, "", [])
        info(path), check(path, deep=True), resolve_voxel_size(path), StoreReader(path)
        assert fingerprint(path) == before
    with pytest.raises(StoreError, match="not made by Parfocal"):
        write_store_metadata(foreign, FULL)
    with pytest.raises(StoreError, match="not made by Parfocal"):
        write_display(foreign, DISPLAY)
    assert fingerprint(foreign) == before
