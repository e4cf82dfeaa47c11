"""Seldom or half-right Zarr stores come over as their own readers see them, or are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numcodecs
import numpy as np
import pytest
import tensorstore as ts
import zarr
from refusals import refused
from zarr_stores import multiscales, pixels_of, write_volume

from parfocal.convert import convert, dry_run
from parfocal.store import check, list_results

RNG = np.random.default_rng(11)
DATA = RNG.integers(0, 4000, (3, 20, 40)).astype("u2")


# Zarr v3

BYTES = {"name": "bytes", "configuration": {"endian": "little"}}
BIG = {"name": "bytes", "configuration": {"endian": "big"}}
ZSTD = {"name": "zstd", "configuration": {"level": 3, "checksum": False}}
BLOSC = {
    "name": "blosc",
    "configuration": {
        "cname": "lz4", "clevel": 5, "shuffle": "shuffle", "typesize": 2, "blocksize": 0,
    },
}  # fmt: skip
TURNED = {"name": "transpose", "configuration": {"order": [2, 1, 0]}}
CHAINS: dict[str, tuple[list[dict[str, Any]], str]] = {
    "raw": ([BYTES], "repack"),
    "big endian": ([BIG, ZSTD], "repack"),
    "turned": ([TURNED, BYTES, BLOSC], "repack"),
    "checksum": ([BYTES, ZSTD, {"name": "crc32c"}], "repack"),
    "twice": ([BYTES, {"name": "gzip", "configuration": {"level": 1}}, ZSTD], "repack"),
}
KEYS = [
    {"name": "default", "configuration": {"separator": "/"}},
    {"name": "default", "configuration": {"separator": "."}},
    {"name": "v2", "configuration": {"separator": "."}},
    {"name": "v2", "configuration": {"separator": "/"}},
    {"name": "default"},
    {"name": "v2"},
]


def v3_array(path: Path, data: np.ndarray, codecs: list[Any], key: Any, fill: Any) -> None:
    """As TensorStore writes it; one chunk is left out."""
    metadata = {
        "shape": list(data.shape),
        "data_type": data.dtype.name,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [2, 16, 32]}},
        "chunk_key_encoding": key,
        "codecs": codecs,
        "fill_value": fill,
    }
    kvstore = {"driver": "file", "path": f"{path.as_posix()}/"}
    array = ts.open(
        {"driver": "zarr3", "kvstore": kvstore, "metadata": metadata}, create=True
    ).result()
    array[...] = data
    data[:2, :16, :32] = array.fill_value
    array[:2, :16, :32] = data[:2, :16, :32]


@pytest.mark.parametrize("key", KEYS, ids=str)
@pytest.mark.parametrize("chain", CHAINS)
def test_zarr_v3_chains_and_names_of_chunks(tmp_path: Path, chain: str, key: Any) -> None:
    codecs, action = CHAINS[chain]
    data = DATA.copy()
    v3_array(tmp_path / "o.zarr", data, codecs, key, 7)
    report = convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    assert [each["action"] for each in report.arrays] == [action]
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr")[0, 0], data)
    assert check(tmp_path / "n.ome.zarr", deep=True).ok


@pytest.mark.parametrize(
    ("dtype", "fill"),
    [("bool", True), ("uint8", 3), ("int8", -1), ("float32", "NaN"), ("float16", "0x7e01"),
     ("float64", "-Infinity"), ("uint64", 2**63), ("int64", -(2**63))],
)  # fmt: skip
def test_zarr_v3_types_and_fill_values(tmp_path: Path, dtype: str, fill: Any) -> None:
    data = (DATA % 2).astype(dtype)
    codecs = [{"name": "bytes"}] if np.dtype(dtype).itemsize == 1 else [BYTES, ZSTD]
    v3_array(tmp_path / "o.zarr", data, codecs, KEYS[0], fill)
    convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    found = pixels_of(tmp_path / "n.ome.zarr")[0, 0]
    assert np.array_equal(found, data, equal_nan=data.dtype.kind == "f")


def test_an_order_by_a_letter_is_that_of_early_zarr_v3(tmp_path: Path) -> None:
    data = DATA.copy()
    v3_array(tmp_path / "o.zarr", data, [TURNED, BYTES], KEYS[0], 0)
    file = tmp_path / "o.zarr/zarr.json"
    told = json.loads(file.read_text())
    told["codecs"][0]["configuration"]["order"] = "F"
    file.write_text(json.dumps(told))
    report = convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    assert report.arrays[0]["action"] == "transcode"
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr")[0, 0], data)


def test_what_zarr_v3_knows_and_nobody_here_does_is_named(tmp_path: Path) -> None:
    v3_array(tmp_path / "o.zarr", DATA.copy(), [BYTES], KEYS[0], 0)
    file = tmp_path / "o.zarr/zarr.json"
    whole = json.loads(file.read_text())
    for change in (
        {"codecs": [BYTES, {"name": "numcodecs.zlib", "configuration": {"level": 1}}]},
        {"chunk_grid": {"name": "rectilinear", "configuration": {}}},
        {"codecs": []},
        {"data_type": "r16"},
        {"codecs": "zstd"},
        {"shape": [3, 20]},
    ):
        file.write_text(json.dumps({**whole, **change}))
        refused(tmp_path / "o.zarr", r"o\.zarr.* (cannot be opened|makes no sense)")


@pytest.mark.parametrize("start", ["meta/root.array.json", "meta/root/image.group.json"])
def test_a_draft_of_zarr_v3_without_its_entry_is_still_known(tmp_path: Path, start: str) -> None:
    (tmp_path / "o.zarr" / start).parent.mkdir(parents=True)
    (tmp_path / "o.zarr" / start).write_text("{}")
    (tmp_path / "o.zarr/data/root/c0").mkdir(parents=True)
    refused(tmp_path / "o.zarr", "draft of Zarr v3")


def test_consolidated_metadata_of_v3_is_not_believed(tmp_path: Path) -> None:
    root = zarr.open_group(tmp_path / "o.zarr", mode="w", zarr_format=3)
    root.create_array("0", data=DATA)
    root.attrs["ome"] = {"version": "0.5", "multiscales": multiscales("zyx")}
    with pytest.warns(zarr.errors.ZarrUserWarning):
        zarr.consolidate_metadata(tmp_path / "o.zarr")
    file = tmp_path / "o.zarr/zarr.json"
    told = json.loads(file.read_text())
    told["consolidated_metadata"]["metadata"]["0"]["shape"] = [1, 1, 1]
    file.write_text(json.dumps(told))
    convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr")[0, 0], DATA)


# Zarr v2


HARMS = ("cut short", "overwritten", "empty", "flipped")
# lz4 has no checksum: what is flipped in its literals are other pixels
HARMED = [
    (codec, harm)
    for codec in ("zlib", "bz2", "lzma", "lz4", "shuffled gzip")
    for harm in HARMS
    if (codec, harm) != ("lz4", "flipped")
]


@pytest.mark.parametrize(("codec", "harm"), HARMED)
def test_what_a_decoder_says_of_a_damaged_chunk_is_one_sentence(
    tmp_path: Path, codec: str, harm: str
) -> None:
    codecs = {
        "zlib": numcodecs.Zlib(1),
        "bz2": numcodecs.BZ2(1),
        "lzma": numcodecs.LZMA(),
        "lz4": numcodecs.LZ4(),
        "shuffled gzip": numcodecs.GZip(1),
    }
    root = zarr.open_group(tmp_path / "o.zarr", mode="w", zarr_format=2)
    options: dict[str, Any] = {}
    if codec.startswith("shuffled"):
        options["filters"] = [numcodecs.Shuffle(2)]
    root.create_array(
        "0", shape=DATA.shape, dtype="u2", chunks=(3, 20, 40), compressors=codecs[codec], **options
    )[...] = DATA
    chunk = tmp_path / "o.zarr/0/0.0.0"
    raw = chunk.read_bytes()
    middle = len(raw) // 2
    chunk.write_bytes(
        {
            "cut short": raw[:middle],
            "overwritten": b"\x07" * 20,
            "empty": b"",
            "flipped": raw[:middle] + bytes([raw[middle] ^ 0xFF]) + raw[middle + 1 :],
        }[harm]
    )
    refused(tmp_path / "o.zarr", r"0/0\.0\.0")


def test_a_v2_array_of_structures_or_texts_is_passed_over_and_said(tmp_path: Path) -> None:
    formats: tuple[Any, ...] = (2, 3)
    for zarr_format in formats:
        path = tmp_path / f"o{zarr_format}.zarr"
        root = zarr.open_group(path, mode="w", zarr_format=zarr_format)
        root.create_array("words", shape=(90_000,), dtype=str, chunks=(90_000,))
        root.create_array("table", shape=(90_000,), dtype="f8", chunks=(90_000,))
        root.create_array("stack", data=DATA)
        new = tmp_path / f"n{zarr_format}.ome.zarr"
        report = convert(path, new)
        assert np.array_equal(pixels_of(new)[0, 0], DATA)
        assert any("words" in one and "passed over" in one for one in report.warnings)


def test_a_store_of_nothing_but_texts_says_why_it_is_none(tmp_path: Path) -> None:
    root = zarr.open_group(tmp_path / "o.zarr", mode="w", zarr_format=3)
    root.create_array("words", shape=(9,), dtype=str, chunks=(9,))
    refused(tmp_path / "o.zarr", "words")


# results without the older namespace


@pytest.mark.parametrize("kind", ["images", "data"])
def test_results_without_the_namespace_come_over(tmp_path: Path, kind: str) -> None:
    root = zarr.open_group(tmp_path / "o.zarr", mode="w", zarr_format=2)
    if kind == "images":
        root.create_array("0", data=DATA)
        root.attrs["multiscales"] = multiscales("zyx")
    else:
        root.create_array("data", data=DATA[None, None])
    found = root.create_array("results/particles/latest/found", data=np.arange(90_000.0))
    found.attrs["source_component"] = "0" if kind == "images" else "data"
    root.create_array("notes", data=np.arange(4))
    report = convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    new = tmp_path / "n.ome.zarr"
    assert np.array_equal(pixels_of(new)[0, 0], DATA)
    kept = zarr.open_array(new / "parfocal/results/legacy/particles/latest/found", mode="r")
    assert np.array_equal(np.asarray(kept[...]), np.arange(90_000.0))
    assert kept.attrs["source_component"] == "A/1/0/0"
    assert any("notes is no image and no result" in one for one in report.warnings)
    assert check(new, deep=True).ok
    assert list_results(new) is not None


def test_levels_below_a_folder_called_results_are_no_results(tmp_path: Path) -> None:
    root = zarr.open_group(tmp_path / "o.zarr", mode="w", zarr_format=2)
    root.create_array("results/0", data=DATA)
    told = multiscales("zyx")
    told[0]["datasets"][0]["path"] = "results/0"
    root.attrs["multiscales"] = told
    report = convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    assert [each["path"] for each in report.arrays] == ["A/1/0/0"]
    assert np.array_equal(pixels_of(tmp_path / "n.ome.zarr")[0, 0], DATA)


def test_an_array_beside_images_that_nobody_names_is_said(tmp_path: Path) -> None:
    write_volume(tmp_path / "o.zarr")
    root = zarr.open_group(tmp_path / "o.zarr", mode="a", zarr_format=2)
    root.create_array("flatfield", data=DATA)
    report = dry_run(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    assert any("flatfield is no image and no result" in one for one in report.warnings)
