"""A check finds what is wrong, names it, and passes what is right."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from foreign_stores import edit, write_image
from store_recordings import grid, put_all, spec_of

from parfocal.store import Recording, StoreError, check, info

SHARED = Path(__file__).parents[3] / "shared" / "data"
SHARD = "A/1/0/0/c/0/0/0/0/0"
PLANNED = grid(t=2, c=2, z=3)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("check") / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(PLANNED))
    put_all(recording, PLANNED)
    recording.close()
    return path


@pytest.fixture
def store(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / sound.name))


def transform(number: int, values: list[float]) -> Callable[[dict[str, Any]], None]:
    def change(ome: dict[str, Any]) -> None:
        kind = "scale" if number == 0 else "translation"
        level = ome["multiscales"][0]["datasets"][0]
        level["coordinateTransformations"][number][kind] = values

    return change


def rules(path: Path, *, deep: bool = False) -> dict[str, str]:
    report = check(path, deep=deep)
    assert report.ok == all(found.severity != "error" for found in report.findings)
    assert all(found.path and found.message and found.fix for found in report.findings)
    return {found.rule: found.path for found in report.findings}


def test_a_sound_store_has_no_finding(store: Path) -> None:
    assert rules(store, deep=True) == {}


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("scale", transform(0, [3.0, 1.0, 2.0, 0.0, 0.25])),
        ("scale", transform(0, [3.0, 1.0, 2.0, -0.5, 0.25])),
        ("scale", transform(0, [1.0, 1.0])),
        ("translation", transform(1, [1.0])),
        ("omero-channels", lambda ome: ome["omero"]["channels"].pop()),
        ("yaozarrs", lambda ome: ome["multiscales"][0]["axes"].pop()),
        ("ome-zarr-models", lambda ome: ome["multiscales"][0]["axes"].pop()),
        ("level-missing", lambda ome: ome["multiscales"][0]["datasets"][0].update(path="7")),
        ("metadata", lambda ome: ome["multiscales"][0]["datasets"][0].pop("path")),
        ("metadata", lambda ome: ome["multiscales"][0].update(axes=5)),
    ],
)
def test_wrong_metadata_are_found(
    store: Path, rule: str, change: Callable[[dict[str, Any]], Any]
) -> None:
    edit(store / "A/1/0/zarr.json", change)
    assert rule in rules(store)
    assert not check(store).ok


def test_metadata_that_are_no_json_are_found(store: Path) -> None:
    (store / "A/1/0/zarr.json").write_text("{")
    assert rules(store) == {"metadata": "."}
    with pytest.raises(StoreError, match="is not JSON"):
        info(store)


def test_a_truncated_shard_is_found(store: Path) -> None:
    shard = store / SHARD
    shard.write_bytes(shard.read_bytes()[:-10])
    found = rules(store)
    assert found["shard-truncated"] == SHARD
    assert "planes-lost" in found


def test_an_empty_shard_is_found(store: Path) -> None:
    (store / SHARD).write_bytes(b"")
    assert rules(store)["shard-truncated"] == SHARD


def test_a_shard_cut_in_the_middle_is_found(store: Path) -> None:
    shard = store / SHARD
    raw = shard.read_bytes()
    index = raw[-(16 * 3 + 4) :]
    shard.write_bytes(raw[:20] + index)
    assert rules(store)["shard-truncated"] == SHARD


def test_a_flipped_bit_is_found_by_decoding(store: Path) -> None:
    shard = store / SHARD
    raw = bytearray(shard.read_bytes())
    raw[40] ^= 1
    shard.write_bytes(bytes(raw))
    assert rules(store) == {}
    assert rules(store, deep=True) == {"chunk-unreadable": SHARD}


def test_a_shard_that_is_gone_is_found(store: Path) -> None:
    (store / SHARD).unlink()
    report = check(store)
    (lost,) = [found for found in report.findings if found.rule == "planes-lost"]
    assert "3 planes" in lost.message
    assert "frame t=0 p=0 c=0 z=0" in lost.message


def test_no_chunk_at_all_is_found(store: Path) -> None:
    shutil.rmtree(store / "A/1/0/0/c")
    assert rules(store)["no-chunks"] == "A/1/0/0"


def test_a_stray_lock_is_found(store: Path) -> None:
    (store / f"{SHARD}.__lock").write_bytes(b"")
    assert rules(store) == {"stray-lock": f"{SHARD}.__lock"}


def test_mixed_formats_are_found(store: Path) -> None:
    (store / "A/1/0/0/.zarray").write_text("{}")
    assert rules(store)["mixed-formats"] == "A/1/0/0/.zarray"


def test_a_field_that_is_gone_is_damage(store: Path) -> None:
    shutil.rmtree(store / "A/1/0")
    with pytest.raises(StoreError, match="holds no OME-Zarr image"):
        info(store)


def test_what_is_missing_is_said_and_no_error(tmp_path: Path) -> None:
    path = tmp_path / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(PLANNED))
    put_all(recording, PLANNED[:4])
    recording.close("interrupted", "cancelled by hand")
    report = check(path, deep=True)
    assert report.ok
    (missing,) = report.findings
    assert missing.rule == "missing-planes"
    assert "8 of 12 planned planes are missing (cancelled by hand)" in missing.message


def test_a_foreign_image_is_read_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "foreign.zarr"
    write_image(path, shape=(64, 60), axes=("y", "x"), dtype="uint8")
    found = info(path)
    assert (found.state, found.axes, found.shape) == ("foreign", ("y", "x"), (64, 60))
    assert found.voxel_size_um == (1.0, 0.5, 0.5)
    assert (found.planned, found.acquired, found.levels) == (1, 1, 2)
    assert rules(path, deep=True) == {}


def test_a_path_that_is_no_store_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "absent")
    for path, sentence in {
        tmp_path: "is no OME-Zarr store",
        tmp_path / "file": "is a file and no OME-Zarr store",
        tmp_path / "link": "leads nowhere",
        tmp_path / "absent": "does not exist",
    }.items():
        with pytest.raises(StoreError, match=sentence):
            check(path)
        with pytest.raises(StoreError, match=sentence):
            info(path)


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not here")
def test_a_real_ngff_04_image_passes() -> None:
    path = SHARED / "ngff04" / "2d.zarr"
    assert info(path).state == "legacy"
    assert rules(path, deep=True) == {}


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not here")
@pytest.mark.parametrize("suite", ["image_suite", "plate_suite"])
def test_every_official_case_is_answered_and_never_a_crash(tmp_path: Path, suite: str) -> None:
    cases = json.loads((SHARED / "ngff-suites" / "0.5" / f"{suite}.json").read_text())["tests"]
    for number, case in enumerate(cases):
        path = tmp_path / f"{number}.zarr"
        path.mkdir()
        group = {"zarr_format": 3, "node_type": "group", "attributes": case["data"]}
        (path / "zarr.json").write_text(json.dumps(group))
        sentence = ""
        try:
            assert not check(path).ok, case  # no case comes with its arrays
        except StoreError as refusal:
            sentence = str(refusal)
        assert not sentence or str(path) in sentence
