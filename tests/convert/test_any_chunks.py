"""However an array is cut and however many do the work: the same pixels, each shard by one task."""

from __future__ import annotations

import os
import threading
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from zarr_stores import COMPRESSORS, multiscales, pixels_of

from parfocal.convert import Wishes, _engine, _executor, _shards, convert
from parfocal.convert._executor import do_shard
from parfocal.store import check

lengths = st.tuples(*(st.integers(1, most) for most in (5, 3, 7, 40, 50)))


@st.composite
def cuts(draw: Any) -> dict[str, Any]:
    """An array, its chunks (also larger than it is), and how the work is divided."""
    shape = draw(lengths)
    # a chunk as long as the axis, one that divides it, one that does not, one that is longer
    chunks = tuple(draw(st.integers(max(1, n // 4), n + 2)) for n in shape)
    return {
        "shape": shape,
        "chunks": chunks,
        "codec": draw(st.sampled_from(["blosc-lz4", "none", "zlib"])),
        "order": draw(st.sampled_from("CF")),
        "shard_bytes": draw(st.sampled_from([1, 2**10, 2**13, 2**26])),
        "workers": draw(st.integers(1, 9)),
        "budget": draw(st.sampled_from([2**24, 2**26, 2**30])),
        "letters": draw(st.sampled_from(["tczyx", "tpzyx"])),
        "holes": draw(st.booleans()),
    }


@given(cuts())
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_cut_gives_the_same_pixels_and_each_shard_to_one_task(
    monkeypatch: pytest.MonkeyPatch, cut: dict[str, Any]
) -> None:
    shape, letters = cut["shape"], cut["letters"]
    data = np.random.default_rng(sum(shape)).integers(0, 900, shape).astype("u2")
    done: Counter[tuple[int, tuple[int, ...]]] = Counter()
    lock = threading.Lock()

    def counted(source: Any, number: int, array: Any, shard: tuple[int, ...], *rest: Any) -> Any:
        with lock:
            done[number, shard] += 1
        return do_shard(source, number, array, shard, *rest)

    with TemporaryDirectory() as folder, monkeypatch.context() as patch:
        patch.setattr(_shards, "SHARD_BYTES", cut["shard_bytes"])
        patch.setattr(os, "cpu_count", lambda: cut["workers"])
        patch.setattr(_executor, "do_shard", counted)
        old, new = Path(folder, "o.zarr"), Path(folder, "n.ome.zarr")
        root = zarr.open_group(old, mode="w", zarr_format=2)
        options = {"order": cut["order"], "compressors": COMPRESSORS[cut["codec"]]}
        array = root.create_array("0", shape=shape, dtype="u2", chunks=cut["chunks"], **options)
        array[...] = data
        if cut["holes"]:
            (old / "0" / ".".join("0" * len(shape))).unlink()
            data[tuple(slice(0, n) for n in cut["chunks"])] = 0
        wishes = Wishes(array="0", axes=letters)
        if letters == "tczyx":
            root.attrs["multiscales"] = multiscales(letters)
            wishes = Wishes()
        report = convert(old, new, wishes, budget_bytes=cut["budget"])
        planned = [tuple(each["shape"]) for each in report.arrays]
        fields = [data] if letters == "tczyx" else [data[:, p, None] for p in range(shape[1])]
        assert planned == [one.shape for one in fields]
        for number, known in enumerate(fields):
            assert np.array_equal(pixels_of(new, number), known)
        assert set(done.values()) == {1}
        assert len({number for number, _ in done}) == len(fields)
        assert check(new, deep=True).ok


def test_no_more_shards_are_begun_than_the_workers_want(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a plan of many: what is not begun takes no memory."""
    monkeypatch.setattr(_shards, "SHARD_BYTES", 2**10)
    root = zarr.open_group(tmp_path / "o.zarr", mode="w", zarr_format=2)
    root.create_array("0", shape=(40, 1, 1, 20, 20), dtype="u2", chunks=(1, 1, 1, 20, 20))[...] = 1
    root.attrs["multiscales"] = multiscales("tczyx")
    most: list[int] = []
    wait = _engine.wait

    def noted(running: set[Any], **named: Any) -> Any:
        most.append(len(running))
        return wait(running, **named)

    monkeypatch.setattr(_engine, "wait", noted)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    convert(tmp_path / "o.zarr", tmp_path / "n.ome.zarr")
    assert max(most) == 6
