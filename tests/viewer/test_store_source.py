"""A store as a source of planes: facts that follow it, reasons for what is missing, cheap looks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from parfocal.store import FieldInfo, Recording, write_pyramid
from parfocal.viewer import ViewerError
from parfocal.viewer import _store_source as store_source
from parfocal.viewer._source import SourceFacts
from parfocal.viewer._store_source import StoreSource
from viewer.cells import MISSING
from viewer.cells import record as record_cells
from viewer.scenes import pixels, plate_spec, record, record_large

WELLS = [("B3_0000", "B/3"), ("B3_0001", "B/3"), ("C4_0000", "C/4")]


def test_facts_say_wells_fields_channels_and_levels(tmp_path: Path) -> None:
    source = StoreSource(record_large(tmp_path / "large.ome.zarr"))
    facts = source.facts
    source.close()
    assert (facts.name, facts.state) == ("large", "completed")
    assert [field.well for field in facts.fields] == ["", ""]
    assert facts.fields[1].origin_um == (7.0, 950.0, 400.0)
    assert len(facts.levels) >= 3
    assert facts.levels[0].translation_um == (0.0, 0.0, 0.0)
    plate = StoreSource(record(tmp_path / "plate.ome.zarr", plate_spec(WELLS)))
    assert [field.well for field in plate.facts.fields] == ["B/3", "B/3", "C/4"]
    plate.close()


def test_facts_come_out_of_json_as_they_went_in_and_nonsense_is_refused(tmp_path: Path) -> None:
    source = StoreSource(record(tmp_path / "plate.ome.zarr", plate_spec(WELLS)))
    facts = source.facts
    source.close()
    told: dict[str, Any] = json.loads(json.dumps(facts.as_json()))
    assert SourceFacts.from_json(told) == facts
    for change in (
        {"sizes": {**told["sizes"], "p": 4}},
        {"sizes": {**told["sizes"], "t": 0}},
        {"sizes": [1, 2]},
        {"dtype": "O"},
        {"dtype": "no"},
        {"levels": []},
        {"levels": [{**told["levels"][0], "scale_um": [1, float("nan"), 1]}]},
        {"levels": [{**told["levels"][0], "shape": [9, 9, 999]}]},
        {"channels": [{}, {}]},
        {"channels": [{"name": "a", "colormap": "red", "limits": [1]}, *told["channels"][1:]]},
        {"fields": "abc"},
        {"time_step_s": -1},
        {"name": None},
    ):
        with pytest.raises(ViewerError, match="makes no sense"):
            SourceFacts.from_json({**told, **change})
    for key in told.keys() - {"voxel_known"}:
        with pytest.raises(ViewerError, match="makes no sense"):
            SourceFacts.from_json({name: told[name] for name in told if name != key})


def test_a_look_is_cheap_until_something_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = plate_spec(WELLS[:2], times=1)
    recording = Recording.create(tmp_path / "grows.ome.zarr", spec)
    source = StoreSource(recording.path)
    opened: list[Path] = []
    real = store_source.StoreReader
    monkeypatch.setattr(store_source, "StoreReader", lambda path: opened.append(path) or real(path))
    monkeypatch.setattr(store_source, "_SETTLED_NS", 0)
    source.refresh()  # what was written in the last moments is read twice
    opened.clear()
    assert not source.refresh()
    assert opened == []
    for index in spec.planned:
        recording.put(index, pixels(index))
    more = [(1, 2, c, z) for c in range(2) for z in range(3)]
    recording.extend(more, [9.0] * 6, fields=[FieldInfo("C4_0000", (0.0, 0.0, 0.0), "C/4")])
    assert source.refresh()
    assert (source.facts.sizes.t, source.facts.sizes.p) == (2, 3)
    assert source.absence((1, 2, 0, 0)) == "not acquired yet"
    assert source.absence((1, 0, 0, 0)) == "not planned"
    for index in more:
        recording.put(index, pixels(index))
    recording.close()
    assert source.refresh()
    assert source.facts.state == "completed"
    assert source.absence((1, 2, 0, 0)) == ""
    shutil.move(recording.path, tmp_path / "moved.ome.zarr")
    assert source.refresh()
    assert source.path == tmp_path / "moved.ome.zarr"
    assert np.array_equal(source.plane((1, 2, 1, 2)), pixels((1, 2, 1, 2)))
    source.close()


def test_what_is_missing_has_its_reason(tmp_path: Path) -> None:
    source = StoreSource(record_cells(tmp_path / "cells.ome.zarr"))
    assert source.absence((*MISSING, 0)) == "not acquired (the shutter was stuck)"
    assert source.absence((0, 0, 0, 0)) == ""
    assert source.absence((9, 0, 0, 0)) == "not planned"
    source.close()
    recording = Recording.create(tmp_path / "cut.ome.zarr", plate_spec(WELLS))
    recording.put((0, 0, 0, 0), pixels((0, 0, 0, 0)))
    recording.close("cancelled")
    cut = StoreSource(recording.path)
    assert cut.absence((1, 1, 1, 1)).startswith("not acquired")
    cut.close()


def test_levels_count_once_every_field_has_them(tmp_path: Path) -> None:
    store = record_large(tmp_path / "large.ome.zarr")
    last = store / "A" / "1" / "1" / "zarr.json"
    document = json.loads(last.read_text())
    datasets = document["attributes"]["ome"]["multiscales"][0]["datasets"]
    assert len(datasets) >= 3
    del datasets[2:]
    last.write_text(json.dumps(document))
    source = StoreSource(store)
    assert len(source.facts.levels) == 2
    shutil.rmtree(store / "A" / "1" / "1" / "2")
    write_pyramid(store)
    source.refresh()
    assert len(source.facts.levels) >= 3
    source.close()
