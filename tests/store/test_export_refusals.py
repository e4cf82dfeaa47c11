"""What cannot be exported is refused in a sentence, and a cancelled export leaves nothing."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from foreign_stores import write_image
from pyramid_stores import recorded, tree
from store_recordings import grid

from parfocal.cli import run_verb
from parfocal.store import StoreCancelled, StoreError, export

SMALL = (21, 34)

REFUSED = {
    "both": ({"mip": "z", "volume": True}, "out.tif", "either a projection"),
    "neither": ({}, "out.tif", "either a projection"),
    "no axis": ({"mip": "q"}, "out.tif", "there is no axis 'q'"),
    "no kind": ({"mip": "z"}, "out.png", "is neither"),
    "no kind in capitals": ({"mip": "z"}, "out.ZARR", "is neither"),
    "no name": ({"mip": "z"}, ".ome.zarr", "no name before its ending"),
    "a long name": ({"mip": "z"}, "é" * 120 + ".ome.zarr", "has 249 bytes; shorten it"),
    "no folder": ({"mip": "z"}, "none/out.tif", "there is no folder"),
    "itself": ({"mip": "z", "overwrite": True}, "cells.ome.zarr", "would lie in the way"),
    "inside": ({"mip": "z"}, "cells.ome.zarr/out.tif", "would lie in the way"),
    "inside another": ({"mip": "z"}, "other.ome.zarr/A/out.ome.zarr", "inside the store"),
    "exists": ({"mip": "z"}, "old.tif", "exists already"),
    "a folder": ({"mip": "z", "overwrite": True}, "mine.ome.zarr", "is no OME-Zarr store"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_is_a_sentence_and_changes_nothing(tmp_path: Path, case: str) -> None:
    words, name, sentence = REFUSED[case]
    path = recorded(tmp_path / "cells.ome.zarr", grid(z=2), shape=SMALL)
    recorded(tmp_path / "other.ome.zarr", grid(z=2), shape=SMALL)
    (tmp_path / "old.tif").write_text("old")
    (tmp_path / "mine.ome.zarr").mkdir()
    (tmp_path / "mine.ome.zarr/precious").write_text("mine")
    before = tree(tmp_path)
    with pytest.raises(StoreError, match=sentence):
        export(path, tmp_path / name, **words)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("name", ["out.ome.tif", "out.ome.zarr"])
@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        ({"shape": (2, 0, 16, 12)}, "has no pixels to export: it is c 2 × z 0 × y 16 × x 12"),
        ({"dtype": "complex64"}, "has pixels of type complex64"),
    ],
)
def test_an_image_that_nothing_can_be_made_of_is_refused(
    tmp_path: Path, name: str, image: dict[str, Any], sentence: str
) -> None:
    write_image(tmp_path / "a.zarr", levels=1, chunks=(1, 1, 16, 12), **image)
    for words in ({"volume": True}, {"mip": "z"}, {"mip": "y"}):
        with pytest.raises(StoreError, match=sentence):
            export(tmp_path / "a.zarr", tmp_path / name, **words)
    assert [file.name for file in tmp_path.iterdir()] == ["a.zarr"]


def test_a_link_to_itself_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "a.zarr").symlink_to(tmp_path / "a.zarr")
    with pytest.raises(StoreError, match="leads nowhere"):
        export(tmp_path / "a.zarr", tmp_path / "out.tif", mip="z")


@pytest.mark.parametrize("name", ["out.ome.tif", "out.ome.zarr"])
@pytest.mark.parametrize("old", [False, True])
def test_a_cancelled_export_leaves_what_was_there(tmp_path: Path, name: str, old: bool) -> None:
    path = recorded(tmp_path / "cells.ome.zarr", grid(t=3, z=2), shape=SMALL)
    if old:
        export(path, tmp_path / name, mip="z")
    before = tree(tmp_path)
    stop = Event()

    def half_way(done: float, _message: str) -> None:
        if done > 0.4:
            stop.set()

    with pytest.raises(StoreCancelled):
        export(
            path, tmp_path / name, volume=True, overwrite=True, progress=half_way, cancelled=stop
        )
    assert tree(tmp_path) == before
    assert export(path, tmp_path / name, volume=True, overwrite=True).planes == 6


def test_an_export_always_runs(tmp_path: Path) -> None:
    path = recorded(tmp_path / "cells.ome.zarr", grid(z=2), shape=SMALL)
    export(path, tmp_path / "out.tif", mip="z")
    first = (tmp_path / "out.tif").stat().st_ino
    export(path, tmp_path / "out.tif", mip="z", overwrite=True)
    assert (tmp_path / "out.tif").stat().st_ino != first


def test_the_verb_says_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = recorded(tmp_path / "cells.ome.zarr", grid(z=2), shape=SMALL)
    out = tmp_path / "out.ome.tif"
    assert run_verb(["export", str(path), "--mip", "z", "-o", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["file"] == str(out)
    assert run_verb(["export", str(path), "--volume", "-o", str(out)]) == 1
    assert "exists already" in capsys.readouterr().err
    with pytest.raises(SystemExit) as usage:
        run_verb(["export", str(path), "-o", str(out)])
    assert usage.value.code == 2
