"""Spool folders of Andor cameras come over frame by frame, or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from zarr_stores import pixels_of

from parfocal.convert import ConvertError, Wishes, convert
from parfocal.store import check, read_store_metadata

HEIGHT, WIDTH, PER_FILE, FILES = 10, 13, 3, 12


def packed(row: list[int]) -> bytes:
    """Two pixels in three bytes: the high eight bits of each around both low four."""
    raw = bytearray()
    for first, second in zip(row[::2], [*row[1::2], 0], strict=False):
        raw += bytes([first >> 4, (second & 15) << 4 | first & 15, second >> 4])
    return bytes(raw)


def spool(folder: Path, encoding: str = "Mono16") -> np.ndarray:
    """Rows are padded, and so are frames; a file's number is written backwards."""
    folder.mkdir()
    top = 2**12 if "12" in encoding else 2**16
    frames = np.random.default_rng(5).integers(0, top, (FILES * PER_FILE, HEIGHT, WIDTH), "u2")
    stride, size = 32, HEIGHT * 32 + 40
    for number in range(FILES):
        raw = b""
        for frame in frames[number * PER_FILE :][:PER_FILE]:
            rows = [
                packed(row.tolist()) if "Packed" in encoding else row.astype("<u2").tobytes()
                for row in frame
            ]
            raw += b"".join(row.ljust(stride, b"\xee") for row in rows).ljust(size, b"\xdd")
        name = f"{number:010}"[::-1]
        (folder / f"{name}spool.dat").write_bytes(raw)
    text = (
        f"[data]\nAOIHeight = {HEIGHT}\nAOIWidth = {WIDTH}\nAOIStride = {stride}\n"
        f"PixelEncoding = {encoding}\nImageSizeBytes = {size}\n"
        f"[multiimage]\nImagesPerFile = {PER_FILE}\n"
    )
    (folder / "acquisitionmetadata.ini").write_bytes(b"\xef\xbb\xbf" + text.encode())
    return frames


@pytest.mark.parametrize("encoding", ["Mono16", "Mono12", "Mono12Packed"])
def test_frames_in_order_without_padding(tmp_path: Path, encoding: str) -> None:
    frames = spool(tmp_path / "s", encoding)
    wishes = Wishes(axes="tyx", voxel_um=(1, 0.5, 0.5))
    report = convert(tmp_path / "s", tmp_path / "n.ome.zarr", wishes)
    assert report.guessed == ()
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr")[:, 0, 0], frames)
    told = read_store_metadata(tmp_path / "n.ome.zarr").legacy["acquisitionmetadata.ini"]
    assert told["data"]["pixelencoding"] == encoding
    assert check(tmp_path / "n.ome.zarr", deep=True).ok


def test_volumes_by_their_number_of_planes_and_a_short_one_is_an_error(tmp_path: Path) -> None:
    frames = spool(tmp_path / "s")
    start = tmp_path / "s/acquisitionmetadata.ini"
    convert(start, tmp_path / "n.ome.zarr", Wishes(options={"planes": 4}))
    found = pixels_of(tmp_path / "n.ome.zarr")
    assert np.array_equal(found[:, 0], frames.reshape(9, 4, HEIGHT, WIDTH))
    with pytest.raises(ConvertError, match=r"36 frames.*volumes of 7: the last one has only 1"):
        convert(start, tmp_path / "m.ome.zarr", Wishes(options={"planes": 7}))
    report = convert(tmp_path / "s", tmp_path / "z.ome.zarr")
    assert any("taken as zyx" in guess for guess in report.guessed)


def test_a_gap_a_short_file_and_nonsense_are_one_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    spool(folder)
    last = folder / "1100000000spool.dat"
    whole = last.read_bytes()
    last.write_bytes(whole[:-1])
    with pytest.raises(ConvertError, match="cut short: it has 2 whole frames of 3"):
        convert(folder, tmp_path / "n.ome.zarr")
    last.write_bytes(whole)
    (folder / "0100000000spool.dat").rename(tmp_path / "aside")
    with pytest.raises(ConvertError, match=r"lacks 0100000000spool\.dat;"):
        convert(folder, tmp_path / "n.ome.zarr")
    (tmp_path / "aside").rename(folder / "0100000000spool.dat")
    ini = folder / "acquisitionmetadata.ini"
    text = ini.read_text(encoding="utf-8-sig")
    for old, new, why in (
        ("Mono16", "Mono99", "Mono99"),
        ("AOIStride = 32", "AOIStride = 20", "contradicts itself"),
        ("AOIWidth = 13", "", "aoiwidth|AOIWidth"),
        ("[data]", "[data", "cannot be read"),
    ):
        ini.write_text(text.replace(old, new))
        with pytest.raises(ConvertError, match=why):
            convert(folder, tmp_path / "n.ome.zarr")
