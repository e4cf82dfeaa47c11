"""What the tests of the Store workspace share: stores to look at, and choosing one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pytestqt.qtbot import QtBot

from parfocal.store import ChannelInfo, FieldInfo, Recording, RecordingSpec
from parfocal.ui.store_workspace import StoreWorkspace


def record(
    path: Path, *, planes: int | None = None, ended: str = "interrupted", **more: Any
) -> Path:
    """Two fields in two channels; with `planes` it was interrupted after so many."""
    planned = [(t, p, c, 0) for t in range(2) for p in range(2) for c in range(2)]
    values: dict[str, Any] = {
        "name": path.name,
        "fields": [FieldInfo("left"), FieldInfo("right", (0.0, 0.0, 150.0))],
        "channels": [ChannelInfo("DAPI", "0088FF"), ChannelInfo("FITC", "44FF44")],
        "planned": planned,
        "due_s": [float(t) for t, *_rest in planned],
        "plane_shape": (64, 64),
        "dtype": "uint16",
        "voxel_um": (2.0, 0.5, 0.5),
        "time_step_s": 1.0,
    }
    spec = RecordingSpec(**{**values, **more})
    recording = Recording.create(path, spec)
    plane = np.arange(np.prod(spec.plane_shape), dtype=np.uint16).reshape(spec.plane_shape)
    for index in list(spec.planned)[:planes]:
        recording.put(index, plane)
    if planes is None:
        recording.close()
    else:
        recording.close(ended, "the disk was full")
    return path


def plate(path: Path, rows: int = 8, columns: int = 12, *, planes: int | None = None) -> Path:
    """A whole plate with one field of one small plane in each well."""
    wells = [f"{'ABCDEFGHIJKLMNOP'[r]}/{c + 1}" for r in range(rows) for c in range(columns)]
    planned = [(0, number, 0, 0) for number in range(len(wells))]
    return record(
        path,
        planes=planes,
        fields=[FieldInfo(f"field {n}", well=well) for n, well in enumerate(wells)],
        channels=[ChannelInfo("DAPI")],
        planned=planned,
        due_s=[0.0] * len(planned),
        plate=(rows, columns),
        plane_shape=(16, 16),
    )


def select(qtbot: QtBot, workspace: StoreWorkspace, path: Path) -> None:
    """Choose a store, which may be a new one, and wait until it was read."""
    workspace.open_path(path)
    qtbot.waitUntil(lambda: workspace.list.selected() == path)
    qtbot.waitUntil(lambda: workspace.deeds.entry is not None)


def bare(path: Path, document: str = '{"zarr_format": 3, "node_type": "group"}') -> Path:
    """The least that looks like a store."""
    path.mkdir(parents=True)
    (path / "zarr.json").write_text(document)
    return path
