"""Folders of TIFF files become fields and wells by what their names say."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import tifffile
from zarr_stores import pixels_of

from parfocal.convert import ConvertError, Wishes, convert
from parfocal.store import check, find_images, info

WELLS = ((1, 2), (1, 3), (3, 11))  # B02, B03, D11


def plane(row: int, col: int, field: int, c: int, z: int = 0, t: int = 0) -> np.ndarray:
    """Never the same twice."""
    rng = np.random.default_rng([row, col, field, c, z, t])
    return rng.integers(0, 60_000, (24, 32), dtype="u2")


def well(row: int, col: int) -> str:
    return f"{'ABCDEFGH'[row]}{col:02}"


# name, and how many fields, channels, z and t; what counts from 1 ends with 1
NAMES: dict[str, tuple[str, tuple[int, int, int, int]]] = {
    "metaxpress": ("p_{well}_s{f1}_w{c1}.TIF", (2, 2, 1, 1)),
    "metaxpress in folders": (
        "TimePoint_{t1}/ZStep_{z1}/p_{well}_s{f1}_w{c1}8A1B2C3D-1234-5678-9ABC-DEF012345678.tif",
        (2, 2, 3, 2),
    ),
    "opera": ("r{r1:02}c{col:02}f{f1:02}p{z1:02}-ch{c1}sk{t1}fk1fl1.tiff", (2, 2, 11, 2)),
    "arrayscan": ("run_a_{well}_f{f:02}_d{c}.tif", (3, 2, 1, 1)),
    "cellvoyager": ("AS_{well}_T{t1:04}F{f1:03}L01A01Z{z1:02}C{c1:02}.tif", (2, 2, 2, 2)),
    "incell": ("{row} - {col}(fld {f1} wv {dye} - X z {z1}).tif", (2, 2, 2, 1)),
}


def named(kind: str, r: int, k: int, f: int, c: int, z: int, t: int) -> str:
    told = {"well": well(r, k), "row": "ABCDEFGH"[r], "col": k, "dye": ("DAPI", "FITC")[c]}
    zero = {"r": r, "f": f, "c": c, "z": z, "t": t}
    return NAMES[kind][0].format(**told, **zero, **{f"{k}1": n + 1 for k, n in zero.items()})


def write(folder: Path, kind: str) -> None:
    fields, channels, planes, times = NAMES[kind][1]
    for (r, k), f, c, z, t in product(
        WELLS, range(fields), range(channels), range(planes), range(times)
    ):
        path = folder / named(kind, r, k, f, c, z, t)
        path.parent.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(path, plane(r, k, f, c, z, t), metadata=None)


def expected(r: int, k: int, f: int, sizes: tuple[int, int, int, int]) -> np.ndarray:
    _, channels, planes, times = sizes
    return np.stack(
        [
            np.stack(
                [
                    np.stack([plane(r, k, f, c, z, t) for z in range(planes)])
                    for c in range(channels)
                ]
            )
            for t in range(times)
        ]
    )


@pytest.mark.parametrize("kind", NAMES)
def test_the_names_that_vendors_give_make_a_plate(tmp_path: Path, kind: str) -> None:
    sizes = NAMES[kind][1]
    write(tmp_path / "plate", kind)
    (tmp_path / "plate/notes.txt").write_text("no picture")
    new = tmp_path / "n.ome.zarr"
    report = convert(tmp_path / "plate", new, Wishes(voxel_um=(2.0, 0.5, 0.5)))
    assert report.kind == f"TIFF folder ({kind.split()[0]})"
    assert (report.warnings, report.guessed) == ((), ())
    assert [image.path for image in find_images(new)] == [
        f"{place}/{f}" for place in ("B/2", "B/3", "D/11") for f in range(sizes[0])
    ]
    for number, ((r, k), f) in enumerate(product(WELLS, range(sizes[0]))):
        assert np.array_equal(pixels_of(new, number), expected(r, k, f, sizes))
    if kind == "incell":
        assert info(new).channels == ("DAPI - X", "FITC - X")
    assert check(new, deep=True).ok


@pytest.mark.parametrize(
    "pattern",
    [
        "*/dish{field}/{channel}_time{t}_*.tif",
        r".*/dish(?P<field>\d+)/(?P<channel>\w+?)_time(?P<t>\d+)_.*\.tif",
    ],
)
def test_a_pattern_of_ones_own_with_a_stack_in_each_file(tmp_path: Path, pattern: str) -> None:
    stacks = {}
    for f, c, t in product((1, 2), ("gfp", "mCherry"), (5, 10)):
        stacks[f, c, t] = np.random.default_rng([f, t, len(c)]).integers(0, 99, (3, 20, 30), "u2")
        path = tmp_path / f"s/day/dish{f}/{c}_time{t}_x.tif"
        path.parent.mkdir(parents=True, exist_ok=True)
        told = {"axes": "ZYX", "spacing": 2.0, "unit": "um"}
        tifffile.imwrite(path, stacks[f, c, t], imagej=True, resolution=(4, 4), metadata=told)
    new = tmp_path / "n.ome.zarr"
    report = convert(tmp_path / "s", new, Wishes(options={"pattern": pattern}))
    assert report.guessed == ()
    facts = info(new)
    assert facts.fields == ("field 1", "field 2")
    assert facts.channels == ("gfp", "mCherry")
    assert facts.voxel_size_um == (2.0, 0.25, 0.25)
    for f in (1, 2):
        known = [[stacks[f, c, t] for c in ("gfp", "mCherry")] for t in (5, 10)]
        assert np.array_equal(pixels_of(new, f - 1), np.array(known))


def test_a_partial_set_is_refused_until_it_is_accepted(tmp_path: Path) -> None:
    sizes = NAMES["cellvoyager"][1]
    write(tmp_path / "p", "cellvoyager")
    (tmp_path / "p" / named("cellvoyager", 1, 3, 1, 0, 1, 0)).unlink()
    with pytest.raises(ConvertError, match=r"B03 field 2 lacks 1 of 8 planes.*--accept-partial"):
        convert(tmp_path / "p", tmp_path / "n.ome.zarr")
    assert [one.name for one in tmp_path.iterdir()] == ["p"]
    command = [sys.executable, "-m", "parfocal", "ingest", str(tmp_path / "p"), "--json"]
    command += ["-o", str(tmp_path / "n.ome.zarr"), "--voxel-size", "1,1,1"]
    command += ["--pattern", "cellvoyager", "--accept-partial"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["warnings"] == ["B03 field 2 lacks 1 of 8 planes"]
    facts = info(tmp_path / "n.ome.zarr")
    (lost,) = facts.missing_planes
    assert len(lost.planes) == 1
    known = expected(1, 3, 1, sizes)
    known[0, 0, 1] = 0
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr", 3), known)


def test_a_timepoint_that_no_field_has_is_missed_too(tmp_path: Path) -> None:
    for t in (1, 2, 4):
        (tmp_path / "p").mkdir(exist_ok=True)
        tifffile.imwrite(tmp_path / f"p/a_t{t}.tif", plane(0, 0, 0, 0, 0, t), metadata=None)
    wishes = Wishes(options={"pattern": "a_t{t}.tif"})
    with pytest.raises(ConvertError, match="lacks 1 of 4 planes"):
        convert(tmp_path / "p", tmp_path / "n.ome.zarr", wishes)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (None, "do not say what is what"),
        ("opera", "none of 4 files"),
        ("nonsense", "there is no pattern 'nonsense'"),
        ("{well}_{colour}.tif", "names colour"),
        ("(?P<well>[", "cannot be understood"),
        ("{field}_*.tif", "are the same plane by name"),
        ("x_{channel}.tif", "differ in size"),
    ],
)
def test_names_that_say_too_little_are_one_sentence(
    tmp_path: Path, pattern: str | None, why: str
) -> None:
    (tmp_path / "p").mkdir()
    for number in range(4):
        tifffile.imwrite(tmp_path / f"p/x_{number}.tif", np.zeros((9, 9 + number), "u1"))
    wishes = Wishes(options={} if pattern is None else {"pattern": pattern})
    with pytest.raises(ConvertError, match=why):
        convert(tmp_path / "p", tmp_path / "n.ome.zarr", wishes)


def test_colours_of_a_page_are_channels_and_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    pictures = np.random.default_rng(1).integers(0, 255, (2, 20, 30, 3)).astype("u1")
    for number, one in enumerate(pictures):
        tifffile.imwrite(
            tmp_path / f"p/A01_s{number}.tif", one, photometric="rgb", compression="zlib"
        )
    convert(tmp_path / "p", tmp_path / "n.ome.zarr")
    for number, one in enumerate(pictures):
        found = pixels_of(tmp_path / "n.ome.zarr", number)
        assert np.array_equal(found[0, :, 0], one.transpose(2, 0, 1))
    path = tmp_path / "p/A01_s1.tif"
    whole = path.read_bytes()
    for length in (0, 3, 6, 30):
        path.write_bytes(whole[:length])
        with pytest.raises(ConvertError, match=r"A01_s1\.tif is no TIFF"):
            convert(tmp_path / "p", tmp_path / "m.ome.zarr")
    path.write_bytes(whole)
    with tifffile.TiffFile(path) as file:
        start = file.pages[0].dataoffsets[0]
    raw = bytearray(path.read_bytes())
    raw[start : start + 40] = b"\xff" * 40
    path.write_bytes(raw)
    with pytest.raises(ConvertError, match=r"A01_s1\.tif"):
        convert(tmp_path / "p", tmp_path / "m.ome.zarr")
