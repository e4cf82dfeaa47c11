"""What a source holds is read once, decoded once, and written chunk by chunk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from threading import Event
from typing import Any

import h5py
import numcodecs
import numpy as np
import pytest
import tifffile
import zarr
from zarr_stores import multiscales, pixels_of, write_volume

from parfocal.convert import ConvertError, Wishes, convert
from parfocal.convert import _hdf5_chunks as hdf5
from parfocal.convert import _shards as shards
from parfocal.convert._raw_pixels import RawPixels
from parfocal.convert._shard_file import shard_file
from parfocal.convert._zarr2 import Zarr2Array
from parfocal.store import check

DEEP = (2, 3, 24, 96, 128)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that small arrays have many shards, and shards several blocks."""
    monkeypatch.setattr(shards, "SHARD_BYTES", 2**17)
    monkeypatch.setattr(shards, "BLOCK_BYTES", 2**15)
    monkeypatch.setattr(shards, "SMALL_BLOCK_BYTES", 2**13)
    monkeypatch.setattr(shards, "SIDE", 32)
    monkeypatch.setattr(shards, "LEAST_SIDE", 16)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[Any]:
    """How often each chunk of a Zarr v2 array was read."""
    count: Counter[Any] = Counter()
    raw = Zarr2Array.raw

    def counted(self: Zarr2Array, position: tuple[int, ...]) -> bytes | None:
        count[position] += 1
        return raw(self, position)

    monkeypatch.setattr(Zarr2Array, "raw", counted)
    return count


def numbers(shape: tuple[int, ...], dtype: str = "<u2") -> np.ndarray:
    return np.random.default_rng(2).integers(1, 900, shape).astype(dtype)


@pytest.mark.parametrize(
    "chunks",
    [
        (1, 1, 1, 96, 128),
        (1, 1, 8, 32, 32),
        (1, 1, 24, 16, 64),
        (2, 1, 1, 32, 128),
        (1, 3, 4, 32, 32),
        (2, 3, 24, 96, 128),
        (1, 1, 5, 32, 64),
    ],
)
def test_no_chunk_of_a_source_is_decoded_twice(
    tmp_path: Path, chunks: tuple[int, ...], small_blocks: None, asked: Counter[Any]
) -> None:
    data = numbers(DEEP)
    group = zarr.open_group(tmp_path / "old.zarr", mode="w", zarr_format=2)
    options: dict[str, Any] = {"compressors": numcodecs.Zlib(1), "chunks": chunks}
    group.create_array("0", data=data, **options)
    group.attrs["multiscales"] = multiscales("tczyx")
    convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr")
    assert len(asked) == np.prod([-(-n // m) for n, m in zip(DEEP, chunks, strict=True)])
    assert set(asked.values()) == {1}
    assert np.array_equal(pixels_of(tmp_path / "new.ome.zarr"), data)
    assert check(tmp_path / "new.ome.zarr", deep=True).ok


def test_a_chunk_that_is_taken_over_is_read_once(
    tmp_path: Path, small_blocks: None, asked: Counter[Any]
) -> None:
    data = write_volume(tmp_path / "old.zarr")
    convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr")
    assert len(asked) == 6 * 2 * 2 * 2 * 2
    assert set(asked.values()) == {1}
    assert np.array_equal(pixels_of(tmp_path / "new.ome.zarr"), data)


def test_a_large_page_is_decoded_strip_by_strip_and_each_once(
    tmp_path: Path, small_blocks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from parfocal.convert import _tiff_source

    monkeypatch.setattr(_tiff_source, "LARGEST_PAGE", 1000)
    data = numbers((2, 192, 160))
    tifffile.imwrite(tmp_path / "w.tif", data, compression="zlib", rowsperstrip=16)
    decoded: Counter[int] = Counter()
    decode = tifffile.TiffPage.decode

    def counted(page: Any) -> Callable[..., Any]:
        inner = decode.func(page) if hasattr(decode, "func") else decode.__get__(page)

        def one(data: Any, index: int, **options: Any) -> Any:
            decoded[index] += 1
            return inner(data, index, **options)

        return one

    monkeypatch.setattr(tifffile.TiffPage, "decode", property(counted))
    convert(tmp_path / "w.tif", tmp_path / "w.ome.zarr", Wishes(axes="zyx"))
    assert np.array_equal(pixels_of(tmp_path / "w.ome.zarr")[0, 0], data)
    assert len(decoded) == 192 // 16
    assert set(decoded.values()) == {2}  # one of each page


@pytest.mark.parametrize(
    "region", [np.s_[2:4, 0:30, 0:50], np.s_[0:6, 3:7, 0:50], np.s_[1:3, 4:9, 7:8]]
)
@pytest.mark.parametrize("dtype", ["<u2", ">f4", "u1"])
def test_any_region_of_uncompressed_pixels(
    tmp_path: Path, region: tuple[slice, ...], dtype: str
) -> None:
    data = numbers((6, 30, 50), dtype)
    (tmp_path / "raw").write_bytes(b"head" + data.tobytes())
    read = RawPixels(tmp_path / "raw", np.dtype(dtype), 4, data.shape).read(region)
    assert read.dtype == data.dtype
    assert np.array_equal(read, data[region])


def test_a_file_that_becomes_shorter_is_named_and_kills_nobody(tmp_path: Path) -> None:
    data = numbers((6, 30, 50))
    file = tmp_path / "raw"
    file.write_bytes(data.tobytes())
    pixels = RawPixels(file, data.dtype, 0, data.shape)
    file.write_bytes(data.tobytes()[:4000])
    with pytest.raises(ConvertError, match="raw was cut short"):
        pixels.read(np.s_[0:6, 0:30, 0:50])


@pytest.mark.parametrize("order", "CF")
def test_an_array_of_numpy_in_either_order_comes_over(tmp_path: Path, order: Any) -> None:
    data = numbers((3, 40, 50), ">i4")
    np.save(tmp_path / "a.npy", np.asarray(data, order=order))
    convert(tmp_path / "a.npy", tmp_path / "a.ome.zarr", Wishes(axes="zyx"))
    assert np.array_equal(pixels_of(tmp_path / "a.ome.zarr")[0, 0], data)


@pytest.mark.parametrize("shuffle", [False, True])
def test_chunks_of_hdf5_are_decoded_as_hdf5_does(tmp_path: Path, shuffle: bool) -> None:
    data = numbers((20, 70, 90), ">u2")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        options: dict[str, Any] = {"compression": "gzip", "shuffle": shuffle}
        dataset = file.create_dataset(
            "v", data.shape, data.dtype, chunks=(8, 32, 32), fillvalue=7, **options
        )
        dataset[:, 32:] = data[:, 32:]
        dataset.id.write_direct_chunk((0, 0, 0), data[:8, :32, :32].tobytes(), 3 if shuffle else 1)
        for region in (np.s_[0:20, 0:70, 0:90], np.s_[3:9, 10:40, 31:33], np.s_[0:8, 0:32, 0:32]):
            found = hdf5.read_dataset(dataset, region)
            assert found.dtype == data.dtype
            assert np.array_equal(found, dataset[region])
    convert(tmp_path / "a.h5", tmp_path / "a.ome.zarr", Wishes(axes="zyx"))
    expected = data.copy()
    expected[:, :32] = 7
    expected[:8, :32, :32] = data[:8, :32, :32]
    assert np.array_equal(pixels_of(tmp_path / "a.ome.zarr")[0, 0], expected)


def test_a_damaged_chunk_of_hdf5_is_named_and_nothing_is_kept(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        dataset = file.create_dataset("v", data=numbers((4, 64, 64)), compression="gzip")
        place = dataset.id.get_chunk_info(0)
    with (tmp_path / "a.h5").open("r+b") as raw:
        raw.seek(place.byte_offset + place.size // 2)
        raw.write(b"\xff" * 9)
    with pytest.raises(ConvertError, match=r"a\.h5: v cannot be read"):
        convert(tmp_path / "a.h5", tmp_path / "a.ome.zarr", Wishes(axes="zyx"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.h5"]


def test_a_chunk_of_zarr_3_whose_checksum_is_wrong_is_named(tmp_path: Path) -> None:
    group = zarr.open_group(tmp_path / "old.zarr", mode="w", zarr_format=3)
    codecs = [zarr.codecs.BloscCodec(cname="lz4"), zarr.codecs.Crc32cCodec()]
    group.create_array(
        "0", data=numbers((1, 1, 2, 32, 32)), chunks=(1, 1, 1, 32, 32), compressors=codecs
    )
    group.attrs["ome"] = {"version": "0.5", "multiscales": multiscales("tczyx")}
    chunk = tmp_path / "old.zarr/0/c/0/0/1/0/0"
    raw = bytearray(chunk.read_bytes())
    raw[len(raw) // 2] ^= 1
    chunk.write_bytes(raw)
    wrong = "0/1/0/0 is damaged: its checksum is not that of its bytes"
    with pytest.raises(ConvertError, match=wrong):
        convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.zarr"]


class Careless(FileIO):
    """A disk that does not keep what it is given."""

    def write(self, given: Any) -> int:
        raw = bytearray(given)
        raw[len(raw) // 2] ^= 4
        return super().write(raw)


@pytest.mark.parametrize("size", [100, 3 * 2**20])
def test_a_disk_that_keeps_something_else_is_found_out_at_once(tmp_path: Path, size: int) -> None:
    def write() -> None:
        with shard_file(tmp_path / "c", 1) as shard:
            shard.stream = Careless(tmp_path / "c.other", "w+b")
            shard.add(0, bytes(size))

    with pytest.raises(ConvertError, match="does not hold what was written"):
        write()
    assert not (tmp_path / "c").exists()


def test_a_shard_that_was_altered_since_is_done_again(tmp_path: Path, small_blocks: None) -> None:
    data = write_volume(tmp_path / "old.zarr", compressors=numcodecs.Zlib(1))
    cancelled = Event()
    with pytest.raises(ConvertError, match="cancelled"):
        convert(
            tmp_path / "old.zarr",
            tmp_path / "new.ome.zarr",
            tell=lambda way: cancelled.set() if way.fraction > 0.5 else None,
            cancelled=cancelled,
        )
    done = [file for file in tmp_path.rglob("c/**/*") if file.is_file()]
    assert done
    for file in done:  # the journal knows of most of them
        raw = bytearray(file.read_bytes())
        raw[len(raw) // 2] ^= 1
        file.write_bytes(raw)
    report = convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr")
    assert report.resumed
    assert np.array_equal(pixels_of(tmp_path / "new.ome.zarr"), data)
    assert check(tmp_path / "new.ome.zarr", deep=True).ok


def test_a_conversion_that_is_cancelled_before_its_last_check_is_not_published(
    tmp_path: Path, small_blocks: None
) -> None:
    """A batch holds it where it tells how far it is, and the last such place is that check."""
    data = write_volume(tmp_path / "old.zarr", compressors=numcodecs.Zlib(1))
    cancelled = Event()
    with pytest.raises(ConvertError, match="cancelled"):
        convert(
            tmp_path / "old.zarr",
            tmp_path / "new.ome.zarr",
            tell=lambda way: cancelled.set() if way.what == "checking" else None,
            cancelled=cancelled,
        )
    assert not (tmp_path / "new.ome.zarr").exists()
    report = convert(tmp_path / "old.zarr", tmp_path / "new.ome.zarr")
    assert report.resumed
    assert np.array_equal(pixels_of(tmp_path / "new.ome.zarr"), data)
