"""What a device or a person says, in whatever words and numbers, never ends a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from store_recordings import grid, plane_of, put_all, spec_of

from parfocal.store import Recording, check, info, read_provenance
from parfocal.store._frame_table import table_rows
from parfocal.store._layout import MISSING_TABLE
from parfocal.store._metadata import read_record

LATIN = b"20 \xb0C".decode(errors="surrogateescape")  # as SWIG gives a device's Latin-1 to Python


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cells.ome.zarr"


@pytest.mark.parametrize("spool", [False, True])
@pytest.mark.parametrize(
    ("metadata", "column", "kept"),
    [
        ({"heater": LATIN}, "heater", "20 °C"),
        ({LATIN: 1}, "20 °C", 1),
        ({"stray": "\ud800"}, "stray", "\N{REPLACEMENT CHARACTER}"),
        ({"counter": 2**70}, "counter", str(2**70)),
        ({"counter": -(2**70)}, "counter", str(-(2**70))),
        ({"counter": np.uint64(2**64 - 1)}, "counter", str(2**64 - 1)),
        ({"counter": 2**63 - 1}, "counter", 2**63 - 1),
    ],
)
def test_a_frame_is_kept_whatever_its_metadata_say(
    path: Path, metadata: dict[str, Any], column: str, kept: object, spool: bool
) -> None:
    recording = Recording.create(path, spec_of(grid(t=2)), spool=spool)
    recording.put((0, 0, 0, 0), plane_of((0, 0, 0, 0)), metadata)
    recording.put((1, 0, 0, 0), plane_of((1, 0, 0, 0)), metadata)
    recording.close()
    assert (info(path).state, info(path).acquired) == ("completed", 2)
    assert pq.read_table(path / "parfocal/run/frames.parquet")[column].to_pylist() == [kept] * 2
    report = check(path, deep=True)
    assert report.ok, report.findings


def test_a_recording_ends_whatever_its_names_reasons_and_devices_say(path: Path) -> None:
    planned = grid(t=3)
    spec = spec_of(
        planned,
        plan={"exposure": np.float32(0.5), "folder": path},
        hardware={"heater": LATIN},
    )
    recording = Recording.create(path, spec)
    put_all(recording, planned[:2])
    recording.skip(planned[2], LATIN)
    recording.close("interrupted", LATIN, hardware={"heater": LATIN, "z": np.float32(2.5)})
    record = read_record(path)
    assert record is not None
    assert record["plan"] == {"exposure": 0.5, "folder": str(path)}
    assert record["hardware"]["start"] == {"heater": "20 °C"}
    assert record["hardware"]["end"] == {"heater": "20 °C", "z": 2.5}
    assert info(path).reason == "20 °C"
    assert [row["reason"] for row in table_rows(path / MISSING_TABLE)] == ["20 °C"]
    assert read_provenance(path)[0].parameters["reason"] == "20 °C"
    report = check(path, deep=True)
    assert report.ok, report.findings
