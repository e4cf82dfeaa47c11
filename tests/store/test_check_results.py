"""A check finds, one rule each, what is wrong with what was derived and with what is told of it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from check_findings import Break, copied, findings
from result_stores import double, doubling, recorded

from parfocal.store import (
    ChannelDisplay,
    DisplaySettings,
    StageRow,
    StoreMetadata,
    check,
    publish_result,
    record_provenance,
    write_display,
    write_labels,
    write_store_metadata,
    write_table,
)

LATEST = "results/double/latest"
IMAGE = f"{LATEST}/A/1/0"
LABELS = f"{IMAGE}/labels/nuclei"
LOG = "parfocal/provenance/records.jsonl"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = recorded(tmp_path_factory.mktemp("results") / "cells.ome.zarr")
    double(store, run="one")
    double(store, run="two")
    with publish_result(store, "register", inputs=["A/1/0"], run="three") as writer:
        writer.add_value("affine", np.eye(3))
        writer.add_value("kind", "rigid")
    with write_labels(store, f"{LATEST}/A/1/0", "nuclei") as labels:
        for t in range(2):
            for z in range(3):
                labels.put(t, np.ones((24, 20), "uint32"), z)
    write_table(store, "tracks", [{"cell": number} for number in range(500)])
    write_store_metadata(store, StoreMetadata(("A/1/0",), stage_rows=(StageRow("0"),)))
    write_display(store, DisplaySettings((ChannelDisplay("DAPI"),)))
    return store


def test_a_sound_store_passes_without_a_word(sound: Path) -> None:
    assert findings(sound, deep=True) == {}


def told(where: str, change: Callable[[dict[str, Any]], Any]) -> Break:
    """Change what a group says under `parfocal`."""

    def apply(store: Path) -> None:
        file = store / where / "zarr.json"
        document = json.loads(file.read_text())
        change(document["attributes"]["parfocal"])
        file.write_text(json.dumps(document))

    return apply


def scaled(store: Path) -> None:
    file = store / LATEST / "A/1/1/zarr.json"
    document = json.loads(file.read_text())
    dataset = document["attributes"]["ome"]["multiscales"][0]["datasets"][0]
    dataset["coordinateTransformations"][0]["scale"][-1] = 9.0
    file.write_text(json.dumps(document))


def flipped(where: str) -> Break:
    def apply(store: Path) -> None:
        place = store / where
        files = [place] if place.is_file() else [one for one in place.rglob("*") if one.is_file()]
        file = sorted(files)[0]
        raw = bytearray(file.read_bytes())
        raw[len(raw) // 3] ^= 4
        file.write_bytes(raw)

    return apply


def with_another_part(store: Path) -> None:
    pq.write_table(pa.table({"other": [1]}), store / "parfocal/tables/tracks/part-000001.parquet")


def left_half_done(store: Path) -> None:
    writer = doubling(store, "half")
    staged = writer._staged
    os.close(staged._descriptor)  # what the kernel does for a killed process


def rewritten(change: Callable[[list[bytes]], list[bytes]]) -> Break:
    def apply(store: Path) -> None:
        lines = (store / LOG).read_bytes().splitlines(keepends=True)
        (store / LOG).write_bytes(b"".join(change(lines)))

    return apply


def unrecorded(store: Path) -> None:
    shutil.rmtree(store / "parfocal/provenance")
    record_provenance(store, "nothing")


def removed(where: str) -> Break:
    return lambda store: shutil.rmtree(store / where)


def renamed(where: str, name: str) -> Break:
    return lambda store: (store / where).rename((store / where).with_name(name))


def replaced(where: str, text: str) -> Break:
    return lambda store: (store / where).write_text(text)


Case: TypeAlias = tuple[str, str, Break]
DATA = "parfocal/results/register"
CHUNK = "c/0/0/0/0/0"
TRACKS = "parfocal/tables/tracks"
METADATA = "parfocal/metadata"
HISTORY = "parfocal/provenance"
# what lies apart is broken in one copy, since each check asks the validators four times
ERRORS: list[list[Case]] = [
    [
        ("chunk-unreadable", f"{IMAGE}/0/{CHUNK}", flipped(f"{IMAGE}/0/{CHUNK}")),
        ("chunk-unreadable", f"{LABELS}/0/{CHUNK}", flipped(f"{LABELS}/0/{CHUNK}")),
        ("no-chunks", "results/double/one/A/1/1/0", removed("results/double/one/A/1/1/0/c")),
        ("result-voxel-size", f"{LATEST}/A/1/1", scaled),
        ("result-values", f"{DATA}/three", flipped(f"{DATA}/three/affine/c")),
        ("table", TRACKS, flipped(TRACKS)),
        (
            "store-metadata",
            METADATA,
            told(METADATA, lambda ours: ours.update(stage_rows=[{"field": "0", "x": "far"}])),
        ),
        ("provenance", HISTORY, rewritten(lambda all: [all[0].replace(b"par", b"PAR"), *all[1:]])),
    ],
    [
        ("field-missing", f"{LATEST}/A/1/1", removed(f"{LATEST}/A/1/1")),
        ("result-name", "results/double/uno", renamed("results/double/one", "uno")),
        (
            "result-voxel-size",
            IMAGE,
            told(IMAGE, lambda ours: ours.pop("voxel_size_resolution_source")),
        ),
        ("result-values", f"{DATA}/three", told(f"{DATA}/three", lambda o: o.update(arrays=["x"]))),
        ("table", TRACKS, replaced(f"{TRACKS}/part-000000.parquet", "PAR1")),
        (
            "store-metadata",
            METADATA,
            told(
                METADATA,
                lambda ours: ours.update(spatial_calibration={"stage_axis_map_zyx": {"z": "+q"}}),
            ),
        ),
        ("provenance", HISTORY, rewritten(lambda all: all[1:])),
    ],
    [
        ("result-name", LATEST, told(LATEST, lambda ours: ours.pop("run"))),
        (
            "result-voxel-size",
            IMAGE,
            told(IMAGE, lambda ours: ours.update(voxel_size_um_zyx=[1, "x", 2])),
        ),
        ("result-latest", DATA, removed(f"{DATA}/three")),
        ("table", TRACKS, with_another_part),
        ("provenance", HISTORY, rewritten(lambda all: all[:-1])),
    ],
    [
        ("result", LATEST, replaced(f"{LATEST}/zarr.json", '{"attributes": {}}')),
        ("provenance", HISTORY, rewritten(lambda all: [*all[:-2], all[-1], all[-2]])),
    ],
    [
        ("result-latest", "results/double", renamed(LATEST, "two")),
        ("provenance", HISTORY, replaced(f"{HISTORY}/zarr.json", "{")),
    ],
]  # fmt: skip


@pytest.mark.parametrize("cases", ERRORS)
def test_what_is_wrong_is_found(sound: Path, tmp_path: Path, cases: list[Case]) -> None:
    store = copied(sound, tmp_path)
    for _, _, breaks in cases:
        breaks(store)
    report = check(store, deep=True)
    assert not report.ok
    assert all(found.fix for found in report.findings)
    for rule, where, _ in cases:
        said = [found for found in report.findings if (found.rule, found.path) == (rule, where)]
        assert [found.severity for found in said] == ["error"], (rule, where, report.findings)


WARNINGS: list[list[Case]] = [
    [
        ("result-left", "parfocal/staging", left_half_done),
        (
            "result-lineage",
            IMAGE,
            told(IMAGE, lambda ours: ours.update(derived_from=["results/gone/x"])),
        ),
        (
            "store-lineage",
            METADATA,
            told(METADATA, lambda ours: ours.update(derived_from=["B/7/0"])),
        ),
        (
            "gui-settings",
            "parfocal/gui",
            told("parfocal/gui", lambda ours: ours["display"]["channels"][0].update(window=[2, 1])),
        ),
        ("provenance-torn", LOG, rewritten(lambda all: [*all, b'{"rec'])),
    ],
    [
        ("result-unrecorded", LATEST, unrecorded),
        ("result-lineage", IMAGE, told(IMAGE, lambda ours: ours.pop("derived_from"))),
    ],
]


@pytest.mark.parametrize("cases", WARNINGS)
def test_what_is_odd_is_said_and_no_error(sound: Path, tmp_path: Path, cases: list[Case]) -> None:
    store = copied(sound, tmp_path)
    for _, _, breaks in cases:
        breaks(store)
    report = check(store)
    for rule, where, _ in cases:
        said = [found for found in report.findings if found.rule == rule]
        assert where in {found.path[: len(where)] for found in said}, (rule, report.findings)
    assert {found.severity for found in report.findings} == {"warning"}


def test_a_folder_named_results_in_a_foreign_store_is_its_own_affair(tmp_path: Path) -> None:
    from foreign_stores import write_image

    write_image(tmp_path / "image.zarr")
    (tmp_path / "image.zarr/results/x/y").mkdir(parents=True)
    assert findings(tmp_path / "image.zarr") == {}
