"""A name that a person gave is kept as it is, and is never a path."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import numpy as np
import pytest
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_recordings import grid, plane_of, put_all, spec_of

from parfocal.store import (
    ChannelInfo,
    FieldInfo,
    Recording,
    StoreError,
    StoreReader,
    check,
    info,
)

NAMES = {
    "long": ["x" * 10_000],
    "combining": [unicodedata.normalize("NFD", "Zürich é ñ"), "Zürich é ñ"],
    "emoji": ["🔬 cells 👩‍🔬"],
    "right to left": ["خلايا ١", "\u202eevil\u202c"],
    "a path upwards": ["../x", "../../../../tmp/x", "/etc/passwd", "..", "."],
    "empty": ["", " ", "\t"],
    "duplicate": ["same", "same", "same"],
    "alike but for their case": ["Pos1", "pos1", "POS1"],
    "separators": ["a/b", "a\\b", "C:\\data", "a//b/"],
    "control characters": ["a\nb", "a\x00b", "\x1b[31mred", "\x7f"],
    "what is a path of a store": ["zarr.json", "0", "A/1/0", "c", "labels", "parfocal"],
    "what Windows keeps for itself": ["CON", "nul.txt", "a.", "a ", "a:b", "a?*<>|"],
    "quotes and markup": ['"', "'", "<b>", "%2e%2e%2f", "${HOME}", "{}", "a,b;c"],
}


def record(path: Path, fields: list[str], channels: list[str]) -> list[str]:
    """Record one plane for each field and channel; every path that is there afterwards."""
    planned = grid(p=len(fields), c=len(channels))
    spec = spec_of(
        planned,
        fields=[FieldInfo(name) for name in fields],
        channels=[ChannelInfo(name) for name in channels],
    )
    recording = Recording.create(path, spec, checkpoint_s=None)
    put_all(recording, planned)
    recording.close()
    return sorted(str(file.relative_to(path.parent)) for file in path.parent.rglob("*"))


def verify(path: Path, fields: list[str], channels: list[str]) -> None:
    """Every reader shows the names as they were given, each with its own pixels."""
    assert check(path, deep=True).ok, check(path, deep=True).findings
    reader = StoreReader(path)
    # what has no name is shown by its number or its place
    assert list(reader.info.channels) == [name or f"channel {n}" for n, name in enumerate(channels)]
    places = reader.info.field_paths
    assert list(reader.info.fields) == [name or places[n] for n, name in enumerate(fields)]
    assert info(path).missing == 0
    for index in grid(p=len(fields), c=len(channels)):
        np.testing.assert_array_equal(reader.plane(index), plane_of(index))
    group = zarr.open_group(path, mode="r")
    for number, name in enumerate(fields):
        ome = group[reader.info.field_paths[number]].attrs["ome"]
        assert ome["multiscales"][0]["name"] == name
        assert [entry["label"] for entry in ome["omero"]["channels"]] == channels
    json.dumps(reader.info.as_json())


@pytest.mark.parametrize("kind", NAMES)
def test_a_name_of_a_field_or_channel_is_kept_and_is_no_path(tmp_path: Path, kind: str) -> None:
    names = NAMES[kind]
    (tmp_path / "named").mkdir()
    (tmp_path / "plain").mkdir()
    plain = [f"name {number}" for number in range(len(names))]
    expected = record(tmp_path / "plain" / "cells.ome.zarr", plain, plain)
    assert record(tmp_path / "named" / "cells.ome.zarr", names, names) == expected
    verify(tmp_path / "named" / "cells.ome.zarr", names, names)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["named", "plain"]


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(names=st.lists(st.text(max_size=20), min_size=1, max_size=3))
def test_any_names_are_kept(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    path = tmp_path_factory.mktemp("names") / "cells.ome.zarr"
    record(path, names, names)
    verify(path, names, names)


def test_a_name_that_is_no_text_is_refused_and_nothing_is_made(tmp_path: Path) -> None:
    """A lone surrogate: half of a character, which JSON can say and UTF-8 cannot."""
    for fields, channels in ((["\ud800"], ["ok"]), (["ok"], ["\udfff"])):
        with pytest.raises(StoreError, match=r"cannot be created: .*surrogates not allowed"):
            record(tmp_path / "cells.ome.zarr", fields, channels)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "with spaces in it",
        " leading and trailing ",
        "trailing dot.",
        "-o",
        "~",
        "100%25",
        "a#b?c&d=e",
        "a:b",
        "CON",
        "nul",
        unicodedata.normalize("NFD", "Zürich"),
        "细胞 👩‍🔬",
        "\u202eright to left",
        "line\nbreak",
        "quote'\"",
        "[a-z]*{x}",
        ".hidden",
        "cells.ome.zarr",
    ],
)
def test_a_store_of_any_name_is_recorded_read_and_checked(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"{name}.ome.zarr"
    record(path, ["a"], ["b"])
    verify(path, ["a"], ["b"])
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    monkeypatch.chdir(tmp_path)
    verify(Path(f"{name}.ome.zarr"), ["a"], ["b"])


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a\x00b", "embedded null byte"),
        ("\udcff", "surrogates not allowed"),
        ("a\\b", "its path holds a backslash"),
    ],
)
def test_a_store_whose_name_cannot_be_is_refused(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(StoreError, match=f"cannot be created: .*{sentence}"):
        record(tmp_path / f"{name}.ome.zarr", ["a"], ["b"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "well",
    [
        "../x",
        "..",
        "",
        "A",
        "A/0",
        "A/01",
        "a/1",
        "A/1/2",
        "A 1",
        "A/1\n",
        "/A/1",
        "parfocal/1",
        "Ä/1",
    ],
)
def test_a_well_is_a_row_and_a_column_and_no_other_path(tmp_path: Path, well: str) -> None:
    spec = spec_of(grid(), fields=[FieldInfo("a", well=well)])
    if not well:  # no plate
        Recording.create(tmp_path / "cells.ome.zarr", spec).abandon()
    else:
        with pytest.raises(StoreError, match="a well is named like B/3"):
            Recording.create(tmp_path / "cells.ome.zarr", spec)
    assert list(tmp_path.iterdir()) == []


def test_names_on_a_real_plate_are_kept_too(tmp_path: Path) -> None:
    names = ["../x", "", "Pos", "pos", "a/b"]
    fields = [FieldInfo(name, well=f"B/{3 + n // 2}") for n, name in enumerate(names)]
    planned = grid(p=5)
    path = tmp_path / "cells.ome.zarr"
    recording = Recording.create(path, spec_of(planned, fields=fields, plate=(8, 12)))
    put_all(recording, planned)
    recording.close()
    assert check(path, deep=True).ok
    reader = StoreReader(path)
    assert list(reader.info.field_paths) == ["B/3/0", "B/3/1", "B/4/0", "B/4/1", "B/5/0"]
    assert list(reader.info.fields) == ["../x", "B/3/1", "Pos", "pos", "a/b"]
    assert sorted(entry.name for entry in path.iterdir()) == ["B", "parfocal", "zarr.json"]
