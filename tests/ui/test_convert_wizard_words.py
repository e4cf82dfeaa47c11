"""The wizard says what becomes of a person's data; the words of the command line stay its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import zarr

from parfocal.convert import Inspection, inspect_source
from parfocal.ui.convert_wizard._words import action_words, what_becomes


@pytest.fixture
def older(tmp_path: Path) -> Inspection:
    """A store of NGFF 0.4, whose chunks Zarr v3 can take over."""
    root = zarr.create_group(tmp_path / "older.zarr", zarr_format=2)
    root.create_array("0", data=np.ones((4, 16, 16), "u2"), chunks=(1, 16, 16))
    axes = [{"name": name, "type": "space", "unit": "micrometer"} for name in "zyx"]
    scale = {"coordinateTransformations": [{"type": "scale", "scale": [1.0, 0.5, 0.5]}]}
    levels = [{"path": "0", **scale}]
    root.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": levels}]
    return inspect_source(tmp_path / "older.zarr")


def test_what_becomes_of_the_data_is_said_and_not_how_it_is_done(older: Inspection) -> None:
    assert [one["action"] for one in older.arrays] == ["repack"]  # what `--json` says stays
    assert action_words(older) == "copied unchanged"
    kinds = ("repack", "repack", "transcode", "refuse")
    mixed = replace(older, arrays=tuple({**older.arrays[0], "action": kind} for kind in kinds))
    assert action_words(mixed) == "copied unchanged: 2; stored anew, same pixels: 1; left out: 1"
    assert action_words(replace(older, problem="it is cut short")) == "cannot be converted"
    for words in what_becomes().values():
        assert not any(word in words for word in ("repack", "transcode", "refuse"))
