"""MMStack files of Micro-Manager come over, with what a file that was cut short has lost."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from zarr_stores import pixels_of

from parfocal.convert import ConvertError, Wishes, convert
from parfocal.store import StageAxisMap, check, info, read_provenance, read_store_metadata

HEIGHT, WIDTH = 20, 30
ACCEPT = Wishes(options={"accept_partial": True})


def frame(p: int, t: int, c: int, z: int, *more: int) -> np.ndarray:
    """Never the same twice."""
    return np.random.default_rng([p, t, c, z]).integers(0, 60_000, (HEIGHT, WIDTH, *more), "u2")


def summary(**more: Any) -> dict[str, Any]:
    told = {"Positions": 2, "Frames": 2, "Channels": 2, "Slices": 3, "z-step_um": -1.5}
    told |= {"ChNames": ["DAPI", "GFP"], "Interval_ms": 500.0, "MicroManagerVersion": "2.0"}
    return {**told, **more}


def write(
    path: Path,
    places: list[tuple[int, int, int, int]],
    order: str = "<",
    rgb: int = 0,
    description: str = "",
    step: float = 1.0,
    **more: Any,
) -> list[int]:
    """As MultipageTiffWriter does: the index at the start has room left, an IFD stands before its
    pixels. Says where each frame ends."""
    told = json.dumps(summary(**more)).encode()
    room = len(places) + 5
    first = 40 + len(told) + 8 + 20 * room
    raw = bytearray(b"II" if order == "<" else b"MM")
    raw += struct.pack(f"{order}HI", 42, first)
    raw += struct.pack(f"{order}8I", 54773648, 40 + len(told), 0, 0, 0, 0, 2355492, len(told))
    raw += told + struct.pack(f"{order}2I", 3453623, room) + bytes(20 * room)
    ends = []
    for number, (p, t, c, z) in enumerate(places):
        start = len(raw)
        index = struct.pack(f"{order}5I", c, z, t, p, start)
        at = 40 + len(told) + 8 + 20 * number
        raw[at : at + 20] = index
        pixels = frame(p, t, c, z, *((3,) if rgb else ())).astype(f"{order}u2").tobytes()
        words = {"PositionName": f"Pos{p}", "PixelSizeUm": 0.25, "XPositionUm": 100.0 * p}
        words |= {"YPositionUm": 7.0, "ZPositionUm": 30.0 + step * z}
        metadata = json.dumps(words).encode() + b"\0"
        xml = description.encode() + b"\0" if description and not number else b""
        entries = 13 if xml else 12
        behind = start + 2 + 12 * entries + 4
        bits = behind if rgb else 16
        data = behind + (6 if rgb else 0)
        rational = data + len(pixels)
        tags = [
            (256, 4, 1, WIDTH), (257, 4, 1, HEIGHT), (258, 3, 3 if rgb else 1, bits),
            (259, 3, 1, 1), (262, 3, 1, 2 if rgb else 1), (273, 4, 1, data),
            (277, 3, 1, 3 if rgb else 1), (278, 4, 1, HEIGHT), (279, 4, 1, len(pixels)),
            (282, 5, 1, rational), (283, 5, 1, rational + 8),
            (51123, 2, len(metadata), rational + 16),
        ]  # fmt: skip
        if xml:
            tags.insert(5, (270, 2, len(xml), rational + 16 + len(metadata)))
        raw += struct.pack(f"{order}H", entries)
        for tag, kind, count, value in tags:
            short = kind == 3 and count == 1
            raw += struct.pack(f"{order}2HI", tag, kind, count)
            raw += struct.pack(
                f"{order}{'2H' if short else 'I'}", *([value, 0] if short else [value])
            )
        last = number == len(places) - 1
        raw += struct.pack(f"{order}I", 0 if last else rational + 16 + len(metadata + xml))
        raw += struct.pack(f"{order}3H", 16, 16, 16) if rgb else b""
        raw += pixels + struct.pack(f"{order}4I", 40000, 1, 40000, 1)
        ends.append(len(raw))
        raw += metadata + xml
    path.write_bytes(raw)
    return ends


def places(p: int, times: range) -> list[tuple[int, int, int, int]]:
    return [(p, t, c, z) for t in times for c in range(2) for z in range(3)]


def expected(p: int, times: int = 2) -> np.ndarray:
    return np.array(
        [[[frame(p, t, c, z) for z in range(3)] for c in range(2)] for t in range(times)]
    )


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("start", ["", "run_1_MMStack_Pos1.ome.tif"])
def test_positions_are_fields_wherever_their_frames_lie(
    tmp_path: Path, order: str, start: str
) -> None:
    (tmp_path / "run").mkdir()
    for p in range(2):
        name = f"run_1_MMStack_Pos{p}"
        write(tmp_path / f"run/{name}.ome.tif", places(p, range(1)), order)
        write(tmp_path / f"run/{name}_1.ome.tif", places(p, range(1, 2)), order)
    new = tmp_path / "n.ome.zarr"
    report = convert(tmp_path / "run" / start, new)
    assert (report.kind, report.warnings, report.guessed) == ("MMStack", (), ())
    for p in range(2):
        assert np.array_equal(pixels_of(new, p), expected(p))
    facts = info(new)
    assert facts.fields == ("Pos0", "Pos1")
    assert facts.channels == ("DAPI", "GFP")
    assert facts.voxel_size_um == (1.5, 0.25, 0.25)
    assert facts.time_step_s == 0.5
    assert facts.origins_um[1] == (30, 7 - 19 / 2 * 0.25, 100 - 29 / 2 * 0.25)
    assert read_store_metadata(new).legacy["summary"]["Slices"] == 3
    assert check(new, deep=True).ok


def test_a_stack_that_was_taken_downwards_is_not_stored_upside_down(tmp_path: Path) -> None:
    path = tmp_path / "a_MMStack_Pos0.ome.tif"
    write(path, places(0, range(2)), Positions=1, step=-1.5)
    report = convert(path, tmp_path / "n.ome.zarr")
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr"), expected(0)[:, :, ::-1])
    assert info(tmp_path / "n.ome.zarr").origins_um[0][0] == 27.0
    assert any("downwards" in warning for warning in report.warnings)
    # an image that runs against the stage has the first plane first
    against = Wishes(stage_axes=StageAxisMap(z="-z"))
    convert(path, tmp_path / "m.ome.zarr", against)
    assert np.array_equal(pixels_of(tmp_path / "m.ome.zarr"), expected(0))
    assert info(tmp_path / "m.ome.zarr").origins_um[0][0] == -30.0


def test_a_last_file_that_was_cut_short_is_reported(tmp_path: Path) -> None:
    first, last = tmp_path / "a_MMStack_Pos0.ome.tif", tmp_path / "a_MMStack_Pos0_1.ome.tif"
    write(first, places(0, range(1)), Positions=1, Frames=9)
    ends = write(last, places(0, range(1, 2)), Positions=1, Frames=9)
    last.write_bytes(last.read_bytes()[: ends[3] - 20])  # within the fourth of six
    new = tmp_path / "n.ome.zarr"
    report = convert(first, new)
    assert report.warnings == (
        f"{last} was cut short: 3 frames of it are missing",
        "2 timepoints of 9 planned ones were begun",
        "Pos0 lacks 3 of 12 planes",
    )
    known = expected(0)
    known[1, 1] = 0
    assert np.array_equal(pixels_of(new), known)
    facts = info(new)
    assert (facts.planned, facts.acquired) == (12, 9)
    last.write_bytes(last.read_bytes()[:100])
    with pytest.raises(ConvertError, match="lost its index"):
        convert(first, tmp_path / "m.ome.zarr")


def test_a_frame_that_was_taken_twice_is_the_later_one(tmp_path: Path) -> None:
    path = tmp_path / "a_MMStack.ome.tif"
    write(path, [(0, 0, 0, 1), (0, 0, 0, 0)], Positions=1, Frames=1, Channels=1, Slices=1)
    raw = path.read_bytes().replace(
        struct.pack("<4I", 0, 1, 0, 0), struct.pack("<4I", 0, 0, 0, 0), 1
    )
    path.write_bytes(raw)
    convert(path, tmp_path / "n.ome.zarr")
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr")[0, 0], [frame(0, 0, 0, 0)])


def test_an_index_that_makes_no_sense_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a_MMStack.ome.tif"
    write(path, [(0, 0, 0, 1), (0, 0, 0, 0)], Positions=1)
    entry = struct.pack("<4I", 0, 1, 0, 0)
    path.write_bytes(path.read_bytes().replace(entry, struct.pack("<4I", 0, 2**30, 0, 0), 1))
    with pytest.raises(ConvertError, match="is damaged: its index names"):
        convert(path, tmp_path / "n.ome.zarr")


def test_a_missing_file_is_refused_until_it_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    write(tmp_path / "r/a_MMStack_Pos0.ome.tif", places(0, range(1)))
    write(tmp_path / "r/a_MMStack_Pos0_2.ome.tif", places(0, range(1, 2)))
    with pytest.raises(ConvertError, match=r"a_MMStack_Pos0_1\.ome\.tif is not there"):
        convert(tmp_path / "r", tmp_path / "n.ome.zarr")
    (tmp_path / "r/a_MMStack_Pos0_2.ome.tif").rename(tmp_path / "r/a_MMStack_Pos0_1.ome.tif")
    write(tmp_path / "r/a_MMStack_Pos2.ome.tif", places(2, range(2)), Positions=3)
    with pytest.raises(ConvertError, match="no frame of position 1"):
        convert(tmp_path / "r", tmp_path / "n.ome.zarr")
    report = convert(tmp_path / "r", tmp_path / "n.ome.zarr", ACCEPT)
    assert report.warnings[0] == "there is no frame of position 1"
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr"), expected(0))
    write(tmp_path / "r/b_MMStack.ome.tif", places(0, range(1)))
    with pytest.raises(ConvertError, match="holds 2 sets"):
        convert(tmp_path / "r", tmp_path / "m.ome.zarr")


def test_positions_that_a_stopped_run_never_reached_are_said_and_not_asked_for(
    tmp_path: Path,
) -> None:
    first = tmp_path / "a_MMStack_Pos0.ome.tif"
    write(first, places(0, range(2)), Positions=5)
    report = convert(first, tmp_path / "n.ome.zarr")
    assert report.warnings == ("1 position of 5 planned ones were begun",)
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr"), expected(0))
    (step,) = read_provenance(tmp_path / "n.ome.zarr")
    assert step.parameters["warnings"] == list(report.warnings)


def test_a_last_position_whose_file_the_ome_xml_names_was_lost_and_is_asked_for(
    tmp_path: Path,
) -> None:
    first = tmp_path / "a_MMStack_Pos0.ome.tif"
    xml = '<?xml version="1.0"?><OME><UUID FileName="a_MMStack_Pos0.ome.tif"/>{}</OME>'
    for lost, refuses in (("", False), ('<UUID FileName="a_MMStack_Pos1.ome.tif"/>', True)):
        write(first, places(0, range(2)), description=xml.format(lost))
        if refuses:
            with pytest.raises(ConvertError, match=r"a_MMStack_Pos1\.ome\.tif is not there"):
                convert(first, tmp_path / "m.ome.zarr")
        else:
            assert convert(first, tmp_path / "n.ome.zarr").verified


def test_colours_are_channels(tmp_path: Path) -> None:
    path = tmp_path / "a_MMStack.ome.tif"
    one = {"Positions": 1, "Frames": 1, "Channels": 1, "Slices": 1, "ChNames": ["H&E"]}
    write(path, [(0, 0, 0, 0)], rgb=3, **one)
    convert(path, tmp_path / "n.ome.zarr")
    found = pixels_of(tmp_path / "n.ome.zarr")[0, :, 0]
    assert np.array_equal(found, frame(0, 0, 0, 0, 3).transpose(2, 0, 1))
    assert info(tmp_path / "n.ome.zarr").channels == ("H&E red", "H&E green", "H&E blue")
