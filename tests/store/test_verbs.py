"""The verbs of the store print what the table promises and end with the right exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import zarr
from foreign_stores import write_image
from store_recordings import grid, put_all, spec_of

from parfocal.cli import run_verb
from parfocal.cli.bench import paired
from parfocal.store import Recording, StoreError, info


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(grid(t=2, z=2)))
    put_all(recording, grid(t=2, z=2))
    recording.close()
    return path


def test_info_has_every_key_of_the_table(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_verb(["info", str(store), "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    table = (
        "state planned acquired missing axes shape fields channels voxel_size_um "
        "voxel_size_source voxel_size_conflicts levels dtype"
    )
    assert set(table.split()) <= set(value)
    assert value["voxel_size_um"] == {"z": 2.0, "y": 0.5, "x": 0.25}
    assert run_verb(["info", str(store)]) == 0
    assert "z 2, y 0.5, x 0.25 µm, from component:A/1/0" in capsys.readouterr().out


def test_info_of_other_units_is_in_micrometres_and_seconds(tmp_path: Path) -> None:
    write_image(tmp_path / "a.zarr", shape=(2, 3, 16, 12), axes=("t", "z", "y", "x"), levels=1)
    group = zarr.open_group(tmp_path / "a.zarr")
    ome = group.attrs["ome"]
    units = ("microsecond", "nanometer", "nanometer", "nanometer")
    for axis, unit in zip(ome["multiscales"][0]["axes"], units, strict=True):
        axis["unit"] = unit
    ome["multiscales"][0]["datasets"][0]["coordinateTransformations"] = [
        {"type": "scale", "scale": [500_000, 2000, 500, 500]},
        {"type": "translation", "translation": [0, 3000, 2000, 1000]},
    ]
    group.attrs["ome"] = ome
    found = info(tmp_path / "a.zarr")
    assert (found.voxel_size_um, found.origins_um) == ((2.0, 0.5, 0.5), ((3.0, 2.0, 1.0),))
    assert found.time_step_s == 0.5
    ome["multiscales"][0]["axes"][1]["unit"] = "furlong"
    group.attrs["ome"] = ome
    found = info(tmp_path / "a.zarr")
    assert found.voxel_size_source == "default"
    assert any("furlong is no known unit of length" in note for note in found.voxel_size_notes)


def test_metadata_that_makes_no_sense_is_a_sentence_without_python(tmp_path: Path) -> None:
    write_image(tmp_path / "a.zarr", levels=1)
    group = zarr.open_group(tmp_path / "a.zarr")
    group.attrs["ome"] = {"version": "0.5", "multiscales": [{"axes": 5, "datasets": "x"}]}
    with pytest.raises(StoreError, match="makes no sense; parfocal check says where") as refused:
        info(tmp_path / "a.zarr")
    assert "Error" not in str(refused.value)


def test_check_exits_1_when_not_ok(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_verb(["check", str(store), "--json", "--deep"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    (store / "x.__lock").write_text("")
    assert run_verb(["check", str(store), "--json"]) == 1
    value = json.loads(capsys.readouterr().out)
    assert value["ok"] is False
    assert set(value["findings"][0]) == {"path", "rule", "severity", "message", "fix"}


@pytest.mark.parametrize("verb", ["info", "check"])
def test_no_store_is_one_sentence(
    tmp_path: Path, verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_verb([verb, str(tmp_path / "absent")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"parfocal: {tmp_path}/absent does not exist\n"


def test_an_unknown_benchmark_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_verb(["bench", "lunch"]) == 1
    assert "there is no benchmark 'lunch'; there are" in capsys.readouterr().err
    assert run_verb(["bench", "record", "--runs", "0"]) == 1


def test_pairs_alternate_and_their_median_counts() -> None:
    order: list[str] = []
    mine, theirs = iter([10.0, 40.0, 30.0]), iter([5.0, 10.0, 30.0])

    def ours() -> float:
        order.append("ours")
        return next(mine)

    def peer() -> float:
        order.append("peer")
        return next(theirs)

    row = paired("row", ours, peer, unit="MB/s", better="higher", runs=3)
    assert order == ["ours", "peer", "peer", "ours", "ours", "peer"]
    assert (row.ours, row.peer, row.ratio, row.runs) == (30.0, 10.0, 2.0, 3)


def test_a_small_record_benchmark_has_every_row(monkeypatch: pytest.MonkeyPatch) -> None:
    from parfocal.cli.bench import _record

    monkeypatch.setattr(_record, "in_a_process", _pretend)
    monkeypatch.setattr(_record, "camera_frames", lambda *_: [])
    rows = _record.rows(2)
    assert [row.name for row in rows] == [
        "record-vs-acquire-zarr",
        "record-vs-ome-writers",
        "record-vs-copy-and-encode",
        "record-amplification",
    ]
    assert all(row.runs == 2 for row in rows[:3])
    assert [row.better for row in rows] == ["higher", "higher", "higher", "lower"]
    assert rows[3].ratio == 1.05


def _pretend(_measure: object, writer: str, folder: Path, bank: Path) -> object:
    from parfocal.cli.bench._record import Measured

    return Measured(seconds=1.0, written=105, stored=100, peak=3, baseline=1)


@pytest.mark.parametrize("writer", ["parfocal", "acquire-zarr", "ome-writers", "copy-and-encode"])
def test_every_contestant_writes_the_same_frames(tmp_path: Path, writer: str) -> None:
    import numpy as np
    import zarr

    from parfocal.cli.bench._synthetic import camera_frames
    from parfocal.cli.bench._writers import WRITERS

    bank = camera_frames(2, (1024, 1024))
    WRITERS[writer](tmp_path, bank, 4, 4)
    arrays = [file.parent for file in tmp_path.rglob("zarr.json") if "c" in _children(file)]
    if writer == "copy-and-encode":
        assert arrays == []
        return
    (path,) = [folder for folder in arrays if folder.name != "planes"]
    array = zarr.open_array(path, mode="r")
    frames = np.asarray(array[:]).reshape(4, 1024, 1024)
    for number, frame in enumerate(frames):
        np.testing.assert_array_equal(frame, bank[number % 2])


def _children(file: Path) -> set[str]:
    return {child.name for child in file.parent.iterdir()}
