"""Files that are seldom, old or damaged come over as they are meant, or are refused by name."""

from __future__ import annotations

import bz2
import json
import lzma
import random
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from refusals import refused
from test_navigate import HEADER, experiment, tiff
from zarr_stores import pixels_of

from parfocal import ParfocalError
from parfocal.convert import Wishes, convert, dry_run
from parfocal.convert._navigate_experiment import NavigateExperiment
from parfocal.convert._stage_rows import read_stage_rows
from parfocal.store import info, read_store_metadata

RNG = np.random.default_rng(11)
DATA = RNG.integers(0, 4000, (3, 20, 40)).astype("u2")


# N5


def n5(path: Path, block: bytes, compression: Any) -> Path:
    told = {"dimensions": [4, 3], "blockSize": [4, 3], "dataType": "uint16"}
    (path / "a/0").mkdir(parents=True)
    (path / "a/attributes.json").write_text(json.dumps({**told, "compression": compression}))
    (path / "a/0/0").write_bytes(block)
    return path


PIXELS = np.arange(12, dtype=">u2").reshape(3, 4)
HEAD = struct.pack(">HHII", 0, 2, 4, 3)
VARIABLE = struct.pack(">HHIII", 1, 2, 4, 3, 12)


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "xz", "raw"])
def test_n5_blocks_are_read_whatever_they_are_compressed_with(tmp_path: Path, kind: str) -> None:
    import gzip

    packed = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress, "raw": bytes}
    source = n5(tmp_path / "o.n5", HEAD + packed[kind](PIXELS.tobytes()), {"type": kind})
    convert(source, tmp_path / "n.ome.zarr")
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr")[0, 0, 0], PIXELS)


@pytest.mark.parametrize(
    ("block", "compression", "why"),
    [
        (VARIABLE + PIXELS.tobytes(), {"type": "raw"}, "o.n5/a cannot be read: .*varlength"),
        (HEAD + b"?", {"type": "lz4"}, "compressed with lz4"),
        (HEAD + b"?", {"type": "jpeg"}, "compressed with jpeg"),
        (HEAD + b"?", {"type": "zfp"}, "o.n5/a cannot be opened"),
        (HEAD + PIXELS.tobytes()[:9], {"type": "raw"}, "o.n5/a cannot be read"),
        (HEAD + zlib.compress(b"x"), {"type": "gzip"}, "o.n5/a cannot be read"),
        (b"", {"type": "raw"}, "o.n5/a cannot be read"),
        (HEAD + PIXELS.tobytes(), None, "o.n5/a"),
    ],
)
def test_n5_blocks_that_cannot_be_read_are_refused_by_name(
    tmp_path: Path, block: bytes, compression: Any, why: str
) -> None:
    refused(n5(tmp_path / "o.n5", block, compression), why)


# NDTiff


def ndtiff(
    folder: Path, frames: list[tuple[dict[str, Any], np.ndarray]], step: float = 0.0
) -> Path:
    folder.mkdir()
    raw, index = bytearray(bytes(64)), bytearray()
    for axes, pixels in frames:
        told = json.dumps(axes).encode()
        name = b"a_NDTiffStack.tif"
        index += struct.pack("<I", len(told)) + told + struct.pack("<I", len(name)) + name
        told_of = {"PixelSizeUm": 0.5}
        if step and "z" in axes:
            told_of["ZPosition_um_Intended"] = 50.0 + step * axes["z"]
        words = json.dumps(told_of).encode()
        height, width = pixels.shape
        place = len(raw), width, height, 1, 0, len(raw) + pixels.nbytes, len(words), 0
        index += struct.pack("<8I", *place)
        raw += pixels.tobytes() + words
    (folder / "a_NDTiffStack.tif").write_bytes(raw)
    (folder / "NDTiff.index").write_bytes(index)
    return folder


def test_ndtiff_with_negative_named_and_overwritten_indices(tmp_path: Path) -> None:
    def plane(number: int) -> np.ndarray:
        return np.full((6, 8), number, "<u2")

    frames = [
        ({"z": z, "channel": c, "time": 0}, plane(10 * (z + 2) + len(c)))
        for z in (1, -2, 0, -1)
        for c in ("GFP", "DAPI")
    ]
    frames.append(({"z": -1, "channel": "GFP", "time": 0}, plane(999)))  # taken again
    convert(ndtiff(tmp_path / "o", frames), tmp_path / "n.ome.zarr")
    found = pixels_of(tmp_path / "n.ome.zarr")[0, :, :, 0, 0]
    assert found.tolist() == [[3, 999, 23, 33], [4, 14, 24, 34]]


@pytest.mark.parametrize("step", [2.0, -2.0])
def test_the_lowest_plane_of_an_ndtiff_is_the_first_however_it_was_taken(
    tmp_path: Path, step: float
) -> None:
    frames = [({"z": z}, np.full((6, 8), 10 + z, "<u2")) for z in (1, -2, 0, -1)]
    report = convert(ndtiff(tmp_path / "o", frames, step), tmp_path / "n.ome.zarr")
    found = pixels_of(tmp_path / "n.ome.zarr")[0, 0, :, 0, 0].tolist()
    assert found == ([8, 9, 10, 11] if step > 0 else [11, 10, 9, 8])
    facts = info(tmp_path / "n.ome.zarr")
    assert facts.origins_um[0][0] == (46.0 if step > 0 else 48.0)
    assert facts.voxel_size_um[0] == 2.0
    assert any("downwards" in warning for warning in report.warnings) is (step < 0)


def test_ndtiff_of_which_a_whole_file_is_gone_is_refused_until_it_is_accepted(
    tmp_path: Path,
) -> None:
    source = ndtiff(tmp_path / "o", [({"z": z}, np.full((6, 8), z, "<u2")) for z in (0, 1)])
    index = source / "NDTiff.index"
    name = b"a_NDTiffStack.tif"
    at = index.read_bytes().rindex(name)
    raw = index.read_bytes()
    index.write_bytes(raw[:at] + b"b_NDTiffStack.tif" + raw[at + len(name) :])
    refused(source, r"b_NDTiffStack\.tif is not there.*--accept-partial")
    report = convert(source, tmp_path / "n.ome.zarr", Wishes(options={"accept_partial": True}))
    assert any("b_NDTiffStack.tif is not there" in one for one in report.warnings)


# Navigate


def test_stage_rows_are_read_in_any_form_that_navigate_wrote() -> None:
    expected = [{"x": 1.0, "y": 2.0, "z": 3.0, "theta": 4.0, "f": 5.0}]
    for told in (
        [["x", "Y", " z ", "Theta", "f"], [1, 2, 3, 4, 5]],
        [["F", "THETA", "Z", "Y", "X"], ["5", "4", "3", "2", "1"]],
        [[1, 2, 3, 4, 5]],
        [{"X": 1, "y": 2, "Z": 3, "theta": 4, "F": 5}],
        [{"x": "1.0", "y": "2.0", "z": "3.0", "THETA": "4", "f": "5"}],
    ):
        assert read_stage_rows(told) == expected, told
    assert read_stage_rows([["X", "Y", "Z", "THETA", "F"]]) == []
    assert read_stage_rows({"X": 1}) == []
    assert read_stage_rows([[1, 2, float("nan"), None, True]])[0]["z"] == 0.0


@pytest.mark.parametrize(
    ("saved", "folder", "moved"),
    [
        (r"E:\Data\Mouse\CELL_001", "cell_001", False),
        (r"\\server\share\Mouse\Cell_001", "CELL_001", False),
        ("//server/share/cell_001/", "cell_001", False),
        (r"E:\Data\other", "cell_001", True),
        ("relative/other", "cell_001", True),
    ],
)
def test_folders_of_windows_stay_text_and_case_does_not_count(
    tmp_path: Path, saved: str, folder: str, moved: bool
) -> None:
    (tmp_path / folder).mkdir()
    told = NavigateExperiment(
        tmp_path / folder / "experiment.yml", {"Saving": {"save_directory": saved}}
    )
    assert told.folders == (tmp_path / folder,)
    assert told.was_moved is moved
    assert told.saved_in == saved


def test_a_folder_that_is_not_here_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "cell").mkdir()
    told = experiment(tmp_path / "cell", positions=[HEADER])
    told["Saving"]["save_directory"] = r"\\server\share\Cell_9"
    (tmp_path / "cell/experiment.yml").write_text(json.dumps(told))
    refused(tmp_path / "cell", r"server\\share\\Cell_9.*put it into the folder of its data")
    tiff(tmp_path / "cell/CH00_000000.tif", DATA)
    report = convert(tmp_path / "cell", tmp_path / "n.ome.zarr")
    assert any("Cell_9" in one for one in report.warnings)
    assert (
        read_store_metadata(tmp_path / "n.ome.zarr").source_experiment["Saving"] == told["Saving"]
    )


# HDF5 and NumPy


def test_arrays_in_fortran_order_big_endian_and_of_truths(tmp_path: Path) -> None:
    import h5py

    for number, data in enumerate((np.asfortranarray(DATA), DATA.astype(">u2"), DATA > 2000)):
        np.save(tmp_path / f"{number}.npy", data)
        with h5py.File(tmp_path / f"{number}.h5", "w") as file:
            file.create_dataset("a", data=data, chunks=(2, 16, 16), compression="lzf")
        for suffix in ("npy", "h5"):
            new = tmp_path / f"{number}{suffix}.ome.zarr"
            convert(tmp_path / f"{number}.{suffix}", new)
            assert np.array_equal(pixels_of(new)[0, 0], data)


def test_arrays_of_objects_and_torn_archives_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "o.npy", np.array([{}, 1], dtype=object), allow_pickle=True)
    refused(tmp_path / "o.npy", "cannot be read as NumPy's")
    np.savez(tmp_path / "o.npz", a=DATA)
    whole = (tmp_path / "o.npz").read_bytes()
    (tmp_path / "o.npz").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path / "o.npz", "cannot be read as NumPy's")
    harmed = bytearray(whole)
    harmed[300] ^= 0xFF
    (tmp_path / "o.npz").write_bytes(bytes(harmed))
    refused(tmp_path / "o.npz", "cannot be read as NumPy's")
    np.save(tmp_path / "c.npy", DATA)
    (tmp_path / "c.npy").write_bytes((tmp_path / "c.npy").read_bytes()[:-50])
    refused(tmp_path / "c.npy", "cannot be read as NumPy's")


def test_a_damaged_chunk_of_hdf5_is_named(tmp_path: Path) -> None:
    import h5py

    with h5py.File(tmp_path / "o.h5", "w") as file:
        file.create_dataset("a", data=DATA, chunks=(3, 20, 40), compression="gzip")
        at = file["a"].id.get_chunk_info(0).byte_offset
    raw = bytearray((tmp_path / "o.h5").read_bytes())
    raw[at + 5 : at + 60] = bytes(55)
    (tmp_path / "o.h5").write_bytes(bytes(raw))
    refused(tmp_path / "o.h5", r"o\.h5: a cannot be read")


# any file


def files_of_each_kind(folder: Path) -> list[tuple[Path, int]]:
    """A file, and how much of its beginning is worth harming."""
    import h5py
    import tifffile

    with h5py.File(folder / "a.h5", "w") as file:
        file.create_dataset("a", data=DATA, chunks=(1, 20, 40), compression="gzip")
    np.save(folder / "a.npy", DATA)
    np.savez(folder / "a.npz", a=DATA)
    tifffile.imwrite(folder / "imagej.tif", DATA, imagej=True, metadata={"axes": "ZYX"})
    tifffile.imwrite(folder / "a.ome.tif", DATA, metadata={"axes": "ZYX"})
    return [
        (folder / "a.h5", 5000), (folder / "a.npy", 128), (folder / "a.npz", 10**6),
        (folder / "imagej.tif", 2000), (folder / "a.ome.tif", 3000),
    ]  # fmt: skip


def test_bytes_that_were_changed_anywhere_are_one_sentence_or_nothing(tmp_path: Path) -> None:
    dice = random.Random(8)
    said = []
    for file, beginning in files_of_each_kind(tmp_path):
        whole = file.read_bytes()
        for _ in range(60):
            raw = bytearray(whole)
            for _ in range(dice.choice([1, 2, 8])):
                at = dice.randrange(min(beginning, len(raw)))
                raw[at] = dice.choice([0, 255, raw[at] ^ (1 << dice.randrange(8))])
            file.write_bytes(raw[: dice.randrange(len(raw))] if dice.random() < 0.1 else raw)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the libraries, about what they repaired
                try:
                    dry_run(file, tmp_path / "n.ome.zarr")
                except ParfocalError as problem:
                    said.append(str(problem))
        file.write_bytes(whole)
    assert len(said) > 50
    assert not [one for one in said if "\n" in one]
