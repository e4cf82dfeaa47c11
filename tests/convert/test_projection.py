"""A projection that is made while a volume is converted has the pixels of one made afterwards."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from zarr_stores import pixels_of, write_volume

from parfocal.convert import ConvertError, Projection, Way, Wishes, convert, dry_run
from parfocal.store import StoreError, check, export

pytestmark = pytest.mark.usefixtures("small_shards")
LAYER = "A/1/0/0"


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    shape=st.tuples(*(st.integers(1, n) for n in (2, 2, 7, 90, 150))),
    dtype=st.sampled_from(["u1", "<u2", ">u2", "<i2", "<f4"]),
    stops=st.integers(0, 4),
    seed=st.integers(0, 99),
)
def test_it_is_the_largest_along_z_also_of_a_conversion_that_was_interrupted(
    shape: tuple[int, ...], dtype: str, stops: int, seed: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pixels = np.random.default_rng(seed).integers(-90, 90, shape).astype(dtype)
        np.save(folder / "a.npy", pixels)
        wishes = Wishes(axes="tczyx")
        for _ in range(stops):
            cancelled = Event()

            def stop(way: Way, ends: Event = cancelled) -> None:
                if way.done_bytes:
                    ends.set()

            with contextlib.suppress(ConvertError):
                convert(
                    folder / "a.npy",
                    folder / "n.ome.zarr",
                    wishes,
                    tell=stop,
                    cancelled=cancelled,
                    threads=1,
                    onlooker=Projection(),
                )
        made = Projection()
        if not (folder / "n.ome.zarr").exists():
            convert(folder / "a.npy", folder / "n.ome.zarr", wishes, onlooker=made)
        else:  # it was done before anybody could stop it
            convert(folder / "a.npy", folder / "m.ome.zarr", wishes, onlooker=made)
        assert np.array_equal(made.planes[LAYER], pixels.max(axis=2, keepdims=True))
        export(folder / "n.ome.zarr", folder / "read.tif", mip="z")
        export(folder / "n.ome.zarr", folder / "made.tif", mip="z", made=made.planes)
        read, told = (tifffile.imread(folder / f"{one}.tif") for one in ("read", "made"))
        assert (read.dtype, read.tobytes()) == (told.dtype, told.tobytes())


def test_what_is_too_large_or_not_decoded_is_left_to_the_store(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones((3, 8, 64, 64), "u2"))
    small = Projection(most_bytes=3 * 64 * 64 * 2 - 1)
    convert(tmp_path / "a.npy", tmp_path / "a.ome.zarr", Wishes(axes="tzyx"), onlooker=small)
    assert small.planes == {}
    write_volume(tmp_path / "old.zarr")
    repacked = Projection()
    convert(tmp_path / "old.zarr", tmp_path / "b.ome.zarr", onlooker=repacked)
    assert repacked.planes == {}
    odd = {LAYER: np.zeros((1, 1, 1, 2, 2), "u2")}
    with pytest.raises(StoreError, match="is no projection of"):
        export(tmp_path / "a.ome.zarr", tmp_path / "m.tif", mip="z", made=odd)
    assert not (tmp_path / "m.tif").exists()


@pytest.mark.parametrize("codec", ["zstd", "none"])
def test_another_codec_and_other_shards_are_what_was_asked_for(tmp_path: Path, codec: str) -> None:
    pixels = np.random.default_rng(1).poisson(90, (9, 64, 80)).astype("u2")
    np.save(tmp_path / "a.npy", pixels)
    wishes = Wishes(axes="zyx", codec=codec, shard_bytes=3 * 64 * 80 * 2)
    assert Wishes.from_json(wishes.as_json()) == wishes
    store = tmp_path / "n.ome.zarr"
    dry_run(tmp_path / "a.npy", store, wishes)
    convert(tmp_path / "a.npy", store, wishes)
    assert np.array_equal(pixels_of(store)[0, 0], pixels)
    assert check(store, deep=True).ok
    assert len([path for path in (store / LAYER / "c").rglob("*") if path.is_file()]) == 3
    document = (store / LAYER / "zarr.json").read_text()
    assert ('"blosc"' in document, '"zstd"' in document) == (codec == "zstd", codec == "zstd")
